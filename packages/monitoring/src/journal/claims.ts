import type { AbandonedFolder } from './abandoned-folder.ts';
import { AbandonedFolders, type AbandonedFoldersOptions } from './abandoned-folders.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { HeldFolder } from './held-folder.ts';
import { removeOldNotes } from './limits.ts';
import { takeOver } from './take-over.ts';
import type { Troubles } from './troubles.ts';

const STALE_AFTER_MS = 60_000;
const OTHER_STREAMS_AFTER_MS = 15_000;

/** Parts of {@link Claims}. */
export interface ClaimsOptions extends Pick<AbandonedFoldersOptions, 'place' | 'identity' | 'stream' | 'clock'> {
  /** See {@link AbandonedFoldersOptions.staleAfterMs}. Default 60,000. */
  readonly staleAfterMs?: number | undefined;
  /** See {@link AbandonedFoldersOptions.otherStreamsAfterMs}. Default 15,000. */
  readonly otherStreamsAfterMs?: number | undefined;
  /** Touches what is held. */
  readonly heartbeat: Heartbeat;
  /** Told of what cannot be read or taken. */
  readonly troubles: Troubles;
  /** Ends everything. */
  readonly abortSignal: AbortSignal;
}

/** Takes over what dead processes left, and holds it until it is released. */
export class Claims {
  readonly #options: ClaimsOptions;
  readonly #abandoned: AbandonedFolders;
  readonly #claimed = new Map<HeldFolder, AbandonedFolder>();

  /** @param options Its parts. */
  constructor(options: ClaimsOptions) {
    const { staleAfterMs = STALE_AFTER_MS, otherStreamsAfterMs = OTHER_STREAMS_AFTER_MS } = options;
    this.#options = options;
    this.#abandoned = new AbandonedFolders({ ...options, staleAfterMs, otherStreamsAfterMs });
  }

  /**
   * Takes over what is there now. Never rejects.
   *
   * @param own The folder of the one who takes, if there is one.
   */
  async claim(own: HeldFolder | undefined): Promise<readonly AbandonedFolder[]> {
    const { place, troubles, abortSignal } = this.#options;
    const found: AbandonedFolder[] = [];
    let failure: unknown;
    try {
      place.open();
      const names = await this.#abandoned.find(own, abortSignal);
      removeOldNotes(place, own?.heartbeat());
      for (const name of names) {
        try {
          const folder = await this.#take(name);
          if (folder !== undefined) {
            found.push(folder);
          }
        } catch (error) {
          failure = error;
        }
      }
    } catch (error) {
      failure = error;
    }
    if (failure === undefined) {
      troubles.passed('claim');
    } else {
      troubles.cannotClaim(failure);
    }
    return found;
  }

  /** Lets go of everything: removes what is done, leaves the rest to others. Never throws. */
  end(): void {
    for (const folder of this.#claimed.values()) {
      folder.end(true);
    }
  }

  async #take(name: string): Promise<AbandonedFolder | undefined> {
    const { heartbeat, abortSignal } = this.#options;
    if (abortSignal.aborted) {
      return undefined;
    }
    const folder = await takeOver(name, {
      ...this.#options,
      onHeld: (held) => heartbeat.add(held),
      onReleased: (held) => {
        heartbeat.remove(held);
        this.#claimed.delete(held);
      },
    });
    if (folder !== undefined && abortSignal.aborted) {
      folder.end(true);
      return undefined;
    }
    if (folder !== undefined) {
      this.#claimed.set(folder.held, folder);
    }
    return folder;
  }
}
