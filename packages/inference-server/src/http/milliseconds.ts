/**
 * Writes milliseconds with three decimals. `toFixed` gives the same and takes several times as long, which shows in a
 * server whose requests take ten microseconds.
 *
 * @param ms A time from 0 on.
 */
export function milliseconds(ms: number): string {
  const all = Math.round(ms * 1_000);
  const whole = Math.floor(all / 1_000);
  const rest = all - whole * 1_000;
  return `${whole}.${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}`;
}
