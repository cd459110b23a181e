import type { CellValue } from './cell-types.ts';

/**
 * Makes the row that all rows of a file are copies of.
 *
 * Setting properties one after the other on an empty object makes a dictionary of it as soon as there are more than
 * about a dozen: slow, and several times as large. A copy of a row keeps its shape up to a thousand columns. JSON gives
 * that shape without code made from strings, and takes `__proto__` for the name of a column like any other.
 *
 * @param names Names of the columns, none twice.
 * @returns An object with `null` in each of them.
 */
export function rowTemplate(names: readonly string[]): Record<string, CellValue> {
  const parsed = JSON.parse(`{${names.map((name) => `${JSON.stringify(name)}:null`).join(',')}}`) as object;
  const template: Record<string, CellValue> = { ...parsed };
  // A property is prepared for the kinds of values that it has had: without this, the first rows would change the shape.
  for (const value of ['', 1, 0.5, true, null]) {
    for (const name of names) {
      template[name] = value;
    }
  }
  return template;
}
