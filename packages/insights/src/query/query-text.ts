declare const ROW: unique symbol;

/** A query in the Kusto Query Language whose rows have a known shape; {@link queryLogs} gives them typed. */
export type LogsQuery<Row extends object> = string & { readonly [ROW]?: Row };

/** A row of a query whose shape is not known: values by column. */
export type LogsRow = Record<string, unknown>;

/** Joins the lines of a query. @internal */
export function queryOf<Row extends object>(lines: readonly string[]): LogsQuery<Row> {
  return lines.join('\n') as LogsQuery<Row>;
}
