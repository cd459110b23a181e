import { CORRELATION_COLUMNS } from '@azureml-ts/monitoring/format';
import type { RecordBlock } from '../scan/record-block.ts';
import { type BlockReader, blockReader, readText } from './cell-readers.ts';
import type { CellType, CellValue } from './cell-types.ts';
import { isCallColumn, PYTHON_EXTRA_COLUMNS } from './correlation-columns.ts';
import type { FileColumns } from './file-columns.ts';
import { userIdOfPython } from './python-cells.ts';
import { rowTemplate } from './row-template.ts';
import type { RowsOptions } from './rows-options.ts';

/** The columns of a row's call; empty texts where there is nothing. */
export interface CallColumns {
  readonly id: string;
  readonly userCorrelationId: string;
  readonly scoringTimestamp: string;
  readonly requestId: string;
}

/** A cell that is not of the type that its column is declared to have. */
export interface Misfit {
  readonly column: string;
  readonly type: CellType;
  readonly text: string;
}

const NOTHING: CallColumns = { id: '', userCorrelationId: '', scoringTimestamp: '', requestId: '' };
const [ID, USER_ID] = CORRELATION_COLUMNS;

/** Makes rows of the records of one file. */
export class RowBuilder {
  readonly #template: Record<string, CellValue>;
  readonly #names: string[] = [];
  /** Place of each column within the record. */
  readonly #indexes: number[] = [];
  readonly #readers: BlockReader[] = [];
  readonly #types: (CellType | undefined)[] = [];
  /** Places of the columns of the call. */
  readonly #call: readonly number[];
  #lastCall = NOTHING;
  #misfit: Misfit | undefined;

  /**
   * @param file The columns of the file.
   * @param options What to read, and as what.
   * @param isApart Whether the columns of the call are read apart, by {@link RowBuilder.callOf}.
   */
  constructor(file: FileColumns, options: Pick<RowsOptions, 'columns' | 'types'>, isApart: boolean) {
    const places = new Map(file.names.map((name, index) => [name, index]));
    this.#call = CORRELATION_COLUMNS.map((name) => places.get(name) ?? -1);
    const wanted = wantedColumns(file.names, options.columns, isApart);
    this.#template = rowTemplate(wanted);
    for (const name of wanted) {
      const index = places.get(name);
      const type = declaredType(options.types, name);
      if (index !== undefined) {
        this.#add(name, index, readerOf(name, type, options.types, file), type);
      } else if (name === USER_ID && places.has(ID)) {
        const own: BlockReader = (block, cell) => userIdOfPython(block.text(cell));
        this.#add(name, places.get(ID) ?? 0, own, undefined);
      } else if (isCallColumn(name)) {
        this.#template[name] = '';
      }
    }
  }

  /** The cell that kept the last row from being made. */
  get misfit(): Misfit | undefined {
    return this.#misfit;
  }

  /** Makes the row of a record; `undefined` when a cell is not of its type. */
  build<T extends object>(block: RecordBlock, record: number): T | undefined {
    const first = block.firstCells[record] as number;
    const row = { ...this.#template };
    const names = this.#names;
    const indexes = this.#indexes;
    const readers = this.#readers;
    for (let column = 0; column < names.length; column += 1) {
      const cell = first + (indexes[column] as number);
      const value = (readers[column] as BlockReader)(block, cell);
      if (value === undefined) {
        this.#misfit = {
          column: names[column] as string,
          type: this.#types[column] ?? 'string',
          text: block.text(cell),
        };
        return undefined;
      }
      row[names[column] as string] = value;
    }
    return row as T;
  }

  /** The columns of the call of a record; empty where the file lacks one. */
  callOf(block: RecordBlock, record: number): CallColumns {
    const first = block.firstCells[record] as number;
    const [id = -1, user = -1, time = -1, request = -1] = this.#call;
    // Rows of one call have these columns in common: one object for all, which also keeps few texts in memory.
    const last = this.#lastCall;
    const text = (index: number, before: string) =>
      index === -1 ? '' : block.text(first + index) === before ? before : block.ownText(first + index);
    const call = {
      id: text(id, last.id),
      userCorrelationId: text(user, last.userCorrelationId),
      scoringTimestamp: text(time, last.scoringTimestamp),
      requestId: text(request, last.requestId),
    };
    const isSame =
      call.id === last.id &&
      call.userCorrelationId === last.userCorrelationId &&
      call.scoringTimestamp === last.scoringTimestamp &&
      call.requestId === last.requestId;
    if (!isSame) {
      this.#lastCall = call;
    }
    return this.#lastCall;
  }

  #add(name: string, index: number, reader: BlockReader, type: CellType | undefined): void {
    this.#names.push(name);
    this.#indexes.push(index);
    this.#readers.push(reader);
    this.#types.push(type);
  }
}

/** The columns of a row: features, then those of the call, which are in every row and first the four that all files have. */
export function wantedColumns(
  names: readonly string[],
  columns: readonly string[] | undefined,
  isApart = false,
): string[] {
  const features = (columns ?? names).filter((name) => !isCallColumn(name));
  return isApart
    ? [...new Set(features)]
    : [
        ...new Set([
          ...features,
          ...CORRELATION_COLUMNS,
          ...PYTHON_EXTRA_COLUMNS.filter((name) => names.includes(name)),
        ]),
      ];
}

/** The type that a feature is declared to have. */
export function declaredType(types: RowsOptions['types'], name: string): CellType | undefined {
  return typeof types === 'object' && Object.hasOwn(types, name) ? types[name] : undefined;
}

function readerOf(
  name: string,
  type: CellType | undefined,
  types: RowsOptions['types'],
  { dialect }: FileColumns,
): BlockReader {
  return isCallColumn(name) ? readText : blockReader(types === 'strings' ? 'string' : type, dialect);
}
