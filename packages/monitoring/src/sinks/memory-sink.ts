import { type JsonValue, waitAtMost } from '@azureml-ts/common';
import { checkStream, dataFilePath, dayPrefix } from '../format/blob-path.ts';
import { CORRELATION_COLUMNS } from '../format/columns.ts';
import { CsvScanner } from '../format/csv-scanner.ts';
import type { LedgerEntry } from '../format/ledger.ts';
import type { AppendContext, RowBatch, RowSink } from './row-sink.ts';

/** Asked by a {@link MemorySink} about a batch: throws to fail, waits to be slow, or does nothing. */
export type MemorySinkHook = (batch: RowBatch, context: AppendContext) => void | Promise<void>;

/**
 * Stores collected rows in memory, to test an application that collects. Nothing is ever let go.
 *
 * @example
 * ```ts
 * import { MemorySink, ModelDataCollector } from '@azureml-ts/monitoring';
 *
 * const sink = new MemorySink();
 * const inputs = new ModelDataCollector('m', { designation: 'inputs', enabled: true, featureNames: ['x'], sink });
 * inputs.collect([1.5]);
 * await inputs.close();
 * console.log(sink.rows().map((row) => row['x'])); // [ '1.5' ]
 * ```
 */
export class MemorySink implements RowSink {
  /** See {@link RowSink.name}. */
  readonly name: string = 'memory';
  /** What is stored, in the order of storing. */
  readonly batches: RowBatch[] = [];
  /** Entries of the ledger, in order. */
  readonly ledger: LedgerEntry[] = [];
  /** Called before a batch is stored: when it throws, nothing is stored. Default: does nothing. */
  before: MemorySinkHook = () => undefined;
  /** Called after a batch was stored: when it throws, the batch is stored and the collector does not know. */
  after: MemorySinkHook = () => undefined;

  /** Stores a batch, once however often it is given. */
  async append(batch: RowBatch, context: AppendContext): Promise<undefined> {
    checkStream(batch.stream);
    const { abortSignal } = context;
    const run = async (hook: MemorySinkHook) => {
      await waitAtMost(Promise.resolve(hook(batch, context)), 'The hook of the memory sink', { abortSignal });
      abortSignal.throwIfAborted();
    };
    await run(this.before);
    if (!this.#holds(batch, context.intent)) {
      let index: number;
      do {
        index = this.batches.length;
        await context.intend({ v: 1, kind: 'memory', index });
        abortSignal.throwIfAborted();
        // Batches of other files may have come meanwhile.
      } while (this.batches.length !== index);
      this.batches.push(batch);
    }
    await run(this.after);
    return undefined;
  }

  /** Keeps an entry of the ledger. */
  async record(entry: LedgerEntry): Promise<void> {
    this.ledger.push(entry);
  }

  /** Paths of the files that a store would hold now, sorted. */
  files(): string[] {
    return [...this.#byFile().keys()].sort();
  }

  /**
   * What is stored, as text.
   *
   * @param file Path of a file: then its header comes first. Left out: the rows of all files in the order of storing.
   */
  text(file?: string): string {
    const batches = file === undefined ? this.batches : (this.#byFile().get(file) ?? []);
    const header = file === undefined ? [] : batches.slice(0, 1).map(({ schema }) => schema.header);
    return Buffer.concat([...header, ...batches.map(({ bytes }) => bytes)]).toString();
  }

  /**
   * The stored rows, each as its texts by the names of the columns. Features that nobody named are numbered from 0.
   *
   * @param file Path of a file. Left out: the rows of all files in the order of storing.
   */
  rows(file?: string): Record<string, string>[] {
    const batches = file === undefined ? this.batches : (this.#byFile().get(file) ?? []);
    return batches.flatMap(({ schema, bytes }) => {
      const scanner = new CsvScanner();
      return [...scanner.push(bytes), ...scanner.end()].map((cells) => {
        const width = cells.length - CORRELATION_COLUMNS.length;
        const features = schema.names ?? Array.from({ length: width }, (_, index) => String(index));
        const columns = [...features, ...CORRELATION_COLUMNS];
        return Object.fromEntries(cells.map((cell, index) => [columns[index] ?? String(index), cell]));
      });
    });
  }

  #holds(batch: RowBatch, intent: JsonValue | undefined): boolean {
    const { kind, index } = (typeof intent === 'object' && intent !== null ? intent : {}) as {
      kind?: unknown;
      index?: unknown;
    };
    const stored = kind === 'memory' ? this.batches[Number(index)] : undefined;
    return stored?.bytes.equals(batch.bytes) === true;
  }

  /** As a store does: the first columns of a day have the plain name, others one with their hash. */
  #byFile(): Map<string, RowBatch[]> {
    const files = new Map<string, RowBatch[]>();
    const plain = new Map<string, string>();
    for (const batch of this.batches) {
      const { stream, day, schema } = batch;
      const folder = dayPrefix(stream, day);
      const first = plain.get(folder) ?? schema.hash;
      plain.set(folder, first);
      const path = dataFilePath(stream, day, first === schema.hash ? {} : { schema: schema.hash });
      files.set(path, [...(files.get(path) ?? []), batch]);
    }
    return files;
  }
}
