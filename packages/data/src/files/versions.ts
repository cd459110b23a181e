import type { UtcDay } from '@azureml-ts/monitoring/format';
import type { FileStore } from '../store/file-store.ts';
import { asCollectedFile, compareVersions, isWhole, UNNAMED_VERSION } from './collected-file.ts';
import { childOf, type DateFolder } from './date-folder.ts';
import { parentPrefix, type StreamRoot, type StreamSelection, streamRoots } from './stream-selection.ts';

/** Names that are asked for when one of them is enough: beside the rows of a day stand two other files at most. */
const FEW = 10;

/**
 * The versions of the model that have a folder, whatever they hold: one request.
 *
 * @returns Whole numbers by their value, then others by text.
 */
export async function listVersions(
  store: FileStore,
  selection: StreamSelection,
  abortSignal: AbortSignal | undefined,
): Promise<string[]> {
  if (selection.layout === 'json-lines') {
    return [UNNAMED_VERSION];
  }
  const folders = streamRoots(selection).map(({ prefix }) =>
    store.folders(parentPrefix(parentPrefix(prefix)), abortSignal),
  );
  const names = (await Promise.all(folders)).flatMap((found) => found ?? []);
  return [...new Set(names)].sort(compareVersions);
}

/**
 * Finds the newest version that has rows of the designation, of any day: the highest when all are whole numbers, else the
 * one with the newest day (of several the last by text).
 */
export async function newestVersion(
  store: FileStore,
  selection: StreamSelection,
  versions: readonly string[],
  abortSignal: AbortSignal | undefined,
): Promise<string | undefined> {
  const rootsOf = (modelVersion: string) => streamRoots({ ...selection, modelVersion });
  if (versions.every(isWhole)) {
    for (const version of versions.toReversed()) {
      for (const root of rootsOf(version)) {
        if (await hasRows(store, root, root.prefix, abortSignal)) {
          return version;
        }
      }
    }
    return undefined;
  }
  let newest: { version: string; day: UtcDay } | undefined;
  for (const version of versions) {
    for (const root of rootsOf(version)) {
      const day = await newestDay(store, root, { prefix: root.prefix, date: [] }, abortSignal);
      if (day !== undefined && (newest === undefined || day >= newest.day)) {
        newest = { version, day };
      }
    }
  }
  return newest?.version;
}

/** The newest day with rows below a folder: looks into the newest year, month and day first. */
async function newestDay(
  store: FileStore,
  root: StreamRoot,
  folder: DateFolder,
  abortSignal: AbortSignal | undefined,
): Promise<UtcDay | undefined> {
  if (folder.date.length === 3) {
    return (await hasRows(store, root, folder.prefix, abortSignal)) ? folder.date.join('-') : undefined;
  }
  const names = (await store.folders(folder.prefix, abortSignal)) ?? [];
  const children = names
    .flatMap((name) => childOf(folder, name) ?? [])
    .sort((a, b) => (a.date.join() < b.date.join() ? 1 : -1));
  let newest: UtcDay | undefined;
  for (const child of children) {
    // Another spelling of the same month may hold a newer day; an older month cannot.
    if (newest !== undefined && !newest.startsWith(child.date.join('-'))) {
      break;
    }
    const day = await newestDay(store, root, child, abortSignal);
    newest = day !== undefined && (newest === undefined || day > newest) ? day : newest;
  }
  return newest;
}

async function hasRows(
  store: FileStore,
  root: StreamRoot,
  prefix: string,
  abortSignal: AbortSignal | undefined,
): Promise<boolean> {
  for await (const stored of store.list(prefix, abortSignal, { pageSize: FEW })) {
    if (asCollectedFile(stored, '', root) !== undefined) {
      return true;
    }
  }
  return false;
}
