import { AzuremlError, ValidationError, type WaitOptions } from '@azureml-ts/common';

/**
 * Shares one time limit among the steps of a call.
 *
 * @param what Names the work, for the error.
 * @param options `timeoutMs` for all steps together; none by default, then each step has its own.
 * @returns A function that gives the options of the next step. It throws `TIMEOUT` when no time is left, and the signal's
 *   reason when it was aborted, so that a step that is too late is not begun.
 */
export function timeBudget(what: string, options: WaitOptions): () => WaitOptions {
  const { abortSignal, timeoutMs } = options;
  if (timeoutMs !== undefined && !(typeof timeoutMs === 'number' && timeoutMs >= 0)) {
    throw new ValidationError({
      path: 'timeoutMs',
      expected: 'a number of 0 or more, or Infinity',
      received: timeoutMs,
    });
  }
  const endsAt = timeoutMs === undefined ? undefined : performance.now() + timeoutMs;
  return () => {
    abortSignal?.throwIfAborted();
    if (endsAt === undefined) {
      return { abortSignal };
    }
    const left = Math.ceil(endsAt - performance.now());
    if (left <= 0) {
      throw new AzuremlError('TIMEOUT', `${what} did not end within ${timeoutMs} ms. Raise timeoutMs.`, {
        retryable: true,
        details: { timeoutMs: timeoutMs ?? null },
      });
    }
    return { abortSignal, timeoutMs: left };
  };
}
