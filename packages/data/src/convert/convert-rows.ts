import { CORRELATION_COLUMNS } from '@azureml-ts/monitoring/format';
import type { CollectedFile } from '../files/collected-file.ts';
import { cellFault } from '../rows/bad-record.ts';
import type { CellType } from '../rows/cell-types.ts';
import { isCallColumn } from '../rows/correlation-columns.ts';
import { fileBlocks } from '../rows/file-blocks.ts';
import type { FileColumns } from '../rows/file-columns.ts';
import type { FileRecords } from '../rows/file-records.ts';
import { userIdOfPython } from '../rows/python-cells.ts';
import { readInTurn } from '../rows/read-in-turn.ts';
import { checkColumns } from '../rows/read-rows.ts';
import type { CallColumns } from '../rows/row-builder.ts';
import type { RecordBlock } from '../scan/record-block.ts';
import { RecordScanner } from '../scan/record-scanner.ts';
import type { FileStore } from '../store/file-store.ts';
import { type SeenBytes, seePieces } from '../store/see-pieces.ts';
import { seeingStore } from './source-seen.ts';

/** A row on its way from one layout to another. Its cells are kept by place: as names of an object, `2` comes before `b`. */
export interface ConvertRow {
  /** The file that it stands in. */
  readonly file: CollectedFile;
  /** Names of its features; rows with the same names share one list. */
  readonly names: readonly string[];
  /** What is written for each feature. */
  readonly texts: readonly string[];
  /** The columns of its call. */
  readonly call: CallColumns;
}

/** What is written for a cell; `undefined` when it is not of its declared type. */
export type CellText = (block: RecordBlock, cell: number) => string | undefined;

/** How the cells of rows are read. */
export interface CellReading {
  /** Declared types; only for what is told of a cell that is not of its type. */
  readonly types?: 'infer' | 'strings' | Readonly<Record<string, CellType>> | undefined;
  /** Makes what reads the cells of a column. */
  cellText(name: string, columns: FileColumns): CellText;
}

/** A file whose rows were all read. */
export interface ReadFile extends SeenBytes {
  readonly file: CollectedFile;
  /** Number of its rows. */
  readonly rows: number;
  /** Columns of it that are no features, and not those that all rows have. */
  readonly otherColumns: readonly string[];
  /** Blobs that its records name by `dataref`. */
  readonly references: readonly SeenBytes[];
}

/** How to read rows. */
export interface ConvertReading {
  readonly cells: CellReading;
  readonly header?: boolean | undefined;
  readonly abortSignal?: AbortSignal | undefined;
  /** Told of each file, in order. */
  readonly onFile?: ((read: ReadFile) => void) | undefined;
}

const FIRST_FOUR: readonly string[] = CORRELATION_COLUMNS;

/**
 * Reads rows in the order in which they are stored.
 *
 * @throws BadRecordError for the first bad record; AzuremlError `COLUMN_NOT_FOUND`, `STORAGE_READ_FAILED`.
 */
export async function* convertRows(
  store: FileStore,
  files: readonly CollectedFile[],
  { cells, header, abortSignal, onFile }: ConvertReading,
): AsyncGenerator<readonly ConvertRow[], void, undefined> {
  const scanner = new RecordScanner();
  const lists = new NameLists();
  const known = new Set<string>();
  for await (const { file, pieces } of readInTurn(store, files, { abortSignal })) {
    const references = new Map<string, SeenBytes>();
    const others = new Set<string>();
    let own: SeenBytes | undefined;
    let reader: RowReader | undefined;
    let count = 0;
    const seen = seePieces(file.path, pieces, (bytes) => {
      own = bytes;
    });
    const beside = seeingStore(store, (bytes) => void references.set(bytes.path, bytes));
    for await (const { block, records } of fileBlocks(beside, file, seen, { header, abortSignal }, scanner)) {
      const rows: ConvertRow[] = [];
      for (let record = 0; record < block.count; record += 1) {
        const isRow = records.accept(block, record);
        const { columns } = records;
        if (columns === undefined) {
          continue;
        }
        if (reader?.columns !== columns) {
          reader = new RowReader(records, columns, cells, lists);
          for (const name of columns.names) {
            known.add(name);
            if (isCallColumn(name) && !FIRST_FOUR.includes(name)) {
              others.add(name);
            }
          }
        }
        if (isRow) {
          rows.push(reader.row(block, record));
        }
      }
      count += rows.length;
      if (rows.length > 0) {
        yield rows;
      }
    }
    onFile?.({
      ...(own ?? { path: file.path, bytes: 0, sha256: '' }),
      file,
      rows: count,
      otherColumns: [...others],
      references: [...references.values()],
    });
  }
  checkColumns(known, { types: cells.types });
}

/** One list for each set of names, so that rows can be compared by it. */
class NameLists {
  readonly #lists = new Map<string, readonly string[]>();

  of(names: readonly string[]): readonly string[] {
    const key = JSON.stringify(names);
    const list = this.#lists.get(key) ?? names;
    this.#lists.set(key, list);
    return list;
  }
}

/** Reads the rows of a file that have the same columns. */
class RowReader {
  readonly columns: FileColumns;
  readonly #records: FileRecords;
  readonly #cells: CellReading;
  readonly #names: readonly string[];
  readonly #indexes: readonly number[];
  readonly #readers: readonly CellText[];
  readonly #call: readonly number[];

  constructor(records: FileRecords, columns: FileColumns, cells: CellReading, lists: NameLists) {
    this.columns = columns;
    this.#records = records;
    this.#cells = cells;
    const features = columns.names.filter((name) => !isCallColumn(name));
    this.#names = lists.of(features);
    this.#indexes = features.map((name) => columns.names.indexOf(name));
    this.#readers = features.map((name) => cells.cellText(name, columns));
    this.#call = CORRELATION_COLUMNS.map((name) => columns.names.indexOf(name));
  }

  row(block: RecordBlock, record: number): ConvertRow {
    const first = block.firstCells[record] as number;
    const texts = this.#readers.map((read, at) => {
      const cell = first + (this.#indexes[at] as number);
      const text = read(block, cell);
      if (text === undefined) {
        this.#refuse(block, record, this.#names[at] as string, cell);
      }
      return text ?? '';
    });
    const [id, user, scoringTimestamp, requestId] = this.#call.map((index) =>
      index === -1 ? undefined : block.text(first + index),
    );
    const call = {
      id: id ?? '',
      userCorrelationId: user ?? userIdOfPython(id ?? ''),
      scoringTimestamp: scoringTimestamp ?? '',
      requestId: requestId ?? '',
    };
    return { file: this.#records.file, names: this.#names, texts, call };
  }

  #refuse(block: RecordBlock, record: number, column: string, cell: number): void {
    const { types } = this.#cells;
    const type = (typeof types === 'object' ? types[column] : undefined) ?? 'string';
    const place = {
      path: this.#records.file.path,
      record: this.#records.number,
      byteOffset: block.offsetOf(record),
      column,
    };
    this.#records.rejectCell(cellFault(place, type, block.text(cell)));
  }
}
