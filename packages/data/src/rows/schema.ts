import type { CollectedFile } from '../files/collected-file.ts';
import { inParallel } from '../files/in-parallel.ts';
import { RecordScanner } from '../scan/record-scanner.ts';
import type { FileStore } from '../store/file-store.ts';
import type { ColumnType } from './column-batch.ts';
import { isCallColumn } from './correlation-columns.ts';
import { fileBlocks } from './file-blocks.ts';
import type { FileColumns } from './file-columns.ts';
import { commonType, type SeenType } from './infer-column.ts';
import { SeenTypes } from './infer-file.ts';
import { HEAD_BYTES, readHead } from './read-heads.ts';
import { readInTurn } from './read-in-turn.ts';
import type { ReadingOptions } from './rows-options.ts';
import { type SchemaChange, schemaChange } from './schema-change.ts';

/** Options of {@link CollectedData.schema}. */
export interface SchemaOptions
  extends Pick<
    ReadingOptions,
    'abortSignal' | 'concurrency' | 'maxBufferBytes' | 'onProgress' | 'header' | 'onBadRecord'
  > {
  /**
   * How much of each file is looked at. Default `head`: its first 64 KiB, a request a file; a type is then that of the
   * first rows. `all` reads every row, so that the types hold for all of them.
   */
  readonly scan?: 'head' | 'all' | undefined;
}

/** A feature of collected rows. */
export interface SchemaColumn {
  /** Its name. */
  readonly name: string;
  /** The narrowest type that holds its cells in all files; `string` when all are empty. */
  readonly type: ColumnType;
  /** Number of files that have it. */
  readonly files: number;
}

/** A feature has another type than in the file before. */
export interface SchemaTypeChange {
  /** Its name. */
  readonly name: string;
  /** Its type in the files before. */
  readonly from: ColumnType;
  /** Its type in this file. */
  readonly to: ColumnType;
}

/** What the features of collected rows are, and how that changed over time. */
export interface CollectedSchema {
  /** All features, in the order in which they first appear. */
  readonly columns: readonly SchemaColumn[];
  /** Where features or their types differ from those of the file before, in the order of the files. */
  readonly changes: readonly (SchemaChange & { readonly typeChanged?: readonly SchemaTypeChange[] | undefined })[];
}

/** Reads which features there are, and of which types. */
export async function readSchema(
  store: FileStore,
  files: readonly CollectedFile[],
  options: SchemaOptions,
): Promise<CollectedSchema> {
  const seen = await (options.scan === 'all' ? seeAll(store, files, options) : seeHeads(store, files, options));
  const columns = new Map<string, { type: SeenType; files: number; isExact: boolean }>();
  const changes: CollectedSchema['changes'][number][] = [];
  let before: SeenTypes | undefined;
  for (const file of files) {
    const types = seen.get(file);
    if (types === undefined) {
      continue;
    }
    for (const name of types.names) {
      const before = columns.get(name) ?? { type: undefined, files: 0, isExact: false };
      const isExact = before.isExact || types.isExact(name);
      const common = commonType(before.type, types.seenTypeOf(name));
      // As within one file: a double would change the numbers that it cannot hold.
      columns.set(name, {
        type: common === 'float64' && isExact ? 'string' : common,
        files: before.files + 1,
        isExact,
      });
    }
    const change = before === undefined ? undefined : changeOf(file.path, before, types);
    if (change !== undefined) {
      changes.push(change);
    }
    before = types;
  }
  return {
    columns: [...columns].map(([name, { type, files: count }]) => ({ name, type: type ?? 'string', files: count })),
    changes,
  };
}

function changeOf(path: string, before: SeenTypes, now: SeenTypes): CollectedSchema['changes'][number] | undefined {
  const typeChanged = now.names.flatMap((name) => {
    const [from, to] = [before.seenTypeOf(name), now.seenTypeOf(name)];
    // A column that was empty in one of the files tells nothing.
    return from === undefined || to === undefined || from === to ? [] : { name, from, to };
  });
  const change = schemaChange(path, before.names, now.names);
  return change === undefined && typeChanged.length === 0
    ? undefined
    : { path, added: [], removed: [], ...change, ...(typeChanged.length === 0 ? {} : { typeChanged }) };
}

type SeenByFile = Map<CollectedFile, SeenTypes>;
/** Heads that are read at the same time. */
const CONCURRENCY = 8;

async function seeHeads(
  store: FileStore,
  files: readonly CollectedFile[],
  options: SchemaOptions,
): Promise<SeenByFile> {
  const seen: SeenByFile = new Map();
  await inParallel(files, options.concurrency ?? CONCURRENCY, async (file) => {
    const types = new SeenTypes();
    const columns = await readHead(store, file, options, HEAD_BYTES, (block, record, known) =>
      types.see(block, record, known),
    );
    note(seen, file, columns, types);
  });
  return seen;
}

async function seeAll(store: FileStore, files: readonly CollectedFile[], options: SchemaOptions): Promise<SeenByFile> {
  const seen: SeenByFile = new Map();
  const scanner = new RecordScanner();
  for await (const { file, pieces } of readInTurn(store, files, options)) {
    const types = new SeenTypes();
    let columns: FileColumns | undefined;
    for await (const { block, records } of fileBlocks(store, file, pieces, options, scanner)) {
      for (let record = 0; record < block.count; record += 1) {
        if (records.accept(block, record) && records.columns !== undefined) {
          types.see(block, record, records.columns);
        }
      }
      columns = records.columns;
    }
    note(seen, file, columns, types);
  }
  return seen;
}

function note(seen: SeenByFile, file: CollectedFile, columns: FileColumns | undefined, types: SeenTypes): void {
  if (columns !== undefined) {
    types.seeNames(columns.names.filter((name) => !isCallColumn(name)));
    seen.set(file, types);
  }
}
