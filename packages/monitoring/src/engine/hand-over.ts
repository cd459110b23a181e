import type { UtcDay } from '../format/blob-path.ts';
import type { Journal, JournalCounters, JournalWrite } from '../journal/journal-types.ts';
import { keyText } from './batch.ts';
import type { FileQueue } from './file-queue.ts';
import { type Leaving, NO_RUNS } from './queued-slice.ts';

/**
 * Settles what belongs to whom after another process has taken our journal for that of a dead one: the slices that it
 * has read are its own; the others are still ours and are written to a journal anew.
 *
 * @param queues All queues of the engine.
 * @param journal The journal that was taken.
 * @param counters What the journal keeps of the counts of a day.
 * @returns What the other process has now.
 */
export async function handOver(
  queues: readonly FileQueue[],
  journal: Journal,
  counters: (day: UtcDay) => JournalCounters,
): Promise<Leaving> {
  // What runs has noted its intent before the journal was taken, and its outcome is known when it has ended.
  await Promise.allSettled(queues.filter(({ isBusy }) => isBusy).map((queue) => queue.drain(undefined)));
  const taken = await journal.settleTaken();
  let rowCount = 0;
  let byteLength = 0;
  for (const queue of queues) {
    const left = queue.handOver(taken.get(keyText(queue.key)) ?? 0);
    rowCount += left.rowCount;
    byteLength += left.byteLength;
    for (const entry of queue.entries) {
      entry.isDurable = isWritten(journal.write(queue.key, entry.slice, counters(queue.key.day)));
    }
  }
  return { rowCount, byteLength, runs: NO_RUNS };
}

/**
 * Whether a slice may be in a journal. One that was written while another process took the folder over may be among those
 * that it has read: until that is settled it must not be sent as one that only memory has.
 */
export function isWritten(written: JournalWrite | undefined): boolean {
  return written === 'durable' || written === 'taken';
}
