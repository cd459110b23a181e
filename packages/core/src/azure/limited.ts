import { type WaitOptions, waitAtMost } from '@azureml-ts/common';
import { endsWithin } from './time-left.ts';

/**
 * Does work of several requests under one time limit, and lets it know when the time is up.
 *
 * @param what The work, for the error.
 * @param options Time limit and abort signal.
 * @param work Gets the signal for its requests.
 */
export async function limited<T>(
  what: string,
  options: WaitOptions,
  work: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { timeoutMs, abortSignal } = options;
  abortSignal?.throwIfAborted();
  const ended = new AbortController();
  endsWithin(ended.signal, options);
  const running = work(ended.signal);
  try {
    return await waitAtMost(running, what, { timeoutMs, abortSignal });
  } finally {
    running.catch(() => undefined);
    ended.abort(abortSignal?.reason);
  }
}
