/** How long to wait between tries. */
export interface BackoffOptions {
  /** Delay after the first failure, in milliseconds. Default 500. */
  readonly initialDelayMs?: number;
  /** Longest delay, in milliseconds. Default 30,000. */
  readonly maxDelayMs?: number;
  /** Random number from 0 to 1; tests pass their own. Default `Math.random`. */
  readonly random?: () => number;
}

/**
 * Delay before the next try: doubles with each failure, with jitter, so that many writers do not come back together.
 *
 * @param failures How often it failed so far, from 1.
 * @param options Bounds of the delay.
 * @returns Milliseconds, between half of the doubled delay and all of it.
 */
export function backoffDelayMs(failures: number, options: BackoffOptions = {}): number {
  const { initialDelayMs = 500, maxDelayMs = 30_000, random = Math.random } = options;
  const full = Math.min(maxDelayMs, initialDelayMs * 2 ** (failures - 1));
  return full / 2 + (full / 2) * random();
}

/**
 * Reads a `Retry-After` header.
 *
 * @param value The header: seconds, or an HTTP date.
 * @param now Milliseconds since 1970, to turn a date into a delay.
 * @returns Milliseconds from now, never negative, or `undefined` when there is no readable header.
 */
export function retryAfterMs(value: string | null | undefined, now: number = Date.now()): number | undefined {
  if (value === null || value === undefined || value.trim() === '') {
    return undefined;
  }
  if (/^\d+(\.\d+)?$/.test(value.trim())) {
    return Number(value) * 1000;
  }
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
