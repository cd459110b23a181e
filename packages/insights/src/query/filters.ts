import { kqlText, kqlTextOf } from './kql-text.ts';
import { type LogsNames, namesOf } from './schema.ts';
import { schemaOf } from './target.ts';
import { kqlDate, kqlTime, type LogsTime } from './time.ts';

/** What all ready queries have. */
export interface LogsFilter {
  /** From when on. Default `24h`. */
  readonly since?: LogsTime | undefined;
  /** Up to when, not included. Default: no end. */
  readonly until?: LogsTime | undefined;
  /** Only what this service sent. */
  readonly serviceName?: string | undefined;
  /**
   * What the query is for: the id that {@link queryLogs} gets, or `component` or `workspace`. It decides how tables and
   * columns are called. Default `component`.
   */
  readonly target?: string | undefined;
}

const SINCE = '24h';

/** The names for a query. @internal */
export function namesFor({ target = 'component' }: Pick<LogsFilter, 'target'>): LogsNames {
  return namesOf(schemaOf(target));
}

/** The lines of a query that say when, and of which service. @internal */
export function filterLines(names: LogsNames, { since = SINCE, until, serviceName }: LogsFilter): string[] {
  const end = until === undefined ? '' : ` and ${names.time} < ${kqlTime(until, 'until')}`;
  return [
    `| where ${names.time} >= ${kqlTime(since, 'since')}${end}`,
    ...(serviceName === undefined
      ? []
      : [
          `| where ${anyOf(...[names.roleName, property(names, 'Service Name')].map((role) => equals(role, serviceName, 'serviceName')))}`,
        ]),
  ];
}

/** The lines of a query that say which exact stretch of time, as Dates or as texts of cells. @internal */
export function stretchLine(names: LogsNames, from: Date | string, to: Date | undefined): string {
  return `| where ${names.time} >= ${kqlDate(from)}${to === undefined ? '' : ` and ${names.time} < ${kqlDate(to)}`}`;
}

/** A custom property as text. @internal */
export function property(names: LogsNames, name: string): string {
  return `tostring(${names.properties}[${kqlText(name)}])`;
}

/** @internal */
export function equals(expression: string, text: string, path = 'text'): string {
  return `${expression} == ${kqlTextOf(text, path)}`;
}

/** @internal */
export function contains(expression: string, text: string, path = 'text'): string {
  return `${expression} contains ${kqlTextOf(text, path)}`;
}

/** @internal */
export function anyOf(...conditions: readonly string[]): string {
  return conditions.join(' or ');
}
