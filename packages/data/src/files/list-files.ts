import type { FileStore, StoredFile } from '../store/file-store.ts';
import {
  asCollectedFile,
  asCompanionFile,
  type CollectedFile,
  type CompanionFile,
  compareFiles,
} from './collected-file.ts';
import { type DayRange, isInRange } from './day-range.ts';
import { inParallel } from './in-parallel.ts';
import { dataNotFound } from './not-found.ts';
import { type StreamRoot, type StreamSelection, streamRoots } from './stream-selection.ts';
import { listVersions, newestVersion } from './versions.ts';
import { type RangeWalk, startFolders, walkFolder } from './walk-range.ts';

/** Listings that run at the same time. */
const CONCURRENCY = 8;

/** Everything of a selection that was found. */
export interface FoundFiles {
  /** The files of rows, in order. */
  readonly files: CollectedFile[];
  /** Ledgers and notes beside them, in no certain order. */
  readonly companions: CompanionFile[];
}

/**
 * Finds the files of a stream, in order (see {@link compareFiles}).
 *
 * @throws AzuremlError `COLLECTED_DATA_NOT_FOUND` when a version that was named has no file at all, of any day; or none
 *   of the versions has.
 */
export async function listFiles(
  store: FileStore,
  selection: StreamSelection,
  range: DayRange,
  abortSignal: AbortSignal | undefined,
): Promise<CollectedFile[]> {
  return (await findFiles(store, selection, range, abortSignal)).files;
}

/** Finds the files of a stream and those that belong to them; see {@link listFiles}. */
export async function findFiles(
  store: FileStore,
  selection: StreamSelection,
  range: DayRange,
  abortSignal: AbortSignal | undefined,
): Promise<FoundFiles> {
  abortSignal?.throwIfAborted();
  const streams = await streamsOf(store, selection, abortSignal);
  const found: FoundFiles[] = [];
  await inParallel(streams, CONCURRENCY, async (stream) => {
    found.push(await findVersion(store, stream, range, abortSignal));
  });
  const files = found.flatMap((one) => one.files).sort(compareFiles);
  const companions = found.flatMap((one) => one.companions);
  if (files.length === 0) {
    await checkThere(store, streams, selection.versions !== 'all', abortSignal);
  } else if (Array.isArray(selection.versions)) {
    const there = new Set(files.map(({ modelVersion }) => modelVersion));
    await checkThere(
      store,
      streams.filter(({ modelVersion }) => !there.has(modelVersion)),
      true,
      abortSignal,
    );
  }
  return { files, companions };
}

/** One selection for each version. */
async function streamsOf(
  store: FileStore,
  selection: StreamSelection,
  abortSignal: AbortSignal | undefined,
): Promise<StreamSelection[]> {
  const { versions = [selection.modelVersion] } = selection;
  const of = (modelVersion: string): StreamSelection => ({ ...selection, modelVersion, versions: undefined });
  if (typeof versions !== 'string') {
    return versions.map(of);
  }
  const there = await listVersions(store, selection, abortSignal);
  const last = there.at(-1);
  if (last === undefined) {
    throw await dataNotFound(store, streamRoots(selection), abortSignal);
  }
  if (versions === 'all') {
    return there.map(of);
  }
  // Where no version has rows, the last one tells what it has instead.
  return [of((await newestVersion(store, selection, there, abortSignal)) ?? last)];
}

async function findVersion(
  store: FileStore,
  stream: StreamSelection,
  range: DayRange,
  abortSignal: AbortSignal | undefined,
): Promise<FoundFiles> {
  const found: FoundFiles = { files: [], companions: [] };
  const roots = streamRoots(stream);
  const seen = new Set<string>();
  const take = (stored: StoredFile, root: StreamRoot): void => {
    // Where the case of names does not count, both spellings of a workspace are one folder.
    if (roots.length > 1 && stored.id !== undefined) {
      if (seen.has(stored.id)) {
        return;
      }
      seen.add(stored.id);
    }
    const file = asCollectedFile(stored, store.urlOf(stored.path), root);
    const companion = file === undefined ? asCompanionFile(stored, root) : undefined;
    if (file !== undefined && isInRange(range, file.day)) {
      found.files.push(file);
    } else if (companion !== undefined && isInRange(range, companion.day)) {
      found.companions.push(companion);
    }
  };
  for (const root of roots) {
    const isPadded = !root.layouts.includes('documented');
    const walk: RangeWalk = { store, prefix: root.prefix, range, isPadded, abortSignal };
    await inParallel(await startFolders(walk), CONCURRENCY, async (folder) => {
      for await (const stored of walkFolder(walk, folder)) {
        take(stored, root);
      }
    });
  }
  return found;
}

/** A stream without files in the range is none that is misspelt, when it has files of other days. */
async function checkThere(
  store: FileStore,
  streams: readonly StreamSelection[],
  isEach: boolean,
  abortSignal: AbortSignal | undefined,
): Promise<void> {
  const missing: StreamSelection[] = [];
  await inParallel(streams, CONCURRENCY, async (stream) => {
    const there = await Promise.all(streamRoots(stream).map(({ prefix }) => hasFiles(store, prefix, abortSignal)));
    if (!there.includes(true)) {
      missing.push(stream);
    }
  });
  const [first] = missing;
  if (first !== undefined && (isEach || missing.length === streams.length)) {
    throw await dataNotFound(store, streamRoots(isEach ? first : (streams.at(-1) ?? first)), abortSignal);
  }
}

async function hasFiles(store: FileStore, prefix: string, abortSignal: AbortSignal | undefined): Promise<boolean> {
  for await (const _ of store.list(prefix, abortSignal, { pageSize: 1 })) {
    return true;
  }
  return false;
}
