import { sleep } from '@azureml-ts/common';
import { utcDay } from '@azureml-ts/monitoring/format';
import type { CollectedFile } from '../files/collected-file.ts';
import { GrowingJsonFile } from '../json-lines/growing-json-file.ts';
import type { FileStore } from '../store/file-store.ts';
import { GrowingFile } from './growing-file.ts';
import type { RowChunk } from './read-rows.ts';
import type { CollectedRow } from './rows-options.ts';
import type { TailOptions } from './tail-options.ts';

const LAST = 10;
const INTERVAL_MS = 5000;
const DAY_MS = 86_400_000;

/** Lists the files of the days from one on; all of them when none is given. */
export type ListFiles = (from: string | undefined) => Promise<readonly CollectedFile[]>;

/**
 * Reads the last rows, and those that come later.
 *
 * @param list Lists the files.
 */
export async function* readTail<T extends object>(
  store: FileStore,
  list: ListFiles,
  options: TailOptions,
): AsyncGenerator<RowChunk<CollectedRow<T>>, void, undefined> {
  const { last = LAST, follow = false, intervalMs = INTERVAL_MS, abortSignal } = options;
  const listed = await list(undefined);
  const known = new Map<string, GrowingFile<T> | GrowingJsonFile<T>>();
  const growingFile = (file: CollectedFile) =>
    file.layout === 'json-lines'
      ? new GrowingJsonFile<T>(store, file, options)
      : new GrowingFile<T>(store, file, options);
  const found: RowChunk<CollectedRow<T>>[] = [];
  let left = last;
  // Files that may still grow are read to their end even when there are rows enough: that is where following begins.
  let since = dayBefore(listed.map(({ day }) => day));
  for (const file of [...listed].reverse()) {
    if (left <= 0 && !(follow && file.day >= (since ?? ''))) {
      break;
    }
    const growing = growingFile(file);
    const rows = await growing.last(left);
    known.set(file.path, growing);
    if (rows.length > 0) {
      found.unshift({ path: file.path, rows });
    }
    left -= rows.length;
  }
  yield* found;
  while (follow) {
    await sleep(intervalMs, { abortSignal, keepAlive: true });
    abortSignal?.throwIfAborted();
    const files = await list(since);
    for (const file of files) {
      let growing = known.get(file.path);
      // Files of the day that came after the first look are read whole, those before it are known.
      if (growing === undefined || file.size < growing.offset) {
        growing = growingFile(file);
        known.set(file.path, growing);
      }
      if (file.size > growing.offset) {
        for await (const rows of growing.next()) {
          yield { path: file.path, rows };
        }
      }
    }
    since = dayBefore(files.map(({ day }) => day)) ?? since;
  }
}

/** The day before the last one: shortly after midnight, rows of yesterday are still written. */
function dayBefore(days: readonly string[]): string | undefined {
  const last = days.toSorted().at(-1);
  return last === undefined ? undefined : utcDay(Date.parse(last) - DAY_MS);
}
