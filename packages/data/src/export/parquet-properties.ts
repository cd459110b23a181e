import type { WriterProperties } from 'parquet-wasm';
import type { ColumnRows, ColumnSchema } from './column-schema.ts';
import type { ParquetLibrary } from './load-parquet.ts';

/** How pages are compressed. */
export type ParquetCompression = 'zstd' | 'snappy' | 'none';

const CODECS = { zstd: 'ZSTD', snappy: 'SNAPPY', none: 'UNCOMPRESSED' } as const;
/** A row group of wide rows ends early, so that memory stays bounded. */
const MAX_GROUP_BYTES = 67_108_864;
/** So many values at the start tell whether a column repeats few. */
const SAMPLE = 4096;
/** A dictionary pays when at most this share of the values is distinct. */
const DISTINCT_SHARE = 0.25;

/** What a file is written with. */
export interface PropertiesOptions {
  readonly compression: ParquetCompression;
  readonly rowGroupRows: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Chooses how a file is encoded.
 *
 * Only encodings that every reader of Parquet knows are used: plain values and dictionaries. A dictionary of a column
 * whose values are nearly all distinct is work for nothing, so the first rows decide. Doubles have none: an equal sign
 * between 0 and -0 would be enough to lose one of them.
 *
 * @param head The first rows.
 */
export function parquetProperties(
  { parquet }: ParquetLibrary,
  columns: readonly ColumnSchema[],
  head: readonly ColumnRows[],
  { compression, rowGroupRows, metadata }: PropertiesOptions,
): WriterProperties {
  let builder = new parquet.WriterPropertiesBuilder()
    .setCreatedBy('azureml-ts')
    .setCompression(parquet.Compression[CODECS[compression]])
    .setStatisticsEnabled(parquet.EnabledStatistics.Chunk)
    .setDictionaryEnabled(false)
    .setMaxRowGroupSize(rowGroupRows)
    .setMaxRowGroupBytes(MAX_GROUP_BYTES);
  for (const { name, type } of columns) {
    if (type === 'string' || type === 'int64') {
      builder = builder.setColumnDictionaryEnabled(name, repeatsFew(name, head));
    }
  }
  if (Object.keys(metadata).length > 0) {
    builder = builder.setKeyValueMetadata(new Map(Object.entries(metadata)));
  }
  return builder.build();
}

function repeatsFew(name: string, head: readonly ColumnRows[]): boolean {
  const distinct = new Set<unknown>();
  let count = 0;
  for (const { columns } of head) {
    for (const value of columns.find((column) => column.name === name)?.values ?? []) {
      if (value !== null) {
        distinct.add(value);
        count += 1;
      }
      if (count >= SAMPLE) {
        return distinct.size <= count * DISTINCT_SHARE;
      }
    }
  }
  return distinct.size <= count * DISTINCT_SHARE;
}
