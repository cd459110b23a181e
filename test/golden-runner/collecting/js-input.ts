import type { Feature, FeatureType } from '@azureml-ts/monitoring';
import { anyObject, type Json, strictList, strictText } from '../strict.ts';

/** A value of Python that JavaScript has no form for: the case cannot be played. */
export class NoSuchValue extends Error {}

/** What `collect` gets in place of what the Python collector got. */
export interface JsInput {
  readonly how: 'row' | 'rows' | 'columns' | 'auto';
  readonly value: unknown;
  /** Columns of a frame. */
  readonly names?: readonly string[];
  /** Declared type that a column needs to be written alike; `undefined` where none is needed. */
  readonly types: readonly (FeatureType | undefined)[];
  /** Type that a column could be declared as; `undefined` where there is none. */
  readonly possible: readonly (FeatureType | undefined)[];
  /** Whether a type of Python is given as its text. */
  readonly hasTexts: boolean;
}

interface Cell {
  readonly value: unknown;
  readonly type: FeatureType | undefined;
  readonly needs: boolean;
  readonly isText: boolean;
}

/** Reads what a call was given. */
export function jsInput(input: unknown): JsInput {
  const { typed, repr, rows: shownRows } = anyObject(input, 'input');
  if (typeof typed !== 'object' || typed === null) {
    return { how: 'auto', value: typed, types: [], possible: [], hasTexts: false };
  }
  const value = typed as Json;
  const shown = (shownRows ?? repr) as unknown;
  switch (value['$type']) {
    case 'list':
      return ofRows([strictList(value['items'], 'items')], [shown], undefined, 'row');
    case 'ndarray':
      return ofArray(value);
    case 'DataFrame': {
      const rows = strictList(value['rows'], 'rows').map((row) => strictList(row, 'row'));
      return ofFrame(strictList(value['columns'], 'columns').map(String), rows, shown);
    }
    case 'dict':
      return { how: 'auto', value: nested(value, undefined).value, types: [], possible: [], hasTexts: false };
    default:
      throw new NoSuchValue(`JavaScript has no ${value['$type']}`);
  }
}

function ofArray(value: Json): JsInput {
  const items = strictList(value['items'], 'items');
  const shape = strictList(value['shape'], 'shape').map(Number);
  const [count, width] = shape.length === 1 ? [1, shape[0] ?? 0] : [shape[0] ?? 0, shape[1] ?? 0];
  const rows = Array.from({ length: count }, (_, row) => items.slice(row * width, (row + 1) * width));
  const dtype = strictText(value['dtype'], 'dtype');
  if (dtype === 'float64' || dtype === 'float32') {
    const typed = rows.map((row) => {
      const numbers = row.map(floatOf);
      return dtype === 'float64' ? new Float64Array(numbers) : new Float32Array(numbers);
    });
    return { how: 'rows', value: typed, types: [], possible: [], hasTexts: false };
  }
  return ofRows(rows, [], undefined, 'rows');
}

function ofRows(
  rows: readonly (readonly unknown[])[],
  shown: readonly unknown[],
  names: readonly string[] | undefined,
  how: 'row' | 'rows',
): JsInput {
  const [only] = rows;
  if (how === 'row' && only !== undefined && only.length > 0 && only.every((item) => typeOf(item) === 'float64')) {
    return { how, value: new Float64Array(only.map(floatOf)), types: [], possible: [], hasTexts: false };
  }
  const cells = rows.map((row, at) => row.map((item, column) => cellOf(item, shownAt(shown[at], column), false)));
  const values = cells.map((row) => row.map(({ value }) => value));
  return {
    how,
    value: how === 'row' ? values[0] : values,
    ...kindsOf(cells),
    ...(names === undefined ? {} : { names }),
  };
}

function ofFrame(names: readonly string[], rows: readonly (readonly unknown[])[], shown: unknown): JsInput {
  if (new Set(names).size < names.length) {
    throw new NoSuchValue('JavaScript has no two columns of one name');
  }
  const columns: Record<string, unknown> = {};
  const table = rows.map((row, at) =>
    row.map((item, column) => cellOf(item, shownAt(shownAt(shown, at), column), true)),
  );
  for (const [column, name] of names.entries()) {
    const items = rows.map((row) => row[column]);
    const types = new Set(items.map(typeOf));
    const floats = types.size === 1 && (types.has('float64') || types.has('float32'));
    columns[name] = !floats
      ? table.map((row) => row[column]?.value)
      : types.has('float64')
        ? new Float64Array(items.map(floatOf))
        : new Float32Array(items.map(floatOf));
    if (floats) {
      for (const row of table) {
        row[column] = { value: undefined, type: undefined, needs: false, isText: false };
      }
    }
  }
  return { how: 'columns', value: columns, names, ...kindsOf(table) };
}

/** Types of the columns, by what is in them. */
function kindsOf(rows: readonly (readonly Cell[])[]): Pick<JsInput, 'types' | 'possible' | 'hasTexts'> {
  const width = rows[0]?.length ?? 0;
  const columns = Array.from({ length: width }, (_, column) => rows.flatMap((row) => row[column] ?? []));
  const possible = columns.map((cells) => {
    const given = cells.filter(({ value }) => value !== null && value !== undefined);
    const [first] = given;
    return first !== undefined && given.every(({ type }) => type === first.type) ? first.type : undefined;
  });
  const types = columns.map((cells, column) => (cells.some(({ needs }) => needs) ? possible[column] : undefined));
  for (const [column, cells] of columns.entries()) {
    if (cells.some(({ needs }) => needs) && possible[column] === undefined) {
      throw new NoSuchValue(
        'JavaScript tells an integral float from an integer only where the whole column has one type',
      );
    }
  }
  return { types, possible, hasTexts: rows.some((row) => row.some(({ isText }) => isText)) };
}

/** Features of a case, when one of its columns must be declared. */
export function featuresOf(names: readonly string[] | undefined, inputs: readonly JsInput[]): Feature[] | undefined {
  const needing = inputs.filter(({ types }) => types.some((type) => type !== undefined));
  if (needing.length === 0) {
    return undefined;
  }
  const columns = names ?? needing[0]?.names;
  if (columns === undefined || needing.length < inputs.length) {
    throw new NoSuchValue('types can be declared only for columns with names, and for all calls alike');
  }
  return columns.map((name, column) => {
    const types = new Set(inputs.map(({ possible }) => possible[column]).filter((type) => type !== undefined));
    const [type] = types;
    if (type === undefined || types.size > 1) {
      throw new NoSuchValue(`the column ${name} has no one type that could be declared`);
    }
    return { name, type };
  });
}

function typeOf(item: unknown): unknown {
  return typeof item === 'object' && item !== null ? (item as Json)['$type'] : typeof item;
}

function floatOf(item: unknown): number {
  return Number(strictText(anyObject(item, 'value')['value'], 'value'));
}

function cellOf(item: unknown, shown: unknown, isFrame: boolean): Cell {
  const plain = (value: unknown, type: FeatureType | undefined): Cell => ({ value, type, needs: false, isText: false });
  switch (typeof item) {
    case 'string':
      return plain(item, 'string');
    case 'number':
      return plain(item, 'int64');
    case 'boolean':
      return plain(item, 'boolean');
    default:
  }
  if (item === null) {
    return plain(null, undefined);
  }
  const object = anyObject(item, 'value');
  const kind = strictText(object['$type'], '$type');
  const text = typeof object['value'] === 'string' ? object['value'] : '';
  if (/^u?int\d*$/.test(kind)) {
    const integer = BigInt(text);
    return plain(Number.isSafeInteger(Number(text)) ? Number(text) : integer, 'int64');
  }
  switch (kind) {
    case 'NA':
    case 'NaT':
      return plain(null, undefined);
    case 'bool':
      return plain(object['value'] === true, 'boolean');
    case 'float64': {
      const value = Number(text);
      return { value, type: 'float64', needs: Number.isSafeInteger(value) && !Object.is(value, -0), isText: false };
    }
    case 'float32':
      return { value: Math.fround(Number(text)), type: 'float32', needs: true, isText: false };
    case 'Timestamp':
    case 'datetime':
      return timeOf(text);
    case 'date':
      return { ...plain(text, 'string'), isText: true };
    case 'Timedelta':
    case 'timedelta':
      return {
        ...plain(durationText(BigInt(strictText(object['nanoseconds'], 'nanoseconds')), isFrame), 'string'),
        isText: true,
      };
    default:
      return nested(object, shown);
  }
}

/** A time without zone is a date, one in UTC a declared timestamp; all others have no form of their own. */
function timeOf(text: string): Cell {
  const [, zone = ''] = /([+-]\d\d:\d\d|Z)?$/.exec(text) ?? [];
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  if ((zone === '' || zone === '+00:00' || zone === 'Z') && /^\d{0,3}0*$/.test(fraction)) {
    const isUtc = zone !== '';
    const value = new Date(isUtc ? text : `${text.length === 10 ? `${text}T00:00:00` : text}Z`);
    return { value, type: isUtc ? 'timestamp' : undefined, needs: isUtc, isText: false };
  }
  return { value: text.replace('T', ' '), type: 'string', needs: false, isText: true };
}

/** A duration as Python prints it, or as pandas does. */
function durationText(nanoseconds: bigint, isFrame: boolean): string {
  const day = 86_400_000_000_000n;
  const days = (nanoseconds - (((nanoseconds % day) + day) % day)) / day;
  const rest = ((nanoseconds % day) + day) % day;
  const [hours, minutes, seconds] = [
    rest / 3_600_000_000_000n,
    (rest / 60_000_000_000n) % 60n,
    (rest / 1_000_000_000n) % 60n,
  ];
  const micro = (rest / 1_000n) % 1_000_000n;
  const two = (value: bigint) => String(value).padStart(2, '0');
  const fraction = micro === 0n ? '' : `.${String(micro).padStart(6, '0')}`;
  if (isFrame) {
    return `${days} days ${days < 0n ? '+' : ''}${two(hours)}:${two(minutes)}:${two(seconds)}${fraction}`;
  }
  const start = days === 0n ? '' : `${days} day${days === 1n || days === -1n ? '' : 's'}, `;
  return `${start}${hours}:${two(minutes)}:${two(seconds)}${fraction}`;
}

/** Lists and dictionaries are arrays and objects; what has no such form is given as Python shows it. */
function nested(value: Json, shown: unknown): Cell {
  try {
    return { value: nestedValue(value), type: undefined, needs: false, isText: false };
  } catch (error) {
    if (!(error instanceof NoSuchValue) || typeof shown !== 'string') {
      throw error;
    }
    return { value: shown, type: 'string', needs: false, isText: true };
  }
}

function nestedValue(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) {
    return item;
  }
  const object = item as Json;
  switch (object['$type']) {
    case 'list':
      return strictList(object['items'], 'items').map(nestedValue);
    case 'dict':
      return Object.fromEntries(
        strictList(object['items'], 'items').map((entry) => {
          const [key, value] = strictList(entry, 'entry');
          if (typeof key !== 'string' || /^\d+$/.test(key)) {
            throw new NoSuchValue('keys of objects are texts');
          }
          return [key, nestedValue(value)];
        }),
      );
    case 'int':
      return BigInt(strictText(object['value'], 'value'));
    case 'float64': {
      const value = floatOf(object);
      if (!Number.isSafeInteger(value)) {
        return value;
      }
      throw new NoSuchValue('an integral float within a value');
    }
    default:
      throw new NoSuchValue(`JavaScript has no ${object['$type']}`);
  }
}

function shownAt(shown: unknown, index: number): unknown {
  return Array.isArray(shown) ? shown[index] : undefined;
}
