import { compare, KqlTime, type Row, timeOf, timeOfDate } from './kql/values.ts';

const DURATION = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i;
const UNIT_MS = [365 * 86_400_000, 30 * 86_400_000, 7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1000];

/** Whether a row is in the timespan of a request. @throws TypeError when it is none. @internal */
export function inTimespan(timespan: string | undefined, timeColumn: string, now: Date): (row: Row) => boolean {
  if (timespan === undefined) {
    return () => true;
  }
  const [from, to] = boundsOf(timespan, now);
  return (row) => compare(row[timeColumn], from) >= 0 && compare(row[timeColumn], to) < 0;
}

function boundsOf(timespan: string, now: Date): readonly [KqlTime, KqlTime] {
  const [first = '', second] = timespan.split('/');
  const end = timeOfDate(now);
  if (second === undefined) {
    return [before(end, first), end];
  }
  const start = timeOf(first);
  const stop = timeOf(second);
  if (start !== undefined && stop !== undefined) {
    return [start, stop];
  }
  if (start !== undefined) {
    return [start, new KqlTime(start.ticks + ticksOf(second))];
  }
  if (stop !== undefined) {
    return [before(stop, first), stop];
  }
  throw new TypeError(`the timespan ${timespan} is none`);
}

function before(time: KqlTime, duration: string): KqlTime {
  return new KqlTime(time.ticks - ticksOf(duration));
}

function ticksOf(duration: string): bigint {
  const parts = DURATION.exec(duration);
  if (parts === null || parts.slice(1).every((part) => part === undefined)) {
    throw new TypeError(`the duration ${duration} is none`);
  }
  const milliseconds = UNIT_MS.reduce((sum, unit, index) => sum + unit * Number(parts[index + 1] ?? 0), 0);
  return BigInt(Math.round(milliseconds)) * 10_000n;
}
