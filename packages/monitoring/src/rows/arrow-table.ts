import type { ArrowTableLike } from './collect-input.ts';
import { InvalidRows } from './invalid-rows.ts';

/** Numbers of the types that need a look. Source: `Type` of apache-arrow 21. */
const DICTIONARY = -1;
const BINARY = new Set([4, 15, 19]);
const DECIMAL = 7;
const DATE = 8;
const TIMESTAMP = 10;

/** The members of a type that are read. */
interface ArrowType {
  readonly typeId?: unknown;
  readonly scale?: unknown;
  /** Of a dictionary: the type of its values. */
  readonly dictionary?: ArrowType;
}

/** The columns of a table, read value by value. */
export interface TableColumns {
  /** Their names, in order. */
  readonly names: readonly string[];
  /** How many rows there are. */
  readonly length: number;
  /** The value of a column in a row. */
  value(column: number, row: number): unknown;
}

/** Whether a value is a table or record batch of Apache Arrow, by its members: the package is not loaded for it. */
export function isArrowTable(input: object): input is ArrowTableLike {
  const { numRows, schema, getChildAt } = input as Partial<ArrowTableLike>;
  return Number.isInteger(numRows) && Array.isArray(schema?.fields) && typeof getChildAt === 'function';
}

/**
 * Opens the columns of a table.
 *
 * @throws InvalidRows when two columns have one name, or a column holds bytes.
 */
export function tableColumns(table: ArrowTableLike): TableColumns {
  const { numRows } = table;
  const fields = table.schema.fields as readonly { readonly name: string; readonly type: ArrowType }[];
  const names = fields.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new InvalidRows(numRows, `the table has two columns called ${JSON.stringify(twice)}`);
  }
  const readers = fields.map(({ name, type }, index) => {
    const column = table.getChildAt(index);
    const meaning = meaningOf(name, type, numRows);
    return (row: number) => {
      const value = column?.get(row);
      return value === null || value === undefined ? null : meaning(value);
    };
  });
  return { names, length: numRows, value: (column, row) => readers[column]?.(row) };
}

/** The same as arrays by name. */
export function columnsOf(table: ArrowTableLike): Record<string, unknown[]> {
  const { names, length, value } = tableColumns(table);
  return Object.fromEntries(
    names.map((name, column) => [name, Array.from({ length }, (_, row) => value(column, row))]),
  );
}

/** How what a vector gives becomes what it means: times are numbers there, and decimals words of memory. */
function meaningOf(name: string, type: ArrowType, rowCount: number): (value: unknown) => unknown {
  const { typeId, scale, dictionary } = type;
  if (typeId === DICTIONARY && dictionary !== undefined) {
    return meaningOf(name, dictionary, rowCount);
  }
  if (BINARY.has(typeId as number)) {
    throw new InvalidRows(
      rowCount,
      `the column ${JSON.stringify(name)} holds bytes; audio, images and video are not collected`,
    );
  }
  switch (typeId) {
    case DECIMAL:
      return (value) => decimalText(value as Uint32Array, Number(scale));
    case DATE:
    case TIMESTAMP:
      return (value) => new Date(Number(value));
    default:
      return (value) => value;
  }
}

/** Words of a two's complement, the lowest first. */
function decimalText(words: Uint32Array, scale: number): string {
  let unscaled = 0n;
  for (const word of [...words].reverse()) {
    unscaled = (unscaled << 32n) | BigInt(word);
  }
  unscaled = BigInt.asIntN(words.length * 32, unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const point = digits.length - scale;
  const text = scale > 0 ? `${digits.slice(0, point)}.${digits.slice(point)}` : digits;
  return unscaled < 0n ? `-${text}` : text;
}
