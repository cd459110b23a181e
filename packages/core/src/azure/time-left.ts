import type { WaitOptions } from '@azureml-ts/common';

/** When the time for work is up, by the signal that ends the work; as `performance.now()` tells time. */
const ends = new WeakMap<AbortSignal, number>();

/**
 * Notes how long work may take that a signal ends.
 *
 * @param signal The signal of the work.
 * @param options The limit of the work, and the signal of the work that it is part of.
 */
export function endsWithin(signal: AbortSignal, { timeoutMs, abortSignal }: WaitOptions): void {
  const own = performance.now() + (timeoutMs ?? Number.POSITIVE_INFINITY);
  const outer = abortSignal === undefined ? undefined : ends.get(abortSignal);
  ends.set(signal, Math.min(own, outer ?? Number.POSITIVE_INFINITY));
}

/** Milliseconds left for work that a signal ends; `Infinity` when nothing is known. */
export function timeLeft(signal: AbortSignal | undefined): number {
  const end = signal === undefined ? undefined : ends.get(signal);
  return end === undefined ? Number.POSITIVE_INFINITY : end - performance.now();
}
