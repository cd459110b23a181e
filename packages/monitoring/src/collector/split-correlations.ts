import { CORRELATION_COLUMNS } from '../format/columns.ts';
import type { RowCorrelations } from '../format/encode-rows.ts';
import { InvalidRows } from '../rows/invalid-rows.ts';

/** Features of a row, and the ids that it brought along. */
export interface SplitRow<T> {
  /** The row without the columns of its call. */
  readonly features: T;
  /** What these columns said. */
  readonly correlations: RowCorrelations;
}

const OWN = new Set<string>(CORRELATION_COLUMNS);
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/;

/**
 * Takes the columns that `addCorrelations` added out of a record.
 *
 * @param record A row by name.
 * @returns `undefined` when the record has none of these columns.
 * @throws InvalidRows when it has some, but no id or time of scoring.
 */
export function splitCorrelations(
  record: Readonly<Record<string, unknown>>,
): SplitRow<Record<string, unknown>> | undefined {
  const entries = Object.entries(record);
  const features = entries.filter(([name]) => !OWN.has(name));
  if (features.length === entries.length) {
    return undefined;
  }
  return {
    features: Object.fromEntries(features),
    correlations: readCorrelations(CORRELATION_COLUMNS.map((name) => record[name])),
  };
}

/**
 * Takes the four values that `addCorrelations` added out of a row given as an array.
 *
 * @param row The values.
 * @param width Number of features that rows have.
 * @returns `undefined` when the row is not four values longer, or these do not look like ids and a time.
 */
export function splitRowCorrelations(row: ArrayLike<unknown>, width: number): SplitRow<unknown[]> | undefined {
  if (row.length !== width + CORRELATION_COLUMNS.length) {
    return undefined;
  }
  const values = Array.from(row);
  const [id, own, time, request] = values.slice(width);
  const areIds = isText(id) && [own, request].every((value) => value === null || value === undefined || isId(value));
  if (!areIds || !(time instanceof Date || (typeof time === 'string' && TIMESTAMP.test(time)))) {
    return undefined;
  }
  return { features: values.slice(0, width), correlations: readCorrelations([id, own, time, request]) };
}

/**
 * Takes the columns that `addCorrelations` added out of columns.
 *
 * @param columns Values by name.
 * @returns The other columns, and the ids of each row; `undefined` when there are no such columns.
 * @throws InvalidRows when there are some, but a row has no id or time of scoring.
 */
export function splitColumnCorrelations(columns: Readonly<Record<string, ArrayLike<unknown>>>):
  | {
      readonly features: Record<string, ArrayLike<unknown>>;
      readonly correlations: RowCorrelations[];
    }
  | undefined {
  const entries = Object.entries(columns);
  const features = entries.filter(([name]) => !OWN.has(name));
  if (features.length === entries.length) {
    return undefined;
  }
  const own = CORRELATION_COLUMNS.map((name) => columns[name]);
  const length = Math.max(...entries.map(([, values]) => values.length));
  const correlations = Array.from({ length }, (_, index) => readCorrelations(own.map((values) => values?.[index])));
  return { features: Object.fromEntries(features), correlations };
}

function readCorrelations([id, own, time, request]: readonly unknown[]): RowCorrelations {
  if (!isText(id)) {
    throw new InvalidRows(undefined, `the row has no ${CORRELATION_COLUMNS[0]}; pass what addCorrelations returned`);
  }
  const scoringTimestamp = time instanceof Date && !Number.isNaN(time.getTime()) ? time.toISOString() : time;
  if (!isText(scoringTimestamp)) {
    throw new InvalidRows(undefined, `the row has no ${CORRELATION_COLUMNS[2]}; pass what addCorrelations returned`);
  }
  return { correlationId: id, userCorrelationId: toId(own), scoringTimestamp, requestId: toId(request) };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isId(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

/** An id as text: callers without types have numbers, and files have empty cells. */
function toId(value: unknown): string | undefined {
  if (value === null || value === undefined || value === '') {
    return undefined;
  }
  if (!isId(value)) {
    throw new InvalidRows(undefined, 'a correlation id must be a text');
  }
  return String(value);
}
