import type { CollectedFile } from '../files/collected-file.ts';
import { RecordScanner } from '../scan/record-scanner.ts';
import type { FileStore } from '../store/file-store.ts';
import { BatchIterator, type HeldBatch } from './batch-iterator.ts';
import { type BatchesOptions, declaredTypes } from './batches-options.ts';
import type { ColumnBatch, ColumnType } from './column-batch.ts';
import { ColumnMemory } from './column-memory.ts';
import type { ColumnPlan } from './column-writer.ts';
import { isCallColumn } from './correlation-columns.ts';
import { FileBatches } from './file-batches.ts';
import { fileBlocks } from './file-blocks.ts';
import type { FileColumns } from './file-columns.ts';
import { type FileListing, listedFiles } from './file-listing.ts';
import { headerKey, inferTypes, SeenTypes } from './infer-file.ts';
import { userIdOfPython } from './python-cells.ts';
import { readHeads } from './read-heads.ts';
import { readInTurn } from './read-in-turn.ts';
import { checkColumns } from './read-rows.ts';
import { wantedColumns } from './row-builder.ts';
import { refuseLateFeatures, SchemaWatch } from './schema-change.ts';

/** Most rows of a batch unless somebody says otherwise. */
export const BATCH_ROWS = 8192;
/**
 * And bytes. Smaller ones cost more steps. Of larger ones, V8 finds too much alive whenever it looks: one batch that is
 * being used, and all texts that were made of it. It then lets the heap grow.
 */
const BATCH_BYTES = 262_144;

/**
 * Reads rows in batches of typed columns, file after file.
 *
 * @param inferred Types that were inferred before: all batches have these features, and nothing is inferred anew.
 * @throws AzuremlError `COLUMN_TYPE_CHANGED`, `COLUMN_NOT_FOUND`, `SCHEMA_CHANGED`; BadRecordError.
 */
export function readBatches(
  store: FileStore,
  files: FileListing,
  options: BatchesOptions,
  inferred?: ReadonlyMap<string, ColumnType>,
): AsyncGenerator<ColumnBatch, void, undefined> {
  return new BatchIterator(readHeld(store, files, options, inferred));
}

async function* readHeld(
  store: FileStore,
  listing: FileListing,
  options: BatchesOptions,
  inferred: ReadonlyMap<string, ColumnType> | undefined,
): AsyncGenerator<HeldBatch, void, undefined> {
  const files = await listedFiles(listing);
  const known = new Set<string>();
  const watch = new SchemaWatch(options.onSchemaChange);
  const planner = await ColumnPlanner.open(store, files, options, inferred);
  const { batchRows = BATCH_ROWS, onTypeChange = 'error', reuse = false } = options;
  const batchBytes = options.batchRows === undefined ? BATCH_BYTES : Number.POSITIVE_INFINITY;
  const memory = new ColumnMemory(reuse);
  const scanner = new RecordScanner();
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  let index = -1;
  /** The batches of one file. */
  async function* readFile(file: CollectedFile, pieces: AsyncIterable<Uint8Array>, index: number) {
    let batches: FileBatches | undefined;
    try {
      for await (const { block, records } of fileBlocks(store, file, pieces, options, scanner)) {
        let from = 0;
        // Other records of the same file have other columns.
        if (batches !== undefined && batches.records !== records) {
          yield* batches.flush();
          batches = undefined;
        }
        // Until the columns are known, nothing can be planned.
        for (; batches === undefined && from < block.count; from += 1) {
          const isRow = records.accept(block, from);
          const { columns } = records;
          if (columns === undefined) {
            continue;
          }
          watch.see(file.path, columns.names);
          refuseLateFeatures(file.path, columns.names, planner.merged);
          for (const name of columns.names) {
            known.add(name);
          }
          batches = new FileBatches(records, await planner.plan(columns, index), {
            batchRows,
            batchBytes,
            memory,
            onTypeChange,
            onWiden: (name, type) => planner.widen(columns, name, type),
          });
          if (isRow) {
            records.again();
            from -= 1;
          }
        }
        if (batches !== undefined) {
          left -= yield* batches.take(block, left, from);
        }
        if (left <= 0) {
          break;
        }
      }
    } catch (error) {
      // Rows before a failure are given with it.
      yield* batches?.flush() ?? [];
      throw error;
    }
    yield* batches?.flush() ?? [];
  }
  if (left > 0) {
    for await (const { file, pieces } of readInTurn(store, files, options)) {
      index += 1;
      yield* readFile(file, pieces, index);
      if (left <= 0) {
        break;
      }
    }
  }
  checkColumns(known, { columns: options.columns, types: declaredTypes(options) });
}

/** Columns that are the same for all files. */
interface MergedColumns {
  /** The features to give. */
  readonly features: readonly string[];
  /** Their types. */
  readonly types: Map<string, ColumnType>;
  /** The columns of all files; left out: those of the call are those of each file. */
  readonly names?: readonly string[];
}

/** Knows which columns the batches have, and of which types. */
class ColumnPlanner {
  readonly #store: FileStore;
  readonly #files: readonly CollectedFile[];
  readonly #options: BatchesOptions;
  readonly #declared: Readonly<Record<string, ColumnType>>;
  readonly #merged: MergedColumns | undefined;
  /** The features of all files, when they were looked up and all of them are given. */
  readonly merged: ReadonlySet<string> | undefined;
  /** Types that were inferred, by header. */
  readonly #byHeader = new Map<string, Map<string, ColumnType>>();

  private constructor(
    store: FileStore,
    files: readonly CollectedFile[],
    options: BatchesOptions,
    merge?: MergedColumns,
  ) {
    this.#store = store;
    this.#files = files;
    this.#options = options;
    this.#declared = declaredTypes(options);
    this.#merged = merge;
    this.merged = merge === undefined || options.columns !== undefined ? undefined : new Set(merge.features);
  }

  /** Reads the heads of all files when their schemas are to be merged. */
  static async open(
    store: FileStore,
    files: readonly CollectedFile[],
    options: BatchesOptions,
    inferred: ReadonlyMap<string, ColumnType> | undefined,
  ): Promise<ColumnPlanner> {
    if (inferred !== undefined) {
      return new ColumnPlanner(store, files, options, { features: [...inferred.keys()], types: new Map(inferred) });
    }
    if (options.onSchemaChange !== 'merge') {
      return new ColumnPlanner(store, files, options);
    }
    const seen = new SeenTypes();
    const heads = await readHeads(store, files, options, (block, record, columns) => seen.see(block, record, columns));
    const names = [...new Set(heads.flatMap(({ columns }) => columns.names))];
    const features = options.columns ?? names.filter((name) => !isCallColumn(name));
    const types = new Map(features.map((name) => [name, seen.typeOf(name)]));
    return new ColumnPlanner(store, files, options, { features, types, names });
  }

  /** The columns of the batches of a file. */
  async plan(columns: FileColumns, fileIndex: number): Promise<ColumnPlan[]> {
    const inferred = await this.#inferred(columns, fileIndex);
    const places = new Map(columns.names.map((name, index) => [name, index]));
    const id = places.get('$aml_dc_correlation_id') ?? -1;
    return this.#wanted(columns, this.#options.callColumns === false).map((name) => {
      const declared = Object.hasOwn(this.#declared, name) ? this.#declared[name] : undefined;
      const isText = this.#options.types === 'strings' || isCallColumn(name);
      const plan: ColumnPlan = {
        name,
        type: declared ?? (isText ? 'string' : (inferred.get(name) ?? 'string')),
        isDeclared: declared !== undefined,
        index: places.get(name) ?? -1,
        dialect: columns.dialect,
      };
      return plan.index === -1 && name === '$aml_dc_user_correlation_id'
        ? { ...plan, index: id, textOf: userIdOfPython }
        : plan;
    });
  }

  /** Notes that a column has a wider type from now on. */
  widen(columns: FileColumns, name: string, type: ColumnType): void {
    (this.#merged?.types ?? this.#byHeader.get(headerKey(columns)))?.set(name, type);
  }

  #wanted({ names }: FileColumns, isApart: boolean): string[] {
    return wantedColumns(this.#merged?.names ?? names, this.#merged?.features ?? this.#options.columns, isApart);
  }

  async #inferred(columns: FileColumns, fileIndex: number): Promise<ReadonlyMap<string, ColumnType>> {
    if (this.#merged !== undefined) {
      return this.#merged.types;
    }
    const key = headerKey(columns);
    const before = this.#byHeader.get(key);
    if (before !== undefined) {
      return before;
    }
    const isSettled =
      this.#options.types === 'strings' ||
      this.#wanted(columns, true).every((name) => Object.hasOwn(this.#declared, name));
    const types = new Map<string, ColumnType>();
    if (!isSettled) {
      const seen = await inferTypes(this.#store, this.#files, fileIndex, this.#options);
      for (const name of columns.names) {
        types.set(name, seen.typeOf(name));
      }
    }
    this.#byHeader.set(key, types);
    return types;
  }
}
