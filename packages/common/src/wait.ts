import { type Clock, systemClock } from './clock.ts';
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
 * @throws {@link AzuremlError} `TIMEOUT` when `timeoutMs` passed; the signal's reason when it was aborted.
 */
export async function waitAtMost<T>(promise: Promise<T>, what: string, options: WaitOptions = {}): Promise<T> {
  const { abortSignal, timeoutMs } = options;
  if (abortSignal === undefined && timeoutMs === undefined) {
    return promise;
  }
  const controller = new AbortController();
  const limits: Promise<never>[] = [];
  if (timeoutMs !== undefined) {
    limits.push(
      sleep(timeoutMs, { abortSignal: controller.signal, keepAlive: true }).then(() => {
        throw new AzuremlError(
          'TIMEOUT',
          `${what} did not end within ${timeoutMs} ms. Raise timeoutMs, or look for its cause in the logs.`,
          { retryable: true, details: { timeoutMs } },
        );
      }),
    );
  }
  if (abortSignal !== undefined) {
    limits.push(
      new Promise<never>((_, reject) => {
        if (abortSignal.aborted) {
          reject(abortSignal.reason);
        }
        abortSignal.addEventListener('abort', () => reject(abortSignal.reason), {
          once: true,
          signal: controller.signal,
        });
      }),
    );
  }
  for (const limit of limits) {
    limit.catch(() => undefined);
  }
  try {
    return await Promise.race([promise, ...limits]);
  } finally {
    controller.abort();
  }
}
