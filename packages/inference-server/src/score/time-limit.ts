import { ValidationError } from '@azureml-ts/common';
import { now } from '../http/monotonic-clock.ts';

/** Longest run of `run()` unless set otherwise: one hour, as in the reference server. */
export const DEFAULT_SCORING_TIMEOUT_MS = 3_600_000;

/** Longest time that a Node timer can hold. */
const MAX_TIMEOUT_MS = 2_147_483_647;

/** `run()` did not end within the limit. */
export class ScoringTimeoutError extends Error {
  override readonly name = 'ScoringTimeoutError';

  constructor(limitMs: number) {
    super(`Scoring timeout after ${limitMs} ms. Raise SCORING_TIMEOUT_MS, or make run() quicker.`);
  }
}

/**
 * The time limit for `run()`: the option, else `SCORING_TIMEOUT_MS`, else the default.
 *
 * @throws ValidationError `VALIDATION` when it is not an integer from 1 to 2147483647.
 */
export function scoringTimeout(option: number | undefined): number {
  const text = process.env['SCORING_TIMEOUT_MS'] || undefined;
  const limit = option ?? (text === undefined ? DEFAULT_SCORING_TIMEOUT_MS : Number(text));
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_TIMEOUT_MS) {
    throw new ValidationError({
      path: option === undefined ? 'SCORING_TIMEOUT_MS' : 'scoringTimeoutMs',
      expected: `an integer of milliseconds from 1 to ${MAX_TIMEOUT_MS}`,
      received: option ?? text,
    });
  }
  return limit;
}

/**
 * Runs the work and fails when it took longer than the limit. JavaScript cannot be interrupted: what has not ended goes on
 * in the background, and synchronous work is only found to be late once it ends.
 *
 * @returns What the work returns: at once when it is no promise.
 * @throws ScoringTimeoutError
 */
export function withinLimit<T>(limitMs: number, work: () => T | PromiseLike<T>): T | Promise<T> {
  const startedAt = now();
  const begun = work();
  if (isPromiseLike(begun)) {
    return inTime(limitMs, startedAt, begun);
  }
  elapsedWithin(limitMs, startedAt);
  return begun;
}

/**
 * Waits for work that has begun, and fails when it takes longer than the limit.
 *
 * @param limitMs The limit.
 * @param startedAt When it began, by `performance.now()`.
 * @param begun The work.
 * @throws ScoringTimeoutError
 */
export async function inTime<T>(limitMs: number, startedAt: number, begun: PromiseLike<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  late.catch(() => undefined);
  const timer = setTimeout(() => reject(new ScoringTimeoutError(limitMs)), Math.max(0, limitMs - (now() - startedAt)));
  // The connection keeps the process alive while somebody waits for the answer.
  timer.unref();
  try {
    const result = await Promise.race([begun, late]);
    elapsedWithin(limitMs, startedAt);
    return result;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * How long work took that began at a time by `performance.now()`, in milliseconds.
 *
 * @throws ScoringTimeoutError when that is longer than the limit.
 */
export function elapsedWithin(limitMs: number, startedAt: number): number {
  const elapsedMs = now() - startedAt;
  if (elapsedMs > limitMs) {
    throw new ScoringTimeoutError(limitMs);
  }
  return elapsedMs;
}

/** Whether a value is a promise, of any kind. */
export function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}
