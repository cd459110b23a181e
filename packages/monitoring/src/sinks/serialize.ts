import { processSingleton, waitAtMost } from '@azureml-ts/common';

const tails = processSingleton('file-locks', 1, () => new Map<string, Promise<unknown>>());

/**
 * Runs work on one file after the other within the process, so that two collectors of one process do not fight for the
 * end of the same file.
 *
 * @param file Address of the file.
 * @param abortSignal Ends the wait for one's turn.
 * @param work What to do when the file is free.
 */
export async function serialize<T>(file: string, abortSignal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const before = tails.get(file) ?? Promise.resolve();
  const result = waitAtMost(before, 'The turn at the file', { abortSignal }).then(work);
  // Who gives up waiting leaves the turn of those before as it is.
  // Without its values: each turn would hold those of all before it.
  const tail = Promise.allSettled([before, result]).then(() => undefined);
  tails.set(file, tail);
  try {
    return await result;
  } finally {
    if (tails.get(file) === tail) {
      tails.delete(file);
    }
  }
}
