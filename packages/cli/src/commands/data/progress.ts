import type { ReadProgress } from '@azureml-ts/data';
import type { CommandIo } from '../../io.ts';

/** Progress is told at each of these steps, in percent. */
const STEP_PERCENT = 5;

/** How far reading has come. */
export interface Reading {
  /** What is read. */
  readonly what: string;
  /** Bytes that have been read. */
  readonly bytes: number;
  /** Bytes of all files. */
  readonly totalBytes: number;
  /** What else there is to say. */
  readonly text: string;
}

/** Tells progress on a terminal: a line for every few percent of the bytes. Elsewhere `undefined`: nobody watches. */
export function progressLines(io: CommandIo): ((reading: Reading) => void) | undefined {
  if (io.isErrorTerminal !== true) {
    return undefined;
  }
  let told = '';
  return ({ what, bytes, totalBytes, text }) => {
    const percent = totalBytes === 0 ? 100 : Math.floor((bytes / totalBytes) * 100);
    const step = `${what} ${Math.floor(percent / STEP_PERCENT)}`;
    if (step !== told) {
      told = step;
      io.writeError(`${what}: ${percent} %, ${text}\n`);
    }
  };
}

/**
 * The same for sides that are read at the same time: what is told is of all of them.
 *
 * @param names What they are called.
 * @returns A listener for each.
 */
export function sideProgress(
  names: readonly string[],
  io: CommandIo,
): (((progress: ReadProgress) => void) | undefined)[] {
  const tell = progressLines(io);
  const latest = new Map<number, ReadProgress>();
  return names.map(
    (_, side) =>
      tell &&
      ((progress) => {
        latest.set(side, progress);
        const sum = (field: keyof ReadProgress) => [...latest.values()].reduce((total, each) => total + each[field], 0);
        // Before all are listed nobody knows how much there is.
        if (latest.size === names.length) {
          const text = `${sum('filesDone')} of ${sum('files')} files`;
          tell({ what: names.join(' and '), bytes: sum('bytesRead'), totalBytes: sum('bytes'), text });
        }
      }),
  );
}
