import { anyObject, strictList, strictText, UnreadableCase } from '../strict.ts';

/** One value that the Python collector was given, as far as its text in a file tells it. */
export type PythonCell =
  | { readonly kind: 'missing' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** Decimal digits: it may be larger than a number of JavaScript holds. */
  | { readonly kind: 'integer'; readonly digits: string }
  | { readonly kind: 'float'; readonly value: number; readonly isSingle: boolean }
  | { readonly kind: 'text'; readonly text: string }
  /** Date and time without trailing zeros, the offset behind it where it has one. */
  | { readonly kind: 'time'; readonly text: string }
  | { readonly kind: 'duration'; readonly nanoseconds: bigint }
  /** Written as Python shows it; `undefined` when the recording does not tell how that is. */
  | { readonly kind: 'other'; readonly text: string | undefined };

/** Rows of one call: their cells, and their columns when they have names of their own. */
export interface PythonRows {
  readonly columns: readonly string[] | undefined;
  /** Whether they came as a data frame, in which a hole is no number. */
  readonly isFrame: boolean;
  readonly rows: readonly (readonly PythonCell[])[];
}

/** Makes rows of what a call was given; `undefined` when the collector takes no such thing. */
export function pythonRows(input: unknown): PythonRows | undefined {
  const { typed, repr, rows: shownRows } = anyObject(input, 'input');
  // A bare text or number is nothing that the collector takes.
  const value = typeof typed === 'object' ? anyObject(typed, 'typed') : {};
  const shown = (shownRows ?? repr) as unknown;
  switch (value['$type']) {
    case 'list': {
      const items = strictList(value['items'], 'items');
      return {
        columns: undefined,
        isFrame: false,
        rows: [items.map((item, at) => pythonCell(item, shownAt(shown, at)))],
      };
    }
    case 'ndarray': {
      const items = strictList(value['items'], 'items');
      const shape = strictList(value['shape'], 'shape').map(Number);
      const width = shape.length === 1 ? (shape[0] ?? 0) : (shape[1] ?? 0);
      const count = shape.length === 1 ? 1 : (shape[0] ?? 0);
      const rows = Array.from({ length: count }, (_, row) =>
        items
          .slice(row * width, (row + 1) * width)
          .map((item, at) => pythonCell(item, shownAt(shownAt(shown, row), at))),
      );
      return { columns: undefined, isFrame: false, rows };
    }
    case 'DataFrame': {
      const rows = strictList(value['rows'], 'rows').map((row, at) =>
        strictList(row, 'row').map((item, column) => pythonCell(item, shownAt(shownAt(shown, at), column))),
      );
      return { columns: strictList(value['columns'], 'columns').map(String), isFrame: true, rows };
    }
    default:
      return undefined;
  }
}

function shownAt(shown: unknown, index: number): unknown {
  return Array.isArray(shown) ? shown[index] : undefined;
}

/** Reads one value. */
export function pythonCell(value: unknown, shown?: unknown): PythonCell {
  if (value === null) {
    return { kind: 'missing' };
  }
  if (typeof value === 'boolean') {
    return { kind: 'boolean', value };
  }
  if (typeof value === 'number') {
    return { kind: 'integer', digits: String(value) };
  }
  if (typeof value === 'string') {
    return { kind: 'text', text: value };
  }
  const object = anyObject(value, 'value');
  const type = strictText(object['$type'], '$type');
  if (/^u?int\d*$/.test(type)) {
    return { kind: 'integer', digits: strictText(object['value'], 'value') };
  }
  switch (type) {
    case 'NaT':
    case 'NA':
      return { kind: 'missing' };
    case 'bool':
      return { kind: 'boolean', value: object['value'] === true };
    case 'float64':
    case 'float32':
      return { kind: 'float', value: Number(strictText(object['value'], 'value')), isSingle: type === 'float32' };
    case 'Timestamp':
    case 'datetime':
    case 'date':
      return { kind: 'time', text: plainTime(strictText(object['value'], 'value')) };
    case 'Timedelta':
    case 'timedelta':
      return { kind: 'duration', nanoseconds: BigInt(strictText(object['nanoseconds'], 'nanoseconds')) };
    case 'list':
    case 'tuple':
    case 'dict':
    case 'bytes':
    case 'ndarray':
      return { kind: 'other', text: typeof shown === 'string' ? shown : undefined };
    default:
      throw new UnreadableCase(`a value is of a type that this runner does not know: ${type}`);
  }
}

/** A time without the zeros that its column brings along, and with a T. */
export function plainTime(text: string): string {
  return text
    .replace(/^(\d{4}-\d\d-\d\d) /, '$1T')
    .replace(/(\.\d*?)0+(?=$|[+-])/, '$1')
    .replace(/\.(?=$|[+-])/, '')
    .replace(/^(\d{4}-\d\d-\d\d)$/, '$1T00:00:00');
}

/** Nanoseconds of a duration as Python or pandas prints it, for example `1 day, 0:01:30` or `-1 days +23:59:59`. */
export function durationOf(text: string): bigint | undefined {
  const match = /^(?:(-?\d+) days?,? ?)?\+?(\d+):(\d\d):(\d\d)(?:\.(\d+))?$/.exec(text);
  if (match === null) {
    return undefined;
  }
  const [days, hours, minutes, seconds] = match.slice(1, 5).map((part) => BigInt(part ?? 0));
  const total = (((days ?? 0n) * 24n + (hours ?? 0n)) * 60n + (minutes ?? 0n)) * 60n + (seconds ?? 0n);
  return total * 1_000_000_000n + BigInt((match[5] ?? '').padEnd(9, '0').slice(0, 9));
}
