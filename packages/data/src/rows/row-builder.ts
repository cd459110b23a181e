import { AzuremlError } from '@azureml-ts/common';
import { CORRELATION_COLUMNS } from '@azureml-ts/monitoring/format';
import { wrongCell, wrongWidth } from './bad-record.ts';
import { CELL_READERS, type CellReader, type CellType, type CellValue, inferCell } from './cell-types.ts';
import type { RowsOptions } from './rows-options.ts';

interface Column {
  readonly name: string;
  /** Its place in the record; -1 when this file lacks it. */
  readonly index: number;
  readonly read: CellReader;
  readonly type: CellType | undefined;
}

/** The columns of a row's call; empty texts where there is nothing. */
export interface CallColumns {
  readonly id: string;
  readonly userCorrelationId: string;
  readonly scoringTimestamp: string;
  readonly requestId: string;
}

const OWN_COLUMNS = new Set<string>(CORRELATION_COLUMNS);

const readText: CellReader = (text) => text;

/** Makes rows of the records of one file. */
export class RowBuilder {
  /** Names of the file's columns. */
  readonly names: readonly string[];
  /** Whether the file names its columns itself: its first record is then no row. */
  readonly hasHeader: boolean;
  readonly #path: string;
  readonly #columns: readonly Column[];
  /** Places of the columns of the call. */
  readonly #call: readonly number[];

  /**
   * @param path The file, for errors.
   * @param first Its first record.
   * @param number Number of that record.
   * @param options What to read, and as what.
   * @param apart Whether the columns of the call are read apart, by {@link RowBuilder.callOf}.
   * @throws AzuremlError `CSV_BAD_HEADER` when a column's name is repeated; `CSV_BAD_RECORD` when there is no header and
   *   the record is too short to be a row.
   */
  constructor(path: string, first: readonly string[], number: number, options: RowsOptions, apart: boolean) {
    this.#path = path;
    this.hasHeader = first.includes(CORRELATION_COLUMNS[0]);
    this.names = this.hasHeader ? first : unnamed(path, first, number);
    const repeated = this.names.find((name, index) => this.names.indexOf(name) !== index);
    if (repeated !== undefined) {
      throw new AzuremlError(
        'CSV_BAD_HEADER',
        `The header of ${path} names the column "${repeated}" twice, so a row could hold only one of them. Repair the file.`,
        { details: { path, column: repeated } },
      );
    }
    const columns = selectColumns(this.names, options);
    this.#columns = apart ? columns.filter(({ name }) => !OWN_COLUMNS.has(name)) : columns;
    this.#call = CORRELATION_COLUMNS.map((name) => this.names.indexOf(name));
  }

  /**
   * Makes the row of a record.
   *
   * @throws BadRecordError when it has another number of cells than the file has columns, or a cell is not of its type.
   */
  build<T extends object>(record: readonly string[], number: number): T {
    if (record.length !== this.names.length) {
      throw wrongWidth(this.#path, number, record.length, this.names.length);
    }
    const row: Record<string, CellValue> = {};
    for (const { name, index, read, type } of this.#columns) {
      const text = record[index];
      const value = text === undefined ? null : read(text);
      if (value === undefined) {
        throw wrongCell({ path: this.#path, record: number, column: name }, type ?? 'string', text ?? '');
      }
      if (name === '__proto__') {
        // Assigning would change the object's prototype, not make a property.
        Object.defineProperty(row, name, { value, enumerable: true, configurable: true, writable: true });
      } else {
        row[name] = value;
      }
    }
    return row as T;
  }

  /** The columns of the call of a record that was built; empty where the file lacks one. */
  callOf(record: readonly string[]): CallColumns {
    const [id = -1, user = -1, time = -1, request = -1] = this.#call;
    return {
      id: record[id] ?? '',
      userCorrelationId: record[user] ?? '',
      scoringTimestamp: record[time] ?? '',
      requestId: record[request] ?? '',
    };
  }
}

/** Names for a file without header: rows that were collected as arrays and that nobody named. */
function unnamed(path: string, first: readonly string[], number: number): string[] {
  const featureCount = first.length - CORRELATION_COLUMNS.length;
  if (featureCount < 0) {
    throw wrongWidth(path, number, first.length, CORRELATION_COLUMNS.length);
  }
  return [...Array.from({ length: featureCount }, (_, index) => `column_${index + 1}`), ...CORRELATION_COLUMNS];
}

function selectColumns(names: readonly string[], options: RowsOptions): Column[] {
  const { columns, types = 'infer' } = options;
  const wanted =
    columns === undefined
      ? names
      : [
          ...new Set([
            ...columns.filter((name) => !OWN_COLUMNS.has(name)),
            ...names.filter((name) => OWN_COLUMNS.has(name)),
          ]),
        ];
  return wanted.map((name) => {
    const type = typeof types === 'object' && Object.hasOwn(types, name) ? types[name] : undefined;
    const isText = types === 'strings' || OWN_COLUMNS.has(name);
    const read = isText ? readText : type === undefined ? inferCell : CELL_READERS[type];
    return { name, index: names.indexOf(name), read, type };
  });
}
