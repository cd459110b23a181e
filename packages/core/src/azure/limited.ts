import { type WaitOptions, waitAtMost } from '@azureml-ts/common';
import { endsWithin } from './time-left.ts';

/** Runs work under a time limit and lets it know when the time is up. */
export async function limited<T>(
  what: string,
  options: WaitOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  options.abortSignal?.throwIfAborted();
  const ended = new AbortController();
  endsWithin(ended.signal, options);
  const running = work(ended.signal);
  try {
    return await waitAtMost(running, what, options);
  } finally {
    running.catch(() => undefined);
    ended.abort();
  }
}
