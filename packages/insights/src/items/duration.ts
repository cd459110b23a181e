/** The service wants less than 1,000 days. */
const MAX_TICKS = 1000 * 86_400 * 10_000_000 - 1;

/**
 * A duration as Application Insights takes it: `d.hh:mm:ss.fffffff`.
 *
 * @param milliseconds Fractions count to a ten-millionth of a second. Negative or not finite counts as 0.
 * @internal
 */
export function formatDuration(milliseconds: number): string {
  const ticks =
    milliseconds > 0 && Number.isFinite(milliseconds) ? Math.min(Math.round(milliseconds * 10_000), MAX_TICKS) : 0;
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const seconds = Math.floor(ticks / 10_000_000);
  const fraction = String(ticks % 10_000_000).padStart(7, '0');
  return `${Math.floor(seconds / 86_400)}.${two((seconds / 3600) % 24)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}.${fraction}`;
}
