import { filterLines, namesFor } from './filters.ts';
import { type LogsQuery, queryOf } from './query-text.ts';
import { type TraceFilter, traceLines } from './traces-query.ts';

/** The row of {@link traceCountQuery}. */
export interface TraceCountRow {
  /** How many traces are stored. */
  readonly rowCount: number;
  /** How many there were, also those that were sampled out. */
  readonly itemTotal: number;
}

/**
 * Writes the query for how many traces there are, to check what was read against.
 *
 * @param options Which traces. `since` is 24 hours by default.
 * @returns The query, for {@link queryLogs}; it gives one row.
 * @throws {@link ValidationError} `VALIDATION` for an option that is none.
 */
export function traceCountQuery(options: TraceFilter = {}): LogsQuery<TraceCountRow> {
  const names = namesFor(options);
  return queryOf([
    names.traces,
    ...filterLines(names, options),
    ...traceLines(names, options),
    `| summarize rowCount = count(), itemTotal = sum(${names.itemCount})`,
  ]);
}
