import type { Column, ColumnType } from '../rows/column-batch.ts';

/** Name and type of a column of a file. */
export interface ColumnSchema {
  /** Name of the column. */
  readonly name: string;
  /** Its type; see {@link ColumnType}. */
  readonly type: ColumnType;
}

/** Rows, column by column. */
export interface ColumnRows {
  /** Number of rows. */
  readonly rowCount: number;
  /** The columns. */
  readonly columns: readonly Column[];
}

/** Names and types of columns. */
export function schemaOf(columns: readonly Column[]): ColumnSchema[] {
  return columns.map(({ name, type }) => ({ name, type }));
}
