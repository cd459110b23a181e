import { type Clock, systemClock } from './clock.ts';
import { deadline } from './deadline.ts';
import { AzuremlError } from './errors.ts';

/** Options shared by every call that waits. */
export interface WaitOptions {
  /** Ends the wait early: the call rejects with the signal's reason. */
  readonly abortSignal?: AbortSignal | undefined;
  /** Longest wait in milliseconds. Each call states its default. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Waits for some time.
 *
 * @param delayMs Milliseconds.
 * @param options `abortSignal` ends the wait: the promise rejects with the signal's reason. `keepAlive` (default `false`)
 *   keeps the process from ending meanwhile.
 */
export function sleep(
  delayMs: number,
  options: { abortSignal?: AbortSignal | undefined; clock?: Clock; keepAlive?: boolean } = {},
): Promise<void> {
  const { abortSignal, clock = systemClock, keepAlive = false } = options;
  return new Promise((resolve, reject) => {
    if (abortSignal?.aborted) {
      reject(abortSignal.reason);
      return;
    }
    const onAbort = () => {
      clock.clearTimeout(timer);
      reject(abortSignal?.reason);
    };
    const timer = clock.setTimeout(() => {
      abortSignal?.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    if (keepAlive) {
      timer.ref?.();
    }
    abortSignal?.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * Waits for a promise, but no longer than asked.
 *
 * @param promise What to wait for; it goes on when the wait ends early.
 * @param what Names the work in the error, for example `The flush of best_model/inputs`.
 * @param options Time limit and abort signal; without either, waits as long as it takes.
 * @throws {@link AzuremlError} `TIMEOUT` when `timeoutMs` passed; the signal's reason when it was aborted;
 *   {@link ValidationError} when `timeoutMs` is no number of 0 or more. `Infinity` means no limit.
 */
export async function waitAtMost<T>(promise: Promise<T>, what: string, options: WaitOptions = {}): Promise<T> {
  const { abortSignal, timeoutMs } = options;
  if (abortSignal === undefined && timeoutMs === undefined) {
    return promise;
  }
  const limit = deadline(timeoutMs, abortSignal);
  limit.keepAlive();
  const over = Promise.withResolvers<never>();
  const end = () =>
    over.reject(
      abortSignal?.aborted
        ? abortSignal.reason
        : new AzuremlError(
            'TIMEOUT',
            `${what} did not end within ${timeoutMs} ms. Raise timeoutMs, or look for its cause in the logs.`,
            { retryable: true, details: { timeoutMs: timeoutMs ?? null } },
          ),
    );
  if (limit.signal.aborted) {
    end();
  }
  limit.signal.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([promise, over.promise]);
  } finally {
    limit.signal.removeEventListener('abort', end);
    limit.clear();
  }
}
