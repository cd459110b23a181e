import { AzuremlError, errorMessage, ValidationError } from '@azureml-ts/common';
import { type UtcDay, utcDay } from '@azureml-ts/monitoring/format';
import type { FileStore } from '../store/file-store.ts';
import { asCollectedFile, asCompanionFile } from './collected-file.ts';
import { type DayRange, isInRange } from './day-range.ts';
import { inParallel } from './in-parallel.ts';
import { findFiles } from './list-files.ts';
import { parentPrefix, type StreamSelection, streamRoots } from './stream-selection.ts';

/** Removals that run at the same time. */
const CONCURRENCY = 8;

/** Options of {@link CollectedData.purgePlan}. */
export interface PurgePlanOptions {
  /**
   * Whether files of today (UTC) and later are planned too. Default `false`: a service may be writing them, and would go
   * on in a new file.
   */
  readonly includeToday?: boolean | undefined;
  /** Ends the work: it rejects with the signal's reason. */
  readonly abortSignal?: AbortSignal | undefined;
}

/** A file that would be removed. */
export interface PurgeFile {
  /** Path in the container, or below `<directory>/modeldata`. */
  readonly path: string;
  /** UTC day of its rows. */
  readonly day: UtcDay;
  /**
   * Rows, the ledger of a day, the note `aml_telemetry.csv` of the Python package, or another file in the folders of JSON
   * Lines, where rows stand that were too large for their record.
   */
  readonly kind: 'data' | 'ledger' | 'telemetry' | 'payload';
  /** Size in bytes when it was listed. */
  readonly size: number;
}

/** What {@link CollectedData.purge} would remove. */
export interface PurgePlan {
  /** The files, by day and path. */
  readonly files: readonly PurgeFile[];
  /** Bytes of all. */
  readonly bytes: number;
  /** First UTC day of a file; `undefined` when there is none. */
  readonly firstDay: UtcDay | undefined;
  /** Last UTC day of a file. */
  readonly lastDay: UtcDay | undefined;
  /** Files of today and later that are left out, see {@link PurgePlanOptions.includeToday}. */
  readonly keptOfToday: number;
}

/** Options of {@link CollectedData.purge}. */
export interface PurgeOptions {
  /** Ends the work: nothing more is removed, and it rejects with the signal's reason. */
  readonly abortSignal?: AbortSignal | undefined;
  /** Told after each file, with the number of files that are done. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** What was removed. */
export interface PurgeResult {
  /** Files that were removed. */
  readonly removed: number;
  /** Their bytes, as they were planned. */
  readonly removedBytes: number;
  /** Files that were gone before. */
  readonly missing: number;
  /** Files that could not be removed, and why. */
  readonly failed: readonly { readonly path: string; readonly error: AzuremlError }[];
}

/** Finds what a purge would remove: rows of the range, and the ledgers and notes of these days. Nothing else is touched. */
export async function planPurge(
  store: FileStore,
  selection: StreamSelection,
  range: DayRange,
  options: PurgePlanOptions,
  now: number = Date.now(),
): Promise<PurgePlan> {
  if (range.from === undefined && range.to === undefined) {
    throw new ValidationError({
      path: 'from',
      expected: 'given, or to, or both',
      message: 'Say which days to purge: open the collected data with from, with to, or with both.',
    });
  }
  const found = await findFiles(store, selection, range, options.abortSignal);
  const all: PurgeFile[] = [
    ...found.files.map(({ path, day, size }) => ({ path, day, kind: 'data' as const, size })),
    ...found.companions.map(({ path, day, kind, size }) => ({ path, day, kind, size })),
  ].sort((a, b) => (a.day === b.day ? (a.path < b.path ? -1 : 1) : a.day < b.day ? -1 : 1));
  const past = { to: utcDay(now - 86_400_000) };
  const files = options.includeToday === true ? all : all.filter(({ day }) => isInRange(past, day));
  return {
    files,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    firstDay: files[0]?.day,
    lastDay: files.at(-1)?.day,
    keptOfToday: all.length - files.length,
  };
}

/** Removes the files of a plan. A file that cannot be removed is counted, and the others are removed all the same. */
export async function runPurge(
  store: FileStore,
  selection: StreamSelection,
  plan: PurgePlan,
  options: PurgeOptions,
): Promise<PurgeResult> {
  const { abortSignal, onProgress } = options;
  checkPlan(selection, plan);
  const failed: { path: string; error: AzuremlError }[] = [];
  let [removed, removedBytes, missing] = [0, 0, 0];
  // Rows first: of a purge that was broken off, the ledger still tells that there were more.
  const order = [
    ...plan.files.filter(({ kind }) => kind === 'data'),
    ...plan.files.filter(({ kind }) => kind !== 'data'),
  ];
  await inParallel(order, CONCURRENCY, async ({ path, size }) => {
    abortSignal?.throwIfAborted();
    try {
      const isRemoved = await store.remove(path, abortSignal);
      removed += isRemoved ? 1 : 0;
      removedBytes += isRemoved ? size : 0;
      missing += isRemoved ? 0 : 1;
    } catch (error) {
      abortSignal?.throwIfAborted();
      failed.push({ path, error: asAzuremlError(error) });
    }
    onProgress?.(removed + missing + failed.length);
  });
  return { removed, removedBytes, missing, failed: failed.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

/** A plan that was made for another stream, or by hand, must not remove what this one does not hold. */
function checkPlan(selection: StreamSelection, plan: PurgePlan): void {
  const roots = streamRoots(selection);
  const models = roots.map(({ prefix }) => parentPrefix(parentPrefix(prefix)));
  const { versions = [selection.modelVersion] } = selection;
  const isOwn = ({ path, size, day }: PurgeFile): boolean => {
    const [root] = roots;
    if (root?.layouts.includes('json-lines')) {
      return (asCollectedFile({ path, size }, '', root) ?? asCompanionFile({ path, size }, root))?.day === day;
    }
    const found = asCollectedFile({ path, size }, '') ?? asCompanionFile({ path, size });
    const [version = '', designation] = path.split('/').slice(5);
    return (
      found?.day === day &&
      designation === selection.designation &&
      (typeof versions === 'string' || versions.includes(version)) &&
      models.some((model) => path.startsWith(model))
    );
  };
  const stranger = plan.files.find((file) => !isOwn(file));
  if (stranger !== undefined) {
    throw new ValidationError({
      path: 'plan',
      expected: 'what purgePlan() of the same collected data gave',
      message: `The plan names ${stranger.path}, which is no file of this stream. Purge with what purgePlan() of the same collected data gave. Nothing was removed.`,
    });
  }
}

function asAzuremlError(error: unknown): AzuremlError {
  return error instanceof AzuremlError
    ? error
    : new AzuremlError('STORAGE_WRITE_FAILED', errorMessage(error), { cause: error });
}
