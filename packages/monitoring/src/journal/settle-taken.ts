import { type Clock, sleep } from '@azureml-ts/common';
import { FREE_MARK, HeldFolder } from './held-folder.ts';
import type { JournalPlace } from './journal-place.ts';
import { type Limits, readLimits, readTombstone } from './limits.ts';
import { readFolderOwner } from './own-folder.ts';
import { judge, newOwnerId, type ProcessIdentity } from './process-identity.ts';

/** How long a process may take between taking a folder over and saying so, in milliseconds. */
const PATIENCE_MS = 5_000;
const POLL_MS = 50;

/** A folder of ours that was taken over. */
export interface LostFolder {
  /** The name it had. */
  readonly id: string;
  /** By text of the key, the last slice that we have written there. */
  readonly lastNumbers: Limits;
}

/** Parts of {@link settleTaken}. */
export interface SettleOptions {
  /** Where it was. */
  readonly place: JournalPlace;
  /** Who we are. */
  readonly identity: ProcessIdentity;
  /** The time. */
  readonly clock: Clock;
  /** Ends the wait. */
  readonly abortSignal: AbortSignal;
}

/**
 * Finds out which slices of a folder are no longer ours.
 *
 * The process that took it leaves a note. When it has died before, the folder is taken back, and left, as it is, to
 * whoever looks for such folders next: everything in it is settled in one place then.
 *
 * @param lost The folder.
 * @param options Where it was, and who we are.
 * @returns By text of the key, the last slice that is not ours. Empty when folder and note have vanished.
 */
export async function settleTaken(lost: LostFolder, options: SettleOptions): Promise<Limits> {
  const { place, clock, abortSignal } = options;
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const isOver = waitedMs >= PATIENCE_MS || abortSignal.aborted;
    try {
      const settled = readTombstone(place, lost.id) ?? takeBack(lost, isOver, options);
      if (settled !== undefined) {
        return settled;
      }
    } catch {
      // The disk refuses to say: perhaps not the next time.
    }
    if (isOver) {
      return new Map();
    }
    await sleep(POLL_MS, { abortSignal, clock }).catch(() => undefined);
  }
}

function takeBack(lost: LostFolder, isOver: boolean, { place, identity }: SettleOptions): Limits | undefined {
  const name = place.names().find((candidate) => isMadeAs(lost.id, place.pathOf(candidate)));
  if (name === undefined || !(isOver || name.endsWith(FREE_MARK) || judge(name, identity) === 'dead')) {
    return undefined;
  }
  const folder = HeldFolder.take(place, name, newOwnerId(identity));
  if (folder === undefined) {
    return undefined;
  }
  try {
    // Whoever had it may have got so far meanwhile.
    return readTombstone(place, lost.id) ?? readLimits(folder.path) ?? lost.lastNumbers;
  } finally {
    folder.release(lost.id);
  }
}

function isMadeAs(ownerId: string, folder: string): boolean {
  try {
    return readFolderOwner(folder)?.id === ownerId;
  } catch {
    // What is no folder.
    return false;
  }
}
