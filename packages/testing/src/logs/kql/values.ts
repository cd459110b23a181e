/** Kusto's types. @internal */
export type KqlType = 'string' | 'long' | 'int' | 'real' | 'bool' | 'datetime' | 'timespan' | 'dynamic';

/** A point in time, in ten-millionths of a second since 1970: more digits than a Date has. @internal */
export class KqlTime {
  readonly ticks: bigint;

  constructor(ticks: bigint) {
    this.ticks = ticks;
  }

  /** As the service writes it: without zeros at the end of the fraction. */
  toString(): string {
    const milliseconds = this.ticks / 10_000n - (this.ticks % 10_000n < 0n ? 1n : 0n);
    const rest = this.ticks - milliseconds * 10_000n;
    const [start = '', fraction = ''] = new Date(Number(milliseconds)).toISOString().slice(0, -1).split('.');
    const digits = `${fraction}${String(rest).padStart(4, '0')}`.replace(/0+$/, '');
    return `${start}${digits === '' ? '' : `.${digits}`}Z`;
  }
}

/** A length of time, in ten-millionths of a second. @internal */
export class KqlSpan {
  readonly ticks: bigint;

  constructor(ticks: bigint) {
    this.ticks = ticks;
  }
}

/** A cell. Dynamic values are what their JSON holds. @internal */
export type Value = unknown;

/** A row: values by column. @internal */
export type Row = Readonly<Record<string, Value>>;

const TICKS: Readonly<Record<string, bigint>> = {
  ms: 10_000n,
  s: 10_000_000n,
  m: 600_000_000n,
  h: 36_000_000_000n,
  d: 864_000_000_000n,
};

/** Reads `1.5h`. @internal */
export function spanOf(text: string): KqlSpan {
  const [, amount = '0', unit = 'ms'] = /^([\d.]+)([a-z]+)$/.exec(text) ?? [];
  return new KqlSpan((BigInt(Math.round(Number(amount) * 1_000_000)) * (TICKS[unit] ?? 0n)) / 1_000_000n);
}

/** Reads an ISO 8601 time with up to seven digits of a second; `undefined` when it is none. @internal */
export function timeOf(text: string): KqlTime | undefined {
  const [, day, time = '00:00:00', fraction = '', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,7}))?\s*(Z|[+-]\d\d:\d\d)?)?$/i.exec(text.trim()) ?? [];
  const milliseconds = day === undefined ? Number.NaN : Date.parse(`${day}T${time}${zone.toUpperCase()}`);
  return Number.isNaN(milliseconds)
    ? undefined
    : new KqlTime(BigInt(milliseconds) * 10_000n + BigInt(fraction.padEnd(7, '0') || '0'));
}

/** @internal */
export function timeOfDate(date: Date): KqlTime {
  return new KqlTime(BigInt(date.getTime()) * 10_000n);
}

/** A value as `tostring` gives it. @internal */
export function textOf(value: Value): string {
  if (value === null || value === undefined) {
    return '';
  }
  if (typeof value === 'boolean') {
    return value ? 'True' : 'False';
  }
  if (value instanceof KqlTime) {
    return value.toString().replace(/(?:\.(\d+))?Z$/, (_all, digits = '') => `.${digits.padEnd(7, '0')}Z`);
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** What can be ordered: numbers, texts, times. @internal */
export function orderedOf(value: Value): number | bigint | string | undefined {
  if (value instanceof KqlTime || value instanceof KqlSpan) {
    return value.ticks;
  }
  if (typeof value === 'boolean') {
    return Number(value);
  }
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string' ? value : undefined;
}

/** Order of two values; nothing comes first. @internal */
export function compare(a: Value, b: Value): number {
  const left = orderedOf(a);
  const right = orderedOf(b);
  if (left === undefined || right === undefined) {
    return Number(left !== undefined) - Number(right !== undefined);
  }
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A cell as it stands in the JSON of an answer. @internal */
export function cellOf(value: Value, type: KqlType): unknown {
  if (value === null || value === undefined) {
    return type === 'string' ? '' : null;
  }
  if (value instanceof KqlTime) {
    return value.toString();
  }
  if (type === 'dynamic') {
    return typeof value === 'string' ? value : JSON.stringify(value);
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return String(value);
  }
  // JSON has no large integers of its own: the answer's text gets the digits.
  return value;
}
