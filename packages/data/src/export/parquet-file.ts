import { AzuremlError, errorMessage, ValidationError } from '@azureml-ts/common';
import { ArrowBatches } from './arrow-batch.ts';
import { type ColumnRows, type ColumnSchema, schemaOf } from './column-schema.ts';
import { loadParquet, type ParquetLibrary } from './load-parquet.ts';
import { rowCountOf } from './parquet-footer.ts';
import { type ParquetCompression, parquetProperties } from './parquet-properties.ts';

/** How a Parquet file is written. */
export interface ParquetFileOptions {
  /** The columns in their order. Default: those of the first batch. A batch that lacks one has nulls there. */
  readonly schema?: readonly ColumnSchema[] | undefined;
  /** How pages are compressed. Default `zstd`. */
  readonly compression?: ParquetCompression | undefined;
  /** Most rows of a row group, 1 or more. Default 131,072. A group of wide rows ends at 64 MiB. */
  readonly rowGroupRows?: number | undefined;
  /** Texts for the key-value metadata of the file. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

const ROW_GROUP_ROWS = 131_072;
/** Batches are gathered to this many rows before they cross over to the writer: each crossing has a price. */
const GATHER_ROWS = 8192;
/** So much of the end of the file is kept, to look at the footer. */
const TAIL_BYTES = 8_388_608;

/**
 * Writes a Parquet file piece by piece, in memory of about one row group.
 *
 * @param batches The rows, in batches of any size. They are read no faster than the pieces are taken.
 * @param options The columns, and how they are stored.
 * @returns The bytes of the file. Ending the iteration early ends the reading of `batches`.
 * @throws AzuremlError `PARQUET_NOT_INSTALLED`; `PARQUET_NO_COLUMNS` when there is neither a schema nor a batch;
 *   `COLUMN_TYPE_MISMATCH` and `COLUMN_NOT_FOUND` when a batch does not fit the schema; `PARQUET_WRITE_FAILED`;
 *   ValidationError (`VALIDATION`) for a bad option; whatever `batches` throws.
 */
export async function* writeParquet(
  batches: AsyncIterable<ColumnRows>,
  options: ParquetFileOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { compression = 'zstd', rowGroupRows = ROW_GROUP_ROWS, metadata = {} } = options;
  checkOptions(compression, rowGroupRows);
  const library = await loadParquet();
  const source = new BatchSource(batches);
  try {
    const head = await source.next();
    const columns = options.schema ?? (head?.[0] && schemaOf(head[0].columns));
    if (columns === undefined || columns.length === 0) {
      throw new AzuremlError(
        'PARQUET_NO_COLUMNS',
        'A Parquet file needs at least one column: there was neither a row nor a schema. Pass the schema.',
      );
    }
    const arrow = new ArrowBatches(library.arrow, columns);
    // Without rows, a batch of none tells the writer what the columns are.
    const feed = new Feed(library, arrow, head ?? [], source);
    const settings = { compression, rowGroupRows, metadata };
    const properties = parquetProperties(library, columns, head ?? [], settings);
    const output = await library.parquet.transformParquetStream(feed.stream, properties).catch((cause: unknown) => {
      throw feed.failure === undefined ? notStarted(cause) : feed.failure.error;
    });
    yield* read(output, feed);
  } finally {
    await source.close();
  }
}

function notStarted(cause: unknown): AzuremlError {
  return new AzuremlError('PARQUET_WRITE_FAILED', `The Parquet writer could not begin: ${errorMessage(cause)}`, {
    cause,
  });
}

/** Gives the writer's pieces, and checks at the end that every row is in them. */
async function* read(output: ReadableStream<Uint8Array>, feed: Feed): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = output.getReader();
  const tail: Uint8Array[] = [];
  let tailBytes = 0;
  let isWhole = false;
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (feed.failure !== undefined) {
        throw feed.failure.error;
      }
      if (done) {
        break;
      }
      tail.push(value);
      tailBytes += value.length;
      while (tailBytes - (tail[0]?.length ?? 0) >= TAIL_BYTES) {
        tailBytes -= tail.shift()?.length ?? 0;
      }
      yield value;
    }
    checkRowCount(Buffer.concat(tail), feed.rowCount);
    isWhole = true;
  } finally {
    if (!isWhole) {
      feed.stop();
      await reader.cancel().catch(() => undefined);
    }
  }
}

/** The writer passes over batches that it cannot take, and over a failure of its source, without a word. */
function checkRowCount(end: Uint8Array, expected: number): void {
  const found = rowCountOf(end);
  if (found !== undefined && found !== expected) {
    throw new AzuremlError(
      'PARQUET_WRITE_FAILED',
      `The Parquet writer took ${found} of ${expected} rows. Write the file again; if it happens again, report it with the columns' types.`,
      { details: { expected, found } },
    );
  }
}

/** What the writer reads. Its errors are kept here, because the writer would end the file as if all were well. */
class Feed {
  readonly stream: ReadableStream;
  /** Rows that the writer was given. */
  rowCount = 0;
  failure: { readonly error: unknown } | undefined;
  #isStopped = false;

  constructor(
    { arrow, parquet }: ParquetLibrary,
    batches: ArrowBatches,
    head: readonly ColumnRows[],
    source: BatchSource,
  ) {
    let next: readonly ColumnRows[] | undefined = head;
    this.stream = new ReadableStream(
      {
        pull: async (controller) => {
          try {
            const group = next ?? (this.#isStopped ? undefined : await source.next());
            next = undefined;
            if (group === undefined || this.#isStopped) {
              controller.close();
              return;
            }
            const batch = batches.gather(group);
            const table = parquet.Table.fromIPCStream(
              arrow.tableToIPC(new arrow.Table(batches.schema, [batch]), 'stream'),
            );
            for (const one of table.recordBatches()) {
              this.rowCount += one.numRows;
              controller.enqueue(one);
            }
            table.free();
          } catch (error) {
            this.failure ??= { error };
            controller.close();
          }
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Gives nothing more. */
  stop(): void {
    this.#isStopped = true;
  }
}

/** Batches, gathered. */
class BatchSource {
  readonly #batches: AsyncIterator<ColumnRows>;
  #isEnded = false;

  constructor(batches: AsyncIterable<ColumnRows>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  /** The next batches, none of them empty; `undefined` at the end. */
  async next(): Promise<ColumnRows[] | undefined> {
    const group: ColumnRows[] = [];
    for (let rows = 0; rows < GATHER_ROWS && !this.#isEnded; ) {
      const { value, done } = await this.#batches.next();
      if (done) {
        this.#isEnded = true;
      } else if (value.rowCount > 0) {
        group.push(value);
        rows += value.rowCount;
      }
    }
    return group.length === 0 ? undefined : group;
  }

  async close(): Promise<void> {
    this.#isEnded = true;
    await this.#batches.return?.();
  }
}

function checkOptions(compression: ParquetCompression, rowGroupRows: number): void {
  if (!['zstd', 'snappy', 'none'].includes(compression)) {
    throw new ValidationError({ path: 'compression', expected: "'zstd', 'snappy' or 'none'", received: compression });
  }
  if (!Number.isSafeInteger(rowGroupRows) || rowGroupRows < 1) {
    throw new ValidationError({ path: 'rowGroupRows', expected: 'an integer of 1 or more', received: rowGroupRows });
  }
}
