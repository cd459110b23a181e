import { ValidationError } from '@azureml-ts/common';
import { filterLines, type LogsFilter, namesFor } from './filters.ts';
import { durationMs, kqlDuration } from './kql-text.ts';
import { type LogsQuery, queryOf } from './query-text.ts';
import type { LogsNames } from './schema.ts';

/** What rows are told apart by, besides time. `target` and `type` are there for dependencies only. */
export type RateGroup = 'name' | 'serviceName' | 'resultCode' | 'target' | 'type';

/** Options of the queries about rates and times. */
export interface RateQueryOptions extends LogsFilter {
  /** Length of a step, for example `5m`: one row for each in which something happened. Default `5m`. */
  readonly bin?: string | undefined;
  /** What else rows are told apart by. Default: nothing. */
  readonly by?: readonly RateGroup[] | undefined;
}

/** Options of the queries about times. */
export interface TimeQueryOptions extends RateQueryOptions {
  /** Percentiles, above 0 up to 100. Default 50, 95 and 99. */
  readonly percentiles?: readonly number[] | undefined;
}

/** What rows are told apart by: the columns of `by` that were asked for. */
export type GroupColumns = { readonly [name in RateGroup]?: string };

/** A row about how often something happened. */
export interface RateRow extends GroupColumns {
  /** Begin of the step. */
  readonly timestamp: Date;
  /** How many there were, also those that were sampled out. */
  readonly total: number;
  /** How many a second. */
  readonly perSecond: number;
}

/** A row about how long something took, in milliseconds. A percentile 99.9 is the column `p99_9`. */
export interface TimeRow extends GroupColumns {
  /** Begin of the step. */
  readonly timestamp: Date;
  /** How many there were. */
  readonly total: number;
  /** The average, in milliseconds. */
  readonly average: number;
  /** A percentile, in milliseconds, for example `p95`. */
  readonly [percentile: `p${number}`]: number;
}

/** A row about how often something failed. */
export interface FailureRow extends GroupColumns {
  /** Begin of the step. */
  readonly timestamp: Date;
  /** How many there were. */
  readonly total: number;
  /** How many failed. */
  readonly failed: number;
  /** Share that failed, 0 to 1. */
  readonly failureRate: number;
}

type RatedTable = 'requests' | 'dependencies';

/** @internal */
export function rateQuery(table: RatedTable, options: RateQueryOptions): LogsQuery<RateRow> {
  const { bin = '5m' } = options;
  const names = namesFor(options);
  return queryOf([
    ...summary(table, names, options, [`total = sum(${names.itemCount})`]),
    `| extend perSecond = todouble(total) / ${Number(durationMs(bin)) / 1000}`,
    '| order by timestamp asc',
  ]);
}

/** @internal */
export function timeQuery(table: RatedTable, options: TimeQueryOptions): LogsQuery<TimeRow> {
  const percentiles = listOf<number>(options.percentiles ?? [50, 95, 99], 'percentiles', 'numbers above 0 up to 100');
  const names = namesFor(options);
  const { duration, itemCount } = names;
  return queryOf([
    // A sampled item counts for all that it stands for.
    ...summary(table, names, options, [
      `total = sum(${itemCount})`,
      `average = sum(${duration} * ${itemCount}) / sum(${itemCount})`,
      ...percentiles.map((percentile) => {
        if (!(percentile > 0 && percentile <= 100 && /^\d+(\.\d+)?$/.test(String(percentile)))) {
          throw new ValidationError({
            path: 'percentiles',
            expected: 'numbers above 0 up to 100',
            received: percentile,
          });
        }
        return `p${String(percentile).replace('.', '_')} = percentilew(${duration}, ${itemCount}, ${percentile})`;
      }),
    ]),
    '| order by timestamp asc',
  ]);
}

/** @internal */
export function failureQuery(table: RatedTable, options: RateQueryOptions): LogsQuery<FailureRow> {
  const names = namesFor(options);
  const { itemCount, success } = names;
  return queryOf([
    // A component has the words True and False there, a workspace has values.
    ...summary(table, names, options, [
      `total = sum(${itemCount})`,
      `failed = sumif(${itemCount}, tobool(${success}) == false)`,
    ]),
    '| extend failureRate = todouble(failed) / total',
    '| order by timestamp asc',
  ]);
}

function summary(
  table: RatedTable,
  names: LogsNames,
  options: RateQueryOptions,
  aggregates: readonly string[],
): string[] {
  const { bin = '5m', by = [] } = options;
  const groups = listOf<RateGroup>(by, 'by', 'a list of names').map((group) => groupColumn(table, names, group));
  return [
    names[table],
    ...filterLines(names, options),
    `| summarize ${aggregates.join(', ')} by ${[`timestamp = bin(${names.time}, ${kqlDuration(bin, 'bin')})`, ...groups].join(', ')}`,
  ];
}

/** A text in the place of a list has parts as well: its characters. */
function listOf<Entry>(value: readonly Entry[], path: string, expected: string): readonly Entry[] {
  if (!Array.isArray(value)) {
    throw new ValidationError({ path, expected, received: value });
  }
  return value;
}

function groupColumn(table: RatedTable, names: LogsNames, group: RateGroup): string {
  const columns: Readonly<Record<RateGroup, string | undefined>> = {
    name: names.name,
    serviceName: names.roleName,
    resultCode: names.resultCode,
    target: table === 'dependencies' ? names.target : undefined,
    type: table === 'dependencies' ? names.dependencyType : undefined,
  };
  const column = Object.hasOwn(columns, group) ? columns[group] : undefined;
  if (column === undefined) {
    const known = Object.entries(columns).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    throw new ValidationError({ path: 'by', expected: `a list of ${known.join(', ')}`, received: group });
  }
  return column === group ? group : `${group} = ${column}`;
}
