import type { DayRange } from './day-range.ts';

/** A folder of the path's date: the whole stream, a year, a month or a day. */
export interface DateFolder {
  /** Its path, with a slash at the end. */
  readonly prefix: string;
  /** Its year, `yyyy`, month, `mm`, and day, `dd`, as far as the folder is below them; always with their zeros. */
  readonly date: readonly string[];
}

/** What a folder's name is at its place, with its zero: a year, a month or a day; `undefined` when it is none. */
function partOf(depth: number, name: string): string | undefined {
  if (depth === 0) {
    return /^\d{4}$/.test(name) ? name : undefined;
  }
  const value = /^\d{1,2}$/.test(name) ? Number(name) : 0;
  return value >= 1 && value <= (depth === 1 ? 12 : 31) ? String(value).padStart(2, '0') : undefined;
}

/** The folder of a name within a folder; `undefined` when it is none of a date. */
export function childOf(folder: DateFolder, name: string): DateFolder | undefined {
  const part = partOf(folder.date.length, name);
  return part === undefined ? undefined : { prefix: `${folder.prefix}${name}/`, date: [...folder.date, part] };
}

/** Tells whether a folder may hold days of the range. */
export function touches({ date }: DateFolder, { from, to }: DayRange): boolean {
  const [first, last] = daysOf(date);
  return (from === undefined || last >= from) && (to === undefined || first <= to);
}

/** Tells whether every day of a folder is in the range. */
export function isWithin({ date }: DateFolder, { from, to }: DayRange): boolean {
  const [first, last] = daysOf(date);
  return (from === undefined || first >= from) && (to === undefined || last <= to);
}

/** First and last day of a folder, as texts: the last day of a month may be one that it has not. */
function daysOf([year, month, day]: readonly string[]): [first: string, last: string] {
  return [`${year ?? '0000'}-${month ?? '01'}-${day ?? '01'}`, `${year ?? '9999'}-${month ?? '12'}-${day ?? '31'}`];
}

/** The months of the range in a year, `01` to `12`. */
export function monthsOf(year: string, range: DayRange): string[] {
  return Array.from({ length: 12 }, (_, index) => String(index + 1).padStart(2, '0')).filter((month) =>
    touches({ prefix: '', date: [year, month] }, range),
  );
}
