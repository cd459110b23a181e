import type { Recording } from './recorded-files.ts';

interface Typed {
  readonly $type?: string;
  readonly value?: unknown;
  readonly items?: readonly unknown[];
  readonly shape?: readonly number[];
  readonly rows?: readonly (readonly unknown[])[];
  readonly typed?: unknown;
}

/**
 * The values that the calls of a recording were given, row by row, as {@link tellValue} tells them; `undefined` when they
 * have kinds that a text file cannot tell (times, nested values, bytes).
 */
export function recordedValues({ calls = [] }: Recording): unknown[][] | undefined {
  const rows: unknown[][] = [];
  for (const { method, input } of calls) {
    const typed = method === 'collect' ? decoded(input) : undefined;
    if (typed === undefined) {
      return undefined;
    }
    rows.push(...typed);
  }
  // An empty list is an empty line, which is no row.
  return rows.some((row) => row.includes(undefined)) ? undefined : rows.filter((row) => row.length > 0);
}

function decoded(input: unknown): unknown[][] | undefined {
  const outer = input as Typed | null;
  const value = (
    outer !== null && typeof outer === 'object' && outer.typed !== undefined ? outer.typed : input
  ) as Typed;
  switch (value?.$type) {
    case 'list':
      return [(value.items ?? []).map((item) => plain(item, false))];
    case 'ndarray': {
      const [rows = 1, columns = rows] = value.shape ?? [];
      const items = (value.items ?? []).map((item) => plain(item, false));
      return value.shape?.length === 1
        ? [items]
        : Array.from({ length: rows }, (_, at) => items.slice(at * columns, (at + 1) * columns));
    }
    case 'DataFrame':
      return (value.rows ?? []).map((row) => row.map((item) => plain(item, true)));
    default:
      return Array.isArray(value) ? [value.map((item) => plain(item, false))] : undefined;
  }
}

/** A value as it can stand in a file of text; `undefined` for kinds that cannot. */
function plain(item: unknown, isFrame: boolean): unknown {
  const typed = item as Typed | null;
  if (typed === null || typeof typed !== 'object') {
    return tellValue(item === '' ? null : item);
  }
  const { $type = '', value } = typed;
  if ($type === 'NA') {
    return null;
  }
  if ($type === 'bool') {
    return value;
  }
  if (/^(float\d+|u?int\d*)$/.test($type)) {
    // Nothing is written for NaN in a frame.
    return isFrame && value === 'NaN'
      ? null
      : tellValue($type.startsWith('float') ? Number(value) : BigInt(String(value)));
  }
  return undefined;
}

/** A value so that the same one is told the same way: an integer is no double, and a text is a text. */
export function tellValue(value: unknown): unknown {
  if (typeof value === 'bigint') {
    return BigInt(Number(value)) === value && Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  return value === '' ? null : value;
}
