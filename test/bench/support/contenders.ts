import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cell } from '@azureml-ts/monitoring';
import type { AnyValueMap } from '@opentelemetry/api-logs';
import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import { CountingSink } from './counting-sink.ts';
import { featureNames, makeRows, type RowKind, toRecord } from './rows.ts';

/** Who takes rows: ours with the journal off and on, and the peers. */
export type ContenderName = 'ours' | 'ours-journal' | 'csv-stringify' | 'otel-attributes' | 'otel-body' | 'pino';

/** Takes rows one by one, as a scoring script would give them. */
export interface Taker {
  /** Takes row number `index` of those it was made with. */
  take(index: number): void;
  /** Lets what waits go on; awaited between blocks, outside what is timed. */
  settle(): Promise<void>;
  /** Resolves when every row is encoded and handed on. */
  finish(): Promise<void>;
  /** How many rows have arrived at the other end; {@link Taker.finish} makes it all. */
  arrived(): number;
  /** Removes what it left behind. */
  dispose(): Promise<void>;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * Makes a contender. Its packages are loaded here, so that a process holds only those of its own.
 *
 * @param rows The rows that {@link Taker.take} will choose from.
 */
export async function makeTaker(name: ContenderName, kind: RowKind, rows: readonly Cell[][]): Promise<Taker> {
  const names = featureNames(kind);
  switch (name) {
    case 'ours':
    case 'ours-journal':
      return oursTaker(rows, names, name === 'ours-journal');
    case 'csv-stringify':
      return csvTaker(rows);
    case 'otel-attributes':
    case 'otel-body':
      return otelTaker(rows, names, name === 'otel-attributes');
    default:
      return pinoTaker(rows, names);
  }
}

/** The rows that a child takes: more than any cache of number texts holds. */
export function rowsFor(kind: RowKind): Cell[][] {
  return makeRows(kind, kind.endsWith('100') ? 2048 : 16_384);
}

async function oursTaker(rows: readonly Cell[][], names: string[], hasJournal: boolean): Promise<Taker> {
  const { ModelDataCollector } = await import('@azureml-ts/monitoring');
  const directory = hasJournal ? mkdtempSync(join(tmpdir(), 'azureml-ts-bench-')) : undefined;
  const sink = new CountingSink();
  const collector = new ModelDataCollector('model', {
    designation: 'inputs',
    featureNames: names,
    sink,
    journal: directory === undefined ? false : { directory },
  });
  return {
    take: (index) => {
      collector.collect(rows[index] as Cell[]);
    },
    settle: turn,
    finish: () => collector.flush(),
    arrived: () => sink.rows,
    async dispose() {
      await collector.close();
      if (directory !== undefined) {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
}

/** A stream whose other end reads and forgets. It is never given more than it takes at once: then it would only queue. */
async function csvTaker(rows: readonly Cell[][]): Promise<Taker> {
  const { stringify } = await import('csv-stringify');
  const stream = stringify();
  let isFull = false;
  stream
    .on('data', () => undefined)
    .on('drain', () => {
      isFull = false;
    });
  return {
    take: (index) => {
      isFull = !stream.write(rows[index]) || isFull;
    },
    async settle() {
      do {
        await turn();
      } while (isFull);
    },
    async finish() {
      while (stream.writableLength > 0 || stream.readableLength > 0) {
        await turn();
      }
    },
    // Not in its types.
    arrived: () => (stream as unknown as { readonly info: { readonly records: number } }).info.records,
    dispose: async () => undefined,
  };
}

/**
 * A log record a row, a batch processor with a queue that is never full (a full one drops, which is cheap), and an
 * exporter that does nothing.
 *
 * With `attributes` the row is copied, named and checked, as `collect` does; as `body` the record only points to it.
 */
async function otelTaker(rows: readonly Cell[][], names: string[], asAttributes: boolean): Promise<Taker> {
  const { BatchLogRecordProcessor, LoggerProvider } = await import('@opentelemetry/sdk-logs');
  let exported = 0;
  const exporter: LogRecordExporter = {
    export(records, done) {
      exported += records.length;
      done({ code: 0 });
    },
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  const processor = new BatchLogRecordProcessor({ exporter, maxQueueSize: 1_000_000 });
  const provider = new LoggerProvider({ processors: [processor] });
  const logger = provider.getLogger('bench');
  const records = rows.map((row) => toRecord(row, names) as AnyValueMap);
  let since = 0;
  return {
    take: asAttributes
      ? (index) => logger.emit({ body: 'inputs', attributes: records[index] as AnyValueMap })
      : (index) => logger.emit({ body: rows[index] as (string | number | null)[] }),
    async settle() {
      since += 1;
      await (since % 16 === 0 ? processor.forceFlush() : turn());
    },
    finish: () => processor.forceFlush(),
    arrived: () => exported,
    dispose: () => provider.shutdown(),
  };
}

/** A line a row, written to /dev/null at once, as pino does by itself; the row is nested, which costs it less. */
async function pinoTaker(rows: readonly Cell[][], names: string[]): Promise<Taker> {
  const { pino } = await import('pino');
  const destination = pino.destination('/dev/null');
  const logger = pino({}, destination);
  const records = rows.map((row) => toRecord(row, names));
  let written = 0;
  return {
    take: (index) => {
      logger.info({ inputs: records[index] });
      written += 1;
    },
    settle: turn,
    finish: async () => destination.flushSync(),
    arrived: () => written,
    dispose: async () => destination.destroy(),
  };
}
