import { AzuremlError } from '@azureml-ts/common';
import type { DayRange } from '../files/day-range.ts';
import { listFiles } from '../files/list-files.ts';
import type { StreamSelection } from '../files/stream-selection.ts';
import { TypeChangeError } from '../rows/type-change.ts';
import type { ExportTarget } from '../store/export-target.ts';
import type { FileStore } from '../store/file-store.ts';
import {
  checkExportOptions,
  type ExportManifest,
  type ExportOptions,
  type ExportResult,
  type ExportSettings,
  settingsOf,
} from './export-options.ts';
import { ExportRun } from './export-run.ts';
import { ExportSchema, isSameSchema } from './export-schema.ts';
import { loadParquet } from './load-parquet.ts';
import { MANIFEST_NAME, readManifest, streamJson } from './manifest.ts';
import { isKnown, type Partition, partitionsOf } from './partitions.ts';
import { openTarget, type TargetFiles } from './target-files.ts';

/** What is exported. */
export interface ExportSource {
  readonly store: FileStore;
  readonly selection: StreamSelection;
  readonly range: DayRange;
}

/** What is known before anything is written. */
export interface ExportPlan {
  readonly source: ExportSource;
  readonly target: TargetFiles;
  readonly options: ExportOptions;
  readonly settings: ExportSettings;
  /** The partitions of this run. */
  readonly partitions: readonly Partition[];
  /** What an earlier run wrote, when it can stay as it is. */
  readonly before: ExportManifest | undefined;
  /** Files of an earlier run none of which stays. */
  readonly obsolete: readonly string[];
  readonly schema: ExportSchema;
}

/** Writes rows in partitions; see {@link CollectedData.toParquet}. */
export async function exportRows(
  source: ExportSource,
  to: ExportTarget,
  options: ExportOptions,
  now: () => number = Date.now,
): Promise<ExportResult> {
  checkExportOptions(options);
  const settings = settingsOf(options);
  const { store, selection, range } = source;
  const target = await openTarget(to);
  if (settings.format === 'parquet') {
    // Better now than after everything has been listed.
    await loadParquet();
  }
  const { abortSignal } = options;
  const files = await listFiles(store, selection, range, abortSignal);
  const partitions = partitionsOf(files, settings.partition, selection.versions !== undefined);
  const found = await readManifest<ExportManifest>(target, MANIFEST_NAME, 'azureml-ts-export', abortSignal);
  const before = usable(found, { source, settings, partitions, target, overwrite: options.overwrite === true });
  const changed = partitions.filter((partition) => options.overwrite === true || !isKnown(partition, before));
  const schema = await ExportSchema.find(
    store,
    changed.flatMap((partition) => partition.files),
    options,
    settings,
    before?.schema ?? [],
  );
  // Everything that an earlier run wrote with other options is written again, under other names perhaps.
  const obsolete =
    before === undefined ? (found?.partitions ?? []).flatMap((one) => one.files.map(({ path }) => path)) : [];
  const run = new ExportRun({ source, target, options, settings, partitions, before, obsolete, schema }, now);
  for (;;) {
    checkSchema(before, schema, partitions, target);
    try {
      return await run.pass();
    } catch (error) {
      if (!(error instanceof TypeChangeError)) {
        throw error;
      }
      run.widen(error.change);
    }
  }
}

/**
 * The manifest of an earlier run when this run goes on with it; `undefined` when there is none, or everything in it is
 * written again.
 *
 * @throws AzuremlError `EXPORT_DIFFERS` when it is of something else, and would be mixed up with it.
 */
function usable(
  before: ExportManifest | undefined,
  now: {
    readonly source: ExportSource;
    readonly settings: ExportSettings;
    readonly partitions: readonly Partition[];
    readonly target: TargetFiles;
    readonly overwrite: boolean;
  },
): ExportManifest | undefined {
  if (before === undefined) {
    return undefined;
  }
  const { source, settings, partitions, target, overwrite } = now;
  if (JSON.stringify(before.stream) !== JSON.stringify(streamJson(source.selection))) {
    throw differs(target, 'rows of another stream', 'Write to another place.');
  }
  if (JSON.stringify(before.settings) === JSON.stringify(settings)) {
    return before;
  }
  const names = (Object.keys(settings) as (keyof ExportSettings)[]).filter(
    (name) => JSON.stringify(before.settings[name]) !== JSON.stringify(settings[name]),
  );
  const what = `rows that were written with other options (${names.join(', ')})`;
  if (!overwrite) {
    throw differs(target, what, 'Use the same options, write to another place, or pass overwrite: true.');
  }
  const files = new Set(partitions.flatMap((partition) => partition.files.map(({ path }) => path)));
  const others = before.partitions.filter(({ sources }) => !sources.every(({ path }) => files.has(path)));
  if (others.length > 0) {
    throw differs(
      target,
      `${what}, and some of them (${others.length} of ${before.partitions.length} partitions) are not written again by this run`,
      'Write to another place, or remove what is there.',
    );
  }
  return undefined;
}

/** All partitions must have one schema, also those that this run does not write. */
function checkSchema(
  before: ExportManifest | undefined,
  schema: ExportSchema,
  partitions: readonly Partition[],
  target: TargetFiles,
): void {
  if (before === undefined || isSameSchema(before.schema, schema.columns)) {
    return;
  }
  const now = new Set(partitions.map(({ path }) => path));
  const others = before.partitions.filter(({ path }) => !now.has(path));
  if (others.length > 0) {
    const known = new Map(before.schema.map(({ name, type }) => [name, type]));
    const columns = schema.columns.filter(({ name, type }) => known.get(name) !== type);
    const list = columns.map(
      ({ name, type }) => `"${name}" is ${type}${known.has(name) ? `, not ${known.get(name)}` : ' and new'}`,
    );
    throw differs(
      target,
      `rows with other columns (now ${list.join('; ')}), and some of them (${others.length} of ${before.partitions.length} partitions) are not written again by this run`,
      'Export without from and to, so that all are written with the new columns, or write to another place.',
    );
  }
}

function differs({ sink }: TargetFiles, what: string, advice: string): AzuremlError {
  return new AzuremlError('EXPORT_DIFFERS', `In ${sink.place} there are ${what}. ${advice}`, {
    details: { storage: sink.place },
  });
}
