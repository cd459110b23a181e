/** A cell as the readers tell it: its kind and its value; `null` for nothing. */
export type TableCell = null | ['b', boolean] | ['i' | 'f' | 's', string] | ['t', number];

/** What an engine read. */
export interface Table {
  readonly columns: readonly string[];
  readonly types: readonly string[];
  readonly rows: readonly (readonly TableCell[])[];
}

/** Kind of a column, as it was collected. */
export type ColumnKind = 'double' | 'bigint' | 'boolean' | 'timestamp' | 'string';

/** The rows of a table by the number in their column `row`, with these columns in this order. */
export function rowsOf(table: Table, columns: readonly string[]): (readonly TableCell[])[] {
  const places = columns.map((name) => table.columns.indexOf(name));
  const key = table.columns.indexOf('row');
  return [...table.rows]
    .sort((a, b) => Number(a[key]?.[1]) - Number(b[key]?.[1]))
    .map((row) => places.map((place) => row[place] ?? null));
}

/** A value that was collected, as an engine is to tell it. */
export function cellOf(value: unknown, kind: ColumnKind): TableCell {
  if (value === null || value === undefined) {
    return null;
  }
  switch (kind) {
    case 'double':
      return ['f', floatText(Number(value))];
    case 'bigint':
      return ['i', String(value)];
    case 'boolean':
      return ['b', value === true];
    case 'timestamp':
      return ['t', (value as Date).getTime()];
    case 'string':
      // An empty text and nothing are one thing in the file.
      return value === '' ? null : ['s', String(value)];
  }
}

/** Texts of the same number differ between languages: all are told as here. */
export function evenNumbers(table: Table): Table {
  return {
    ...table,
    rows: table.rows.map((row) =>
      row.map((cell): TableCell => (cell?.[0] === 'f' ? ['f', floatText(Number(cell[1]))] : cell)),
    ),
  };
}

function floatText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Where an engine has no place for it, NaN is nothing. */
export function withoutNaN(rows: readonly (readonly TableCell[])[]): TableCell[][] {
  return rows.map((row) => row.map((cell) => (cell?.[0] === 'f' && cell[1] === 'NaN' ? null : cell)));
}

/** Sum of the finite numbers of a column. */
export function sumOf(table: Table, column: string): number {
  const place = table.columns.indexOf(column);
  return table.rows.reduce((sum, row) => {
    const value = Number(row[place]?.[1] ?? 0);
    return Number.isFinite(value) ? sum + value : sum;
  }, 0);
}
