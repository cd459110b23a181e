import { type UtcDay, utcDay } from '../format/blob-path.ts';
import { CORRELATION_COLUMNS } from '../format/columns.ts';
import type { RowCorrelations } from '../format/encode-rows.ts';
import { columnsOf, isArrowTable } from '../rows/arrow-table.ts';
import { isNumericArray, isPlainObject } from '../rows/input-kinds.ts';
import { splitColumnCorrelations, splitCorrelations, splitRowCorrelations } from './split-correlations.ts';

/** Input whose rows brought the ids of their calls along, as `addCorrelations` gives them. */
export interface CorrelatedInput {
  /** The input without the columns of the calls. */
  readonly input: unknown;
  /** What these columns said, for each row. */
  readonly correlations: readonly RowCorrelations[];
}

/**
 * Takes the ids out of rows that brought theirs along.
 *
 * @param input What `collect` was given.
 * @param width Number of features, when it is fixed.
 * @returns `undefined` for input without such columns: nearly always, and found out without a look at every row.
 * @throws InvalidRows when a row has some of these columns, but no id or time of scoring.
 */
export function takeOwnCorrelations(input: unknown, width: number | undefined): CorrelatedInput | undefined {
  if (Array.isArray(input)) {
    const [first] = input;
    if (typeof first !== 'object' || first === null) {
      return width === undefined || input.length !== width + CORRELATION_COLUMNS.length
        ? undefined
        : oneRow(input, width);
    }
    if (Array.isArray(first) || isNumericArray(first)) {
      return width === undefined || first.length !== width + CORRELATION_COLUMNS.length
        ? undefined
        : together(input, (row) => splitRowCorrelations(row as ArrayLike<unknown>, width));
    }
    return carriesIds(first) ? together(input, (row) => splitCorrelations(row as Record<string, unknown>)) : undefined;
  }
  if (!isPlainObject(input)) {
    return undefined;
  }
  if (isArrowTable(input)) {
    const isCorrelated = input.schema.fields.some(({ name }) =>
      (CORRELATION_COLUMNS as readonly string[]).includes(name),
    );
    return isCorrelated ? takeOwnCorrelations(columnsOf(input), width) : undefined;
  }
  if (!carriesIds(input)) {
    return undefined;
  }
  const values = Object.values(input);
  if (values.every((value) => Array.isArray(value) || isNumericArray(value))) {
    const split = splitColumnCorrelations(input as Record<string, ArrayLike<unknown>>);
    return split === undefined ? undefined : { input: split.features, correlations: split.correlations };
  }
  return together([input], (row) => splitCorrelations(row as Record<string, unknown>));
}

/** Which of the kept rows belong to which day, in the order in which the days come. */
export function rowsByDay(correlations: readonly RowCorrelations[], kept: ReadonlySet<number>): Map<UtcDay, number[]> {
  const days = new Map<UtcDay, number[]>();
  for (const [index, { scoringTimestamp }] of correlations.entries()) {
    if (!kept.has(index)) {
      continue;
    }
    const day = utcDay(Date.parse(scoringTimestamp));
    const rows = days.get(day) ?? [];
    rows.push(index);
    days.set(day, rows);
  }
  return days;
}

function carriesIds(record: object): boolean {
  return CORRELATION_COLUMNS.some((name) => Object.hasOwn(record, name));
}

function oneRow(row: readonly unknown[], width: number): CorrelatedInput | undefined {
  const split = splitRowCorrelations(row, width);
  return split === undefined ? undefined : { input: [split.features], correlations: [split.correlations] };
}

/** All rows have ids, or none has: a mixture is refused later, as rows that do not fit. */
function together(
  rows: readonly unknown[],
  split: (row: unknown) => { readonly features: unknown; readonly correlations: RowCorrelations } | undefined,
): CorrelatedInput | undefined {
  const parts = rows.map(split);
  const found = parts.filter((part) => part !== undefined);
  return found.length < parts.length
    ? undefined
    : { input: found.map(({ features }) => features), correlations: found.map(({ correlations }) => correlations) };
}
