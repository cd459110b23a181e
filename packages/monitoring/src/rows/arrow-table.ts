import type { ArrowTableLike } from './collect-input.ts';
import { InvalidRows } from './invalid-rows.ts';

/** Numbers of the types that need a look. Source: `Type` of apache-arrow 21. */
const DICTIONARY = -1;
const FLOAT = 3;
const BINARY = new Set([4, 15, 19]);
const DECIMAL = 7;
const DATE = 8;
const TIMESTAMP = 10;
const LISTS = new Set([12, 16]);
const STRUCT = 13;

/** The members of a type that are read. */
export interface ArrowType {
  readonly typeId?: unknown;
  readonly scale?: unknown;
  /** Of floats: 0 for half, 1 for single and 2 for double precision. */
  readonly precision?: unknown;
  /** Of lists and structures: what is in them. */
  readonly children?: readonly { readonly name: string; readonly type: ArrowType }[] | null;
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
      if (value === null || value === undefined) {
        return null;
      }
      return meaning === undefined ? value : meaning(value);
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

/** The type of floats that a column has, also through a dictionary; `undefined` when it holds something else. */
export function floatTypeOf(type: ArrowType | undefined): ArrowType | undefined {
  if (type?.typeId === DICTIONARY) {
    return floatTypeOf(type.dictionary);
  }
  return type?.typeId === FLOAT ? type : undefined;
}

/** Whether a column holds floats, or lists of floats. */
export function holdsFloats(type: ArrowType | undefined): boolean {
  const isList = LISTS.has(type?.typeId as number);
  return isList ? holdsFloats(type?.children?.[0]?.type) : floatTypeOf(type) !== undefined;
}

type Meaning = (value: unknown) => unknown;

/**
 * How what a vector gives becomes what it means: times are numbers there, and decimals words of memory. `undefined` when it
 * means what it is.
 */
function meaningOf(name: string, type: ArrowType, rowCount: number): Meaning | undefined {
  const { typeId, scale, dictionary, children } = type;
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
    case STRUCT:
      return meaningOfStruct((children ?? []).map((child) => [child.name, meaningOf(name, child.type, rowCount)]));
    default: {
      const inner = LISTS.has(typeId as number) && children?.[0] && meaningOf(name, children[0].type, rowCount);
      return inner
        ? (list) => Array.from(list as Iterable<unknown>, (value) => (value == null ? null : inner(value)))
        : undefined;
    }
  }
}

function meaningOfStruct(members: readonly (readonly [name: string, Meaning | undefined])[]): Meaning | undefined {
  if (members.every(([, meaning]) => meaning === undefined)) {
    return undefined;
  }
  return (value) => {
    const given = (value as { toJSON(): Readonly<Record<string, unknown>> }).toJSON();
    return Object.fromEntries(
      members.map(([name, meaning]) => [
        name,
        meaning === undefined || given[name] == null ? given[name] : meaning(given[name]),
      ]),
    );
  };
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
  const text =
    scale > 0
      ? `${digits.slice(0, point)}.${digits.slice(point)}`
      : unscaled === 0n
        ? '0'
        : digits + '0'.repeat(-scale);
  return unscaled < 0n ? `-${text}` : text;
}
