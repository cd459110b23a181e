import { randomUUID } from 'node:crypto';
import type { TelemetryItem } from '../telemetry/item.ts';
import type { KqlTable } from './kql/run.ts';
import { type KqlType, type Row, timeOf, timeOfDate } from './kql/values.ts';
import type { LogsColumnType } from './stand-in-types.ts';
import {
  columnsOf,
  type LogsSchema,
  type LogsTableName,
  rowIn,
  rowOfColumns,
  rowOfItem,
  tableNamed,
} from './tables.ts';

/** The rows of the stand-in. @internal */
export class RowsStore {
  readonly #rows = new Map<LogsTableName, Row[]>();
  readonly #own = new Map<string, KqlTable>();
  readonly #ids = new WeakMap<TelemetryItem, string>();
  readonly #feed: () => readonly TelemetryItem[];

  /** @param feed Items that are read anew with each query. */
  constructor(feed: () => readonly TelemetryItem[]) {
    this.#feed = feed;
  }

  addItems(items: readonly TelemetryItem[]): void {
    for (const item of items) {
      const made = rowOfItem(item, randomUUID());
      if (made !== undefined) {
        this.#push(made.table, made.row);
      }
    }
  }

  addRows(table: LogsTableName, rows: readonly Readonly<Record<string, unknown>>[]): void {
    for (const row of rows) {
      this.#push(table, rowOfColumns(table, row, randomUUID()));
    }
  }

  addTable(name: string, columns: readonly LogsColumnType[], rows: readonly Readonly<Record<string, unknown>>[]): void {
    const types = new Map<string, KqlType>(columns.map((column) => [column.name, column.type]));
    this.#own.set(name, { columns: types, rows: rows.map((row) => withTimes(row, types)) });
  }

  clear(): void {
    this.#rows.clear();
    this.#own.clear();
  }

  /** The table that a name means in a schema. */
  table(name: string, schema: LogsSchema): KqlTable | undefined {
    const table = tableNamed(name, schema);
    if (table === undefined) {
      return this.#own.get(name);
    }
    const fed = this.#feed().flatMap((item) => {
      const made = rowOfItem(item, this.#idOf(item));
      return made?.table === table ? [made.row] : [];
    });
    const rows = [...(this.#rows.get(table) ?? []), ...fed];
    return { columns: columnsOf(table, schema), rows: rows.map((row) => rowIn(table, schema, row)) };
  }

  #push(table: LogsTableName, row: Row): void {
    const rows = this.#rows.get(table) ?? [];
    rows.push(row);
    this.#rows.set(table, rows);
  }

  #idOf(item: TelemetryItem): string {
    const id = this.#ids.get(item) ?? randomUUID();
    this.#ids.set(item, id);
    return id;
  }
}

function withTimes(row: Readonly<Record<string, unknown>>, types: ReadonlyMap<string, KqlType>): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const isTime = types.get(name) === 'datetime' && value !== null;
      return [name, isTime ? (value instanceof Date ? timeOfDate(value) : timeOf(String(value))) : value];
    }),
  );
}
