import { type JsonValue, waitAtMost } from '@azureml-ts/common';
import { CORRELATION_COLUMNS } from '../format/columns.ts';
import { CsvScanner } from '../format/csv-scanner.ts';
import { DOCUMENTED_FILES } from '../format/file-layout.ts';
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
    batch.schema.files.checkStream(batch.stream);
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
      const names = new CsvScanner().push(schema.header)[0];
      const scanner = new CsvScanner();
      return [...scanner.push(bytes), ...scanner.end()].map((cells) => {
        const columns = names ?? [
          ...Array.from({ length: cells.length - CORRELATION_COLUMNS.length }, (_, index) => String(index)),
          ...(schema.files.name === DOCUMENTED_FILES.name ? CORRELATION_COLUMNS : []),
        ];
        return Object.fromEntries(cells.map((cell, index) => [columns[index] ?? String(index), cell]));
      });
    });
  }

  /**
   * The stored records of a `Collector`, each as the object that its line holds.
   *
   * @param file Path of a file. Left out: the records of all files in the order of storing.
   */
  records(file?: string): Record<string, unknown>[] {
    const batches = file === undefined ? this.batches : (this.#byFile().get(file) ?? []);
    const lines = batches.flatMap(({ bytes }) => bytes.toString().split('\n').slice(0, -1));
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
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
      const { schema } = batch;
      const folder = `${schema.files.name}/${schema.files.folder(batch)}`;
      const first = plain.get(folder) ?? schema.hash;
      plain.set(folder, first);
      const name = schema.files.firstName(undefined);
      const path = schema.files.path(batch, first === schema.hash ? name : { ...name, schema: schema.hash });
      files.set(path, [...(files.get(path) ?? []), batch]);
    }
    return files;
  }
}
