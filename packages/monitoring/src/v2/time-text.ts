/** A time as ISO 8601, UTC; now for one that no calendar has. */
export function timeText(seconds: number): string {
  const time = new Date(Math.trunc(seconds) * 1_000);
  return (Number.isNaN(time.getTime()) ? new Date() : time).toISOString();
}
