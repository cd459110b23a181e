import { MAX_TIMER_MS } from './clock.ts';
import { ValidationError } from './errors.ts';

/** A time limit as an abort signal, with a timer that can be let go. */
export interface Deadline {
  /** Fires when the time is up, or when one of the other signals fires, with its reason. */
  readonly signal: AbortSignal;
  /** Keeps the process from ending before the time is up; by default the timer does not. */
  keepAlive(): void;
  /** Lets go of the timer and of the other signals. Call it when the work is done. */
  clear(): void;
}

/**
 * Makes a time limit for one piece of work.
 *
 * Unlike `AbortSignal.timeout` and `AbortSignal.any`, nothing stays behind when the work is done in time.
 *
 * @param timeoutMs Milliseconds, 0 or more; `Infinity` and `undefined` mean no limit.
 * @param others Signals that end the work too.
 * @throws ValidationError (`VALIDATION`) when `timeoutMs` is not such a number.
 */
export function deadline(timeoutMs: number | undefined, ...others: readonly (AbortSignal | undefined)[]): Deadline {
  if (timeoutMs !== undefined && !(typeof timeoutMs === 'number' && timeoutMs >= 0)) {
    throw new ValidationError({
      path: 'timeoutMs',
      expected: 'a number of 0 or more, or Infinity',
      received: timeoutMs,
    });
  }
  const controller = new AbortController();
  const listening: (() => void)[] = [];
  const isLimited = timeoutMs !== undefined && timeoutMs <= MAX_TIMER_MS;
  const timer = isLimited
    ? setTimeout(() => controller.abort(new DOMException(`${timeoutMs} ms have passed`, 'TimeoutError')), timeoutMs)
    : undefined;
  timer?.unref();
  for (const other of others) {
    if (other?.aborted) {
      controller.abort(other.reason);
    } else if (other !== undefined) {
      const onAbort = () => controller.abort(other.reason);
      other.addEventListener('abort', onAbort, { once: true });
      listening.push(() => other.removeEventListener('abort', onAbort));
    }
  }
  return {
    signal: controller.signal,
    keepAlive: () => void timer?.ref(),
    clear: () => {
      clearTimeout(timer);
      for (const stop of listening) {
        stop();
      }
    },
  };
}
