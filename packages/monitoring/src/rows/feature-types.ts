import type { Cell } from '../format/csv-encode.ts';
import type { CellEncoder } from '../format/encode-rows.ts';
import { encodeFloat32, encodeFloat64 } from '../format/number-text.ts';
import { toDayText, toTime } from './calendar-text.ts';
import { inQuotes } from './describe-value.ts';

/** The types that a feature can have. */
export const FEATURE_TYPES = [
  'float64',
  'float32',
  'int64',
  'int32',
  'boolean',
  'string',
  'date',
  'timestamp',
  'enum',
] as const;

/**
 * Type of a feature: what its cells may be, and how they stand in the file.
 *
 * | type | takes | in the file |
 * |---|---|---|
 * | `float64` | numbers; a bigint that is exactly a double | shortest exact text, always with a point or an exponent: `5.0`, `-0.0`, `1e+21`, `NaN`, `Infinity` |
 * | `float32` | as `float64`, rounded to single precision; nothing that would round to infinity | shortest text that reads back as the same single: `0.1` |
 * | `int64` | safe integers, and bigints of 64 bits | the exact integer |
 * | `int32` | integers from -2147483648 to 2147483647 | the integer |
 * | `boolean` | `true`, `false` | `true`, `false` |
 * | `string` | text only | the text |
 * | `date` | `yyyy-mm-dd`, or a `Date`, of which the UTC day is taken | `yyyy-mm-dd` |
 * | `timestamp` | a `Date`, or ISO 8601 text with a zone; parts of milliseconds are cut off | `yyyy-mm-ddThh:mm:ss.sssZ` |
 * | `enum` | one of `values` | the text |
 *
 * `null` and `undefined` fit every type and are empty. Nothing is converted from text to number or back: a value of
 * another type makes the call invalid.
 */
export type FeatureType = (typeof FEATURE_TYPES)[number];

/** What stands for a value that is not of the type. */
export const UNFIT = Symbol('unfit');

/** How the values of one type become cells. */
export interface TypeRule {
  /** What a value has to be, in words. */
  readonly expected: string;
  /** Makes a cell of a value that is neither `null` nor `undefined`. */
  readonly toCell: (value: unknown) => Cell | typeof UNFIT;
  /** How a cell becomes text; the usual way when left out. */
  readonly encoder?: CellEncoder;
}

const MOST_INT32 = 2 ** 31 - 1;
const LEAST_INT32 = -(2 ** 31);
/** Values of an enumeration that a message names at most. */
const MAX_NAMED = 20;

const RULES: Readonly<Record<Exclude<FeatureType, 'enum'>, TypeRule>> = {
  float64: {
    expected: 'a number, or a bigint that a double holds exactly',
    toCell: toFloat64,
    encoder: encodeFloat64,
  },
  float32: {
    expected: 'a number within single precision, or a bigint that it holds exactly',
    toCell: toFloat32,
    encoder: encodeFloat32,
  },
  int64: {
    expected: `an integer, beyond ${Number.MAX_SAFE_INTEGER} as a bigint, within 64 bits`,
    toCell: toInt64,
  },
  int32: {
    expected: `an integer from ${LEAST_INT32} to ${MOST_INT32}`,
    toCell: toInt32,
  },
  boolean: { expected: 'true or false', toCell: (value) => (typeof value === 'boolean' ? value : UNFIT) },
  string: { expected: 'a text', toCell: (value) => (typeof value === 'string' ? value : UNFIT) },
  date: {
    expected: 'a day of the calendar as yyyy-mm-dd, or a valid Date',
    toCell: (value) => toDayText(value) ?? UNFIT,
  },
  timestamp: {
    expected: 'a valid Date, or ISO 8601 text with a zone such as 2026-01-02T03:04:05.678Z',
    toCell: (value) => toTime(value) ?? UNFIT,
  },
};

/**
 * The rule of a type.
 *
 * @param type The type.
 * @param values What an enumeration may be.
 */
export function typeRule(type: FeatureType, values: readonly string[] = []): TypeRule {
  if (type !== 'enum') {
    return RULES[type];
  }
  const known = new Set<unknown>(values);
  const named = values.slice(0, MAX_NAMED).map((value) => inQuotes(value));
  return {
    expected: `one of ${named.join(', ')}${values.length > MAX_NAMED ? `, ... (${values.length})` : ''}`,
    toCell: (value) => (known.has(value) ? (value as string) : UNFIT),
  };
}

function toFloat64(value: unknown): Cell | typeof UNFIT {
  if (typeof value === 'number') {
    return value;
  }
  return typeof value === 'bigint' && isExactly(Number(value), value) ? Number(value) : UNFIT;
}

function toFloat32(value: unknown): Cell | typeof UNFIT {
  if (typeof value === 'bigint') {
    const single = Math.fround(Number(value));
    return isExactly(single, value) ? single : UNFIT;
  }
  if (typeof value !== 'number') {
    return UNFIT;
  }
  const single = Math.fround(value);
  return Number.isFinite(value) && !Number.isFinite(single) ? UNFIT : single;
}

function isExactly(number: number, integer: bigint): boolean {
  return Number.isFinite(number) && BigInt(number) === integer;
}

function toInt64(value: unknown): Cell | typeof UNFIT {
  if (typeof value === 'bigint') {
    return BigInt.asIntN(64, value) === value ? value : UNFIT;
  }
  return Number.isSafeInteger(value) ? withoutSign(value as number) : UNFIT;
}

function toInt32(value: unknown): Cell | typeof UNFIT {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return Number.isInteger(number) && (number as number) >= LEAST_INT32 && (number as number) <= MOST_INT32
    ? withoutSign(number as number)
    : UNFIT;
}

/** Integers have no -0. */
function withoutSign(value: number): number {
  return value === 0 ? 0 : value;
}
