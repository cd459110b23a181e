import { errorMessage } from '@azureml-ts/common';
import type { CollectInput } from '../rows/collect-input.ts';
import { frameText } from './frame/frame-text.ts';
import { readFrame } from './frame/read-frame.ts';

/** `data` of a record: its JSON text, or rows as `Collector.collect` takes them. */
export type MonitoredRows = string | CollectInput;

/** What the values of a column are to Spark, which reads records for monitoring. */
export type ColumnType = 'integer' | 'float' | 'text' | 'boolean' | 'nested' | 'null';

/** What monitoring sees of `data`. */
export interface MonitoredRecord {
  /** How many rows it has. */
  readonly rowCount: number;
  /** The types of its values, by column. */
  readonly types: ReadonlyMap<string, ReadonlySet<ColumnType>>;
  /** Why it is no list of rows. */
  readonly fault: string | undefined;
}

/** Reads `data` as Spark does. Rows are first written as a `Collector` writes them. */
export function readMonitored(data: MonitoredRows): MonitoredRecord {
  const types = new Map<string, Set<ColumnType>>();
  const wrong = (fault: string): MonitoredRecord => ({ rowCount: 0, types: new Map(), fault });
  let rows: unknown;
  try {
    const json = typeof data === 'string' ? data : frameText(readFrame(data, undefined), undefined).text;
    rows = JSON.parse(withMarkedFloats(json));
  } catch (error) {
    return wrong(`cannot be read: ${errorMessage(error)}`);
  }
  if (!Array.isArray(rows)) {
    return wrong(`is ${typeOf(rows)}, and no list of rows`);
  }
  for (const [index, row] of (rows as unknown[]).entries()) {
    if (typeOf(row) !== 'nested' || Array.isArray(row)) {
      return wrong(`has the row ${index}, which is no object`);
    }
    for (const [name, value] of Object.entries(row as object)) {
      types.set(name, (types.get(name) ?? new Set()).add(typeOf(value)));
    }
  }
  return { rowCount: rows.length, types, fault: undefined };
}

/** The types of several records together. */
export function allTypes(records: readonly MonitoredRecord[]): Map<string, ReadonlySet<ColumnType>> {
  const all = new Map<string, ReadonlySet<ColumnType>>();
  for (const [name, types] of records.flatMap((record) => [...record.types])) {
    all.set(name, new Set([...(all.get(name) ?? []), ...types]));
  }
  return all;
}

/** The type that Spark gives a column. Nested values become their text. */
export function merged(types: ReadonlySet<ColumnType>): ColumnType {
  const there = [...types].filter((type) => type !== 'null');
  if (there.length > 0 && there.every((type) => type === 'integer' || type === 'float')) {
    return there.includes('float') ? 'float' : 'integer';
  }
  return there.length === 1 && there[0] === 'boolean' ? 'boolean' : 'text';
}

const FLOAT_MARK = '\ufdd0float';
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|NaN|-?Infinity/g;

/**
 * JSON in which every float outside of texts is a marked text, because reading would make 5.0 the same as 5. `NaN` and
 * `Infinity`, which Python writes, and integers of more than 64 bits, which are decimals to Spark, are such floats too.
 */
function withMarkedFloats(json: string): string {
  return json.replaceAll(TOKEN, (token) => {
    const isOther =
      token.startsWith('"') || (/^-?\d+$/.test(token) && BigInt.asIntN(64, BigInt(token)) === BigInt(token));
    return isOther ? token : `"${FLOAT_MARK}"`;
  });
}

function typeOf(value: unknown): ColumnType {
  switch (typeof value) {
    case 'string':
      return value === FLOAT_MARK ? 'float' : 'text';
    case 'number':
      return 'integer';
    case 'boolean':
      return 'boolean';
    default:
      return value === null ? 'null' : 'nested';
  }
}
