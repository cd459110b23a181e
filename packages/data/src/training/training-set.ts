import { AzuremlError } from '@azureml-ts/common';
import type { JoinSummary } from '../join/join-summary.ts';
import type { LabelSummary } from '../join/labels/label-summary.ts';
import type { RowRun } from '../join/row-source.ts';
import { SourceWatch } from '../join/source-watch.ts';
import { SpoolFolder } from '../join/spool-folder.ts';
import { type ExportTarget, type FileSink, openSink, type WrittenFile } from '../store/file-sink.ts';
import { VERSION } from '../version.ts';
import { type AnyRow, Columns, type PlannedColumn } from './columns.ts';
import { countRows, type RowCounts } from './count-rows.ts';
import { encodeColumns, encodeCsv } from './encode-rows.ts';
import { fileOf, optionsOf, schemaOf, sourcesOf, type TrainingManifest } from './manifest.ts';
import { RowSpool } from './row-spool.ts';
import { Split } from './split.ts';
import { checkTrainingOptions, type TrainingSetOptions } from './training-options.ts';

/** A training set that was written. */
export interface TrainingSet {
  /** Where it is, without secrets. */
  readonly place: string;
  /** The files of rows, then the manifest. */
  readonly files: readonly WrittenFile[];
  /** What `manifest.json` holds. */
  readonly manifest: TrainingManifest;
}

/** Where the rows come from. */
export interface TrainingRows {
  readonly description: Readonly<Record<string, string | null>>;
  start(watch: SourceWatch): RowRun<AnyRow, unknown>;
}

const MANIFEST = 'manifest.json';

/** Writes a training set; see {@link RowStream.trainingSet}. */
export async function writeTrainingSet(
  source: TrainingRows,
  target: ExportTarget,
  options: TrainingSetOptions,
): Promise<TrainingSet> {
  checkTrainingOptions(options);
  const sink = await openSink(target);
  const folder = new SpoolFolder();
  try {
    const taken = await takeRows(source, options, folder);
    const columns = taken.columns.plan(options, source.description['labelsOn'] ?? null);
    const written: WrittenFile[] = [];
    try {
      if (options.overwrite === true) {
        // From here on the old set is none: whoever finds files without a manifest does not take them for one.
        await sink.remove(MANIFEST, options.abortSignal);
      }
      const files: TrainingManifest['files'][number][] = [];
      for (const [part, spool] of taken.parts) {
        const file = await writePart(sink, part, spool, columns, options);
        written.push(file);
        files.push(fileOf(file, part, spool.rowCount));
      }
      const manifest = manifestOf(source, taken, columns, files, options);
      const text = Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`);
      written.push(await sink.write(MANIFEST, text, writeOptions(options, 'application/json')));
      return { place: sink.place, files: written, manifest };
    } catch (error) {
      // Half a set is worse than none. What was there before is not ours to remove.
      await Promise.allSettled(written.map(({ path }) => sink.remove(path)));
      throw error;
    }
  } finally {
    await folder.remove();
  }
}

interface TakenRows {
  readonly parts: ReadonlyMap<string, RowSpool>;
  readonly columns: Columns;
  readonly watch: SourceWatch;
  readonly counts: RowCounts;
  readonly rowCount: number;
  readonly firstScoredAt: string | null;
  readonly lastScoredAt: string | null;
}

async function takeRows(source: TrainingRows, options: TrainingSetOptions, folder: SpoolFolder): Promise<TakenRows> {
  const watch = new SourceWatch();
  const run = source.start(watch);
  const split = new Split(options);
  const parts = new Map(split.parts.map((part) => [part, new RowSpool(folder)]));
  const columns = new Columns();
  let rowCount = 0;
  let firstScoredAt: string | undefined;
  let lastScoredAt: string | undefined;
  for await (const row of run.rows) {
    options.abortSignal?.throwIfAborted();
    await parts.get(split.partOf(row))?.add(columns.cellsOf(row));
    rowCount += 1;
    const time = row.scoringTimestamp;
    if (time !== '') {
      firstScoredAt = firstScoredAt === undefined || time < firstScoredAt ? time : firstScoredAt;
      lastScoredAt = lastScoredAt === undefined || time > lastScoredAt ? time : lastScoredAt;
    }
  }
  const summary = run.summary() as JoinSummary | LabelSummary | null;
  const counts = countRows(summary, source.description, rowCount);
  if (rowCount === 0) {
    throw new AzuremlError(
      'TRAINING_SET_EMPTY',
      `There are no rows to write. Read: ${countText(counts.read)}; left out: ${countText(counts.dropped)}. Check the range, and what the rows are joined by.`,
      { details: { read: counts.read, dropped: counts.dropped } },
    );
  }
  return {
    parts,
    columns,
    watch,
    counts,
    rowCount,
    firstScoredAt: firstScoredAt ?? null,
    lastScoredAt: lastScoredAt ?? null,
  };
}

async function writePart(
  sink: FileSink,
  part: string,
  spool: RowSpool,
  columns: readonly PlannedColumn[],
  options: TrainingSetOptions,
): Promise<WrittenFile> {
  if (options.format !== 'parquet') {
    return sink.write(`${part}.csv`, encodeCsv(spool.read(), columns), writeOptions(options, 'text/csv'));
  }
  const { writeParquet } = await import('../export/parquet-file.ts');
  const schema = columns.map(({ name, type }) => ({ name, type }));
  const pieces = writeParquet(encodeColumns(spool.read(), columns), { schema });
  return sink.write(`${part}.parquet`, pieces, writeOptions(options, 'application/vnd.apache.parquet'));
}

function writeOptions({ overwrite = false, abortSignal }: TrainingSetOptions, contentType: string) {
  return { contentType, ifNotExists: !overwrite, abortSignal };
}

function manifestOf(
  source: TrainingRows,
  taken: TakenRows,
  columns: readonly PlannedColumn[],
  files: TrainingManifest['files'],
  options: TrainingSetOptions,
): TrainingManifest {
  const { watch, counts, rowCount, firstScoredAt, lastScoredAt } = taken;
  return {
    format: 'azureml-ts-training-set',
    formatVersion: 1,
    library: { name: '@azureml-ts/data', version: VERSION },
    createdAt: new Date().toISOString(),
    sources: sourcesOf(watch),
    join: source.description,
    rows: { written: rowCount, ...counts, firstScoredAt, lastScoredAt },
    schema: schemaOf(columns),
    split: options.split === undefined ? null : { by: options.splitBy ?? 'correlationId', parts: { ...options.split } },
    files,
    options: optionsOf(options),
  };
}

function countText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}
