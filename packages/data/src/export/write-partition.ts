import { createLogger } from '@azureml-ts/common';
import type { ColumnBatch } from '../rows/column-batch.ts';
import type { ExportedPartition, ExportOptions } from './export-options.ts';
import type { ExportPlan } from './export-rows.ts';
import { sourceOf, streamJson } from './manifest.ts';
import { writeParquet } from './parquet-file.ts';
import { type Partition, partitionFile } from './partitions.ts';
import { writeCsv, writeJsonLines } from './text-files.ts';

const log = createLogger('data');
const CONTENT_TYPES = {
  parquet: 'application/vnd.apache.parquet',
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/jsonl',
} as const;

/** What a file says of itself. */
interface FileAbout {
  readonly firstDay: string;
  readonly lastDay: string;
  readonly modelVersion: string | null;
}

/**
 * Writes the file of a partition.
 *
 * @param batches Its rows.
 * @param bad Records that were left out while they were read, by file.
 */
export async function writePartition(
  plan: ExportPlan,
  { path, files, modelVersion }: Partition,
  batches: AsyncIterable<ColumnBatch>,
  bad: ReadonlyMap<string, number>,
): Promise<ExportedPartition> {
  const { target, settings, options } = plan;
  const days = files.map(({ day }) => day).sort();
  const about: FileAbout = { firstDay: days[0] ?? '', lastDay: days.at(-1) ?? '', modelVersion };
  let rows = 0;
  const counted = async function* () {
    for await (const batch of batches) {
      rows += batch.rowCount;
      yield batch;
    }
  };
  const name = partitionFile(path, settings.format);
  const { bytes, sha256 } = await target.sink.write(name, encode(plan, counted(), about), {
    contentType: CONTENT_TYPES[settings.format],
    abortSignal: options.abortSignal,
  });
  const badRecords = files.reduce((sum, file) => sum + (bad.get(file.path) ?? 0), 0);
  if (badRecords > 0 && options.onBadRecord === 'skip') {
    log.warning(`Bad records of ${about.firstDay} to ${about.lastDay} that were left out: ${badRecords}.`);
  }
  return { path, ...about, badRecords, sources: files.map(sourceOf), files: [{ path: name, rows, bytes, sha256 }] };
}

function encode(
  { settings, schema, source }: ExportPlan,
  batches: AsyncIterable<ColumnBatch>,
  about: FileAbout,
): AsyncIterable<Uint8Array> {
  switch (settings.format) {
    case 'csv':
      return writeCsv(batches, schema.columns);
    case 'jsonl':
      return writeJsonLines(batches, schema.columns);
    case 'parquet':
      return writeParquet(batches, {
        schema: schema.columns,
        compression: settings.compression ?? undefined,
        rowGroupRows: settings.rowGroupRows ?? undefined,
        metadata: { 'azureml-ts': JSON.stringify({ stream: streamJson(source.selection), ...about }) },
      });
  }
}

/** Counts what is left out, by file. */
export function countBadRecords(
  onBadRecord: ExportOptions['onBadRecord'],
  counts: Map<string, number>,
): ExportOptions['onBadRecord'] {
  if (onBadRecord === undefined || onBadRecord === 'throw') {
    return onBadRecord;
  }
  return (record) => {
    counts.set(record.path, (counts.get(record.path) ?? 0) + 1);
    if (typeof onBadRecord === 'function') {
      onBadRecord(record);
    }
  };
}
