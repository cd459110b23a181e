import { type Clock, sleep } from '@azureml-ts/common';
import { type StreamIdentity, streamPrefix } from '../format/blob-path.ts';
import { FREE_MARK, type HeldFolder, heartbeatOf } from './held-folder.ts';
import { isPrivate, type JournalPlace } from './journal-place.ts';
import { readFolderOwner } from './own-folder.ts';
import { isOwnerId, judge, type ProcessIdentity } from './process-identity.ts';

/** Parts of {@link AbandonedFolders}. */
export interface AbandonedFoldersOptions {
  /** Where they are. */
  readonly place: JournalPlace;
  /** Who looks. */
  readonly identity: ProcessIdentity;
  /** Whose rows come first. */
  readonly stream: StreamIdentity;
  /** The time. */
  readonly clock: Clock;
  /** After how long without a heartbeat a process counts as dead of which nothing else can be seen, in milliseconds. */
  readonly staleAfterMs: number;
  /** For how long a folder of another stream must have been abandoned, in milliseconds. */
  readonly otherStreamsAfterMs: number;
}

/** Finds the folders of processes that have ended, and remembers for how long they have been seen so. */
export class AbandonedFolders {
  readonly #options: AbandonedFoldersOptions;
  /** Since when a folder is known to be abandoned, by the local clock. */
  readonly #abandoned = new Map<string, { at: number }>();
  /** Since when a heartbeat stands still, by the local clock. */
  readonly #still = new Map<string, { at: number; readonly heartbeat: number }>();

  /** @param options Its parts. */
  constructor(options: AbandonedFoldersOptions) {
    this.#options = options;
  }

  /**
   * Looks for folders that may be taken over.
   *
   * @param own A folder of ours, whose heartbeat tells the time by the clock of the file system. Without one, a
   *   heartbeat is watched until it has stood still for long enough.
   * @param abortSignal Ends the look.
   * @returns Their names, those of our own stream first.
   * @throws What the file system says.
   */
  async find(own: HeldFolder | undefined, abortSignal: AbortSignal): Promise<string[]> {
    const { place, identity } = this.#options;
    const names = place.names().filter((name) => isOwnerId(holderOf(name)));
    forget(this.#abandoned, names);
    forget(this.#still, names);
    own?.touch();
    const now = own?.heartbeat();
    const ended: string[] = [];
    const silent: string[] = [];
    for (const name of names) {
      const verdict = name.endsWith(FREE_MARK) ? 'dead' : judge(name, identity);
      if (verdict === 'unsure' && this.#isSilent(name, now)) {
        silent.push(name);
      } else if (verdict === 'dead' || verdict === 'left') {
        ended.push(name);
      }
    }
    ended.push(...(await this.#confirm(silent, abortSignal)));
    return this.#ours(ended.filter((name) => isPrivate(place.pathOf(name))));
  }

  #isSilent(name: string, now: number | undefined): boolean {
    const { place, staleAfterMs } = this.#options;
    const heartbeat = heartbeatOf(place.pathOf(name));
    if (heartbeat === undefined) {
      return false;
    }
    let still = this.#still.get(name);
    if (still?.heartbeat !== heartbeat) {
      still = { at: this.#options.clock.now(), heartbeat };
      this.#still.set(name, still);
    }
    return (now !== undefined && now - heartbeat > staleAfterMs) || this.#elapsed(still) > staleAfterMs;
  }

  /** A clock that was set, or a machine that slept, makes every heartbeat look old until the next one. */
  async #confirm(silent: readonly string[], abortSignal: AbortSignal): Promise<string[]> {
    const { place, clock, staleAfterMs } = this.#options;
    if (silent.length === 0) {
      return [];
    }
    try {
      await sleep(staleAfterMs / 10, { abortSignal, clock });
    } catch {
      return [];
    }
    return silent.filter((name) => heartbeatOf(place.pathOf(name)) === this.#still.get(name)?.heartbeat);
  }

  /** Rows of another stream are left to its own collectors first: they know best what there is to say about them. */
  #ours(names: readonly string[]): string[] {
    const { place, stream, otherStreamsAfterMs } = this.#options;
    const ours: string[] = [];
    const others: string[] = [];
    for (const name of names) {
      const since = this.#abandoned.get(name) ?? { at: this.#options.clock.now() };
      this.#abandoned.set(name, since);
      if (streamOf(place.pathOf(name)) === streamPrefix(stream)) {
        ours.push(name);
      } else if (this.#elapsed(since) >= otherStreamsAfterMs) {
        others.push(name);
      }
    }
    return [...ours, ...others];
  }

  #elapsed(since: { at: number }): number {
    const now = this.#options.clock.now();
    // The clock was set back: count anew.
    since.at = Math.min(since.at, now);
    return now - since.at;
  }
}

/** Name that a folder's holder has, or had. */
function holderOf(name: string): string {
  return name.endsWith(FREE_MARK) ? name.slice(0, -FREE_MARK.length) : name;
}

function streamOf(folder: string): string | undefined {
  try {
    const owner = readFolderOwner(folder);
    return owner && streamPrefix(owner.stream);
  } catch {
    return undefined;
  }
}

function forget(seen: Map<string, unknown>, names: readonly string[]): void {
  for (const name of seen.keys()) {
    if (!names.includes(name)) {
      seen.delete(name);
    }
  }
}
