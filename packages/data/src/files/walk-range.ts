import type { FileStore, StoredFile } from '../store/file-store.ts';
import { childOf, type DateFolder, isWithin, monthsOf, touches } from './date-folder.ts';
import type { DayRange } from './day-range.ts';

/** Names that one answer of the store holds. */
const PAGE_NAMES = 5_000;
/** More months of one year than these are looked for in the folder of the year. */
const MAX_MONTHS = 3;
/** Longest range that is listed year by year. */
const MAX_YEARS = 12;

/** What to find, and where. */
export interface RangeWalk {
  readonly store: FileStore;
  /** Folder of the stream, with a slash at the end. */
  readonly prefix: string;
  readonly range: DayRange;
  /** Whether months are always written with their zero, so that there is no other spelling to look at. */
  readonly isPadded: boolean;
  readonly abortSignal: AbortSignal | undefined;
}

/**
 * The folders to start from: together they hold every file of the range. A short range starts from its months, which is
 * one request each for nearly every stream; a longer one from its years; an open one from the stream. A single day starts
 * from itself where that takes no more requests than its month.
 *
 * Months below ten may be written with or without their zero. One month has both spellings listed; for more of a year it
 * takes less to ask which there are.
 */
export async function startFolders(walk: RangeWalk): Promise<DateFolder[]> {
  const { store, prefix, range, isPadded, abortSignal } = walk;
  const root: DateFolder = { prefix, date: [] };
  if (range.from === undefined || range.to === undefined) {
    return [root];
  }
  const [first, last] = [Number(range.from.slice(0, 4)), Number(range.to.slice(0, 4))];
  if (last - first >= MAX_YEARS) {
    return [root];
  }
  const years = Array.from({ length: last - first + 1 }, (_, index) => String(first + index).padStart(4, '0'));
  const folders = years.map(async (name): Promise<DateFolder[]> => {
    const year = { prefix: `${prefix}${name}/`, date: [name] };
    const months = monthsOf(name, range);
    if (months.length > MAX_MONTHS) {
      return [year];
    }
    const days = range.from === range.to ? dayFolders(year, range.from ?? '', isPadded) : [];
    if (days.length === 1 || days.length === 2) {
      return days;
    }
    const short = isPadded ? [] : months.filter((month) => month.startsWith('0')).map((month) => month.slice(1));
    const names = short.length > 1 ? ((await store.folders(year.prefix, abortSignal)) ?? []) : [...months, ...short];
    return names.flatMap((month) => childOf(year, month) ?? []).filter((month) => touches(month, range));
  });
  return (await Promise.all(folders)).flat();
}

/** The folders of a single day: itself, and those of other spellings, of which a month below ten is looked at whole. */
function dayFolders(year: DateFolder, date: string, isPadded: boolean): DateFolder[] {
  const [, month = '', day = ''] = date.split('-');
  const padded = childOf(year, month);
  const isShort = (part: string) => !isPadded && part.startsWith('0');
  return [
    padded === undefined ? undefined : childOf(padded, day),
    padded === undefined || !isShort(day) ? undefined : childOf(padded, day.slice(1)),
    isShort(month) ? childOf(year, month.slice(1)) : undefined,
  ].filter((folder) => folder !== undefined);
}

/**
 * Finds every file in a folder that may be of the range, and others.
 *
 * The folder is listed as it is. When it turns out to hold more than one answer of the store does, and not all of it is
 * wanted, its folders are asked for, and those of the range are listed in its place.
 */
export async function* walkFolder(walk: RangeWalk, folder: DateFolder): AsyncGenerator<StoredFile, void, undefined> {
  const { store, range, abortSignal } = walk;
  const isWhole = isWithin(folder, range) || folder.date.length === 3;
  const page: StoredFile[] = [];
  for await (const file of store.list(folder.prefix, abortSignal)) {
    if (isWhole) {
      yield file;
      continue;
    }
    page.push(file);
    if (page.length === PAGE_NAMES) {
      if (isWorthNarrowing(walk, folder, page)) {
        yield* walkChildren(walk, folder);
        return;
      }
      yield* page.splice(0);
    }
  }
  yield* page;
}

async function* walkChildren(walk: RangeWalk, folder: DateFolder): AsyncGenerator<StoredFile, void, undefined> {
  for (const name of (await walk.store.folders(folder.prefix, walk.abortSignal)) ?? []) {
    const child = childOf(folder, name);
    if (child !== undefined && touches(child, walk.range)) {
      yield* walkFolder(walk, child);
    }
  }
}

/** In a month, a request for each day must be less than the pages that are left; years and streams have more to save. */
function isWorthNarrowing({ range }: RangeWalk, folder: DateFolder, page: readonly StoredFile[]): boolean {
  if (folder.date.length < 2) {
    return true;
  }
  const seen = new Set(page.map(({ path }) => path.slice(folder.prefix.length).split('/')[0])).size;
  const days = Array.from({ length: 31 }, (_, index) => childOf(folder, String(index + 1)));
  const wanted = days.filter((day) => day !== undefined && touches(day, range)).length;
  return wanted + 1 < 31 / seen - 1;
}
