import type { CollectorStats } from '@azureml-ts/monitoring';

function dropped(stats: CollectorStats): number {
  return Object.values(stats.dropped).reduce((sum, count) => sum + count, 0);
}

/** `collected` is the sum of what is stored, what waits and what is dropped; and no number is negative. */
export function expectBalance(stats: CollectorStats): void {
  expect({ collected: stats.collected, ...stats.dropped }).toEqual({
    collected: stats.stored + stats.pending + dropped(stats),
    ...stats.dropped,
  });
  expect(
    Math.min(stats.stored, stats.pending, stats.pendingBytes, ...Object.values(stats.dropped)),
  ).toBeGreaterThanOrEqual(0);
}
