import { semanticError } from './kql-error.ts';
import { compare, KqlSpan, KqlTime, type KqlType, textOf, timeOf, timeOfDate, type Value } from './values.ts';

/** A function of one or more values. @internal */
export interface ScalarFunction {
  readonly arity: readonly [least: number, most: number];
  readonly type: (types: readonly KqlType[]) => KqlType;
  readonly call: (args: readonly Value[], now: () => Date) => Value;
}

const fixed = (type: KqlType) => () => type;

/** The functions that the stand-in knows. @internal */
export const FUNCTIONS: Readonly<Record<string, ScalarFunction>> = {
  tostring: { arity: [1, 1], type: fixed('string'), call: ([value]) => textOf(value) },
  tobool: { arity: [1, 1], type: fixed('bool'), call: ([value]) => boolOf(value) },
  todouble: { arity: [1, 1], type: fixed('real'), call: ([value]) => numberOf(value) },
  tolong: { arity: [1, 1], type: fixed('long'), call: ([value]) => integerOf(value) },
  toint: { arity: [1, 1], type: fixed('int'), call: ([value]) => integerOf(value) },
  parse_json: { arity: [1, 1], type: fixed('dynamic'), call: ([value]) => parsed(value) },
  not: { arity: [1, 1], type: fixed('bool'), call: ([value]) => value !== true },
  isempty: { arity: [1, 1], type: fixed('bool'), call: ([value]) => textOf(value) === '' },
  isnotempty: { arity: [1, 1], type: fixed('bool'), call: ([value]) => textOf(value) !== '' },
  strlen: { arity: [1, 1], type: fixed('long'), call: ([value]) => textOf(value).length },
  now: { arity: [0, 0], type: fixed('datetime'), call: (_args, now) => timeOfDate(now()) },
  ago: {
    arity: [1, 1],
    type: fixed('datetime'),
    call: ([span], now) => new KqlTime(timeOfDate(now()).ticks - (span as KqlSpan).ticks),
  },
  datetime: {
    arity: [1, 1],
    type: fixed('datetime'),
    call: ([value]) => {
      const time = timeOf(textOf(value));
      if (time === undefined) {
        throw semanticError('SEM0102', `Failed to parse datetime literal: 'datetime(${textOf(value)})'`);
      }
      return time;
    },
  },
  bin: { arity: [2, 2], type: ([type = 'long']) => type, call: ([value, step]) => binned(value, step) },
  iff: {
    arity: [3, 3],
    type: ([, type = 'string']) => type,
    call: ([condition, yes, no]) => (condition === true ? yes : no),
  },
  coalesce: {
    arity: [2, 64],
    type: ([type = 'string']) => type,
    call: (values) => values.find((value) => value !== null && value !== undefined && value !== '') ?? null,
  },
  min_of: { arity: [2, 64], type: ([type = 'long']) => type, call: (values) => [...values].sort(compare)[0] },
};

/** A number; `null` for what is none. @internal */
export function numberOf(value: Value): number | null {
  const number = typeof value === 'boolean' ? Number(value) : Number(textOf(value) || Number.NaN);
  return Number.isNaN(number) ? null : number;
}

function integerOf(value: Value): number | bigint | null {
  if (typeof value === 'bigint') {
    return value;
  }
  const number = numberOf(value);
  return number === null ? null : Math.trunc(number);
}

function boolOf(value: Value): boolean | null {
  const text = textOf(value).toLowerCase();
  return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : null;
}

function parsed(value: Value): Value {
  if (typeof value !== 'string') {
    return value;
  }
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function binned(value: Value, step: Value): Value {
  if (value instanceof KqlTime && step instanceof KqlSpan) {
    const rest = value.ticks % step.ticks;
    return new KqlTime(value.ticks - (rest < 0n ? rest + step.ticks : rest));
  }
  const number = numberOf(value);
  const size = numberOf(step);
  return number === null || size === null ? null : Math.floor(number / size) * size;
}
