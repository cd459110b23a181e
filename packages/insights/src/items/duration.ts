/** The service wants less than 1,000 days. */
const MAX_TICKS = 1000 * 86_400 * 10_000_000 - 1;
const SECOND = 10_000_000;

/**
 * A duration as Application Insights takes it: `d.hh:mm:ss.fffffff`.
 *
 * @param milliseconds Fractions count to a ten-millionth of a second. Negative or not finite counts as 0.
 * @internal
 */
export function formatDuration(milliseconds: number): string {
  const ticks =
    milliseconds > 0 && Number.isFinite(milliseconds) ? Math.min(Math.round(milliseconds * 10_000), MAX_TICKS) : 0;
  const seconds = Math.floor(ticks / SECOND);
  // The digit in front of the others keeps their zeros.
  const fraction = String(SECOND + (ticks % SECOND)).slice(1);
  return seconds === 0
    ? `0.00:00:00.${fraction}`
    : `${Math.floor(seconds / 86_400)}.${two((seconds / 3600) % 24)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}.${fraction}`;
}

function two(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}
