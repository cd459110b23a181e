import type { DeclaredColumns, StoredColumn } from './columns.ts';
import { isFloatValue } from './float-text.ts';
import type { Frame } from './frame.ts';
import { stringText, valueText } from './json-text.ts';

/** Rows as the body of a record. */
export interface FrameText {
  /** A JSON array of row objects, in ASCII. */
  readonly text: string;
  /** How many rows it has. */
  readonly rowCount: number;
}

/**
 * Writes rows as a JSON array of objects, in the order of their columns. From then on nothing refers to the caller's
 * objects.
 *
 * A column in which a number has a fraction is one of floats: its whole numbers get a point too, as they have in pandas.
 *
 * @throws InvalidRows when a value has no JSON text, or is not of the declared type.
 */
export function frameText(frame: Frame, declared: DeclaredColumns | undefined): FrameText {
  const columns = declared?.stored ?? asTheyCome(frame.names);
  const { length } = frame;
  if (length === 0 || columns.length === 0) {
    return { text: '[]', rowCount: 0 };
  }
  const width = columns.length;
  const cells = new Array<unknown>(length * width);
  const floats = new Array<boolean>(width);
  for (let index = 0; index < width; index += 1) {
    const column = columns[index] as StoredColumn;
    let isFloat = column.isFloat || (column.convert === undefined && frame.isFloat(column.place));
    for (let row = 0; row < length; row += 1) {
      const value = cellOf(frame.value(row, column.place), column);
      cells[row * width + index] = value;
      isFloat ||= typeof value === 'number' && isFloatValue(value);
    }
    floats[index] = isFloat;
  }
  const heads = columns.map(({ name }, index) => `${index === 0 ? '{' : ','}${stringText(name)}:`);
  let text = '[';
  for (let row = 0; row < length; row += 1) {
    text += row === 0 ? '' : ',';
    for (let index = 0; index < width; index += 1) {
      text += heads[index] as string;
      text += valueText(cells[row * width + index], floats[index] as boolean);
    }
    text += '}';
  }
  return { text: `${text}]`, rowCount: length };
}

function cellOf(value: unknown, { convert, isDay }: StoredColumn): unknown {
  const cell = convert === undefined ? value : convert(value);
  return isDay && typeof cell === 'string' ? Date.parse(cell) : cell;
}

let latest: { readonly names: readonly string[]; readonly columns: readonly StoredColumn[] } | undefined;

function asTheyCome(names: readonly string[]): readonly StoredColumn[] {
  if (latest?.names !== names) {
    const columns = names.map((name, place) => ({ name, place, convert: undefined, isFloat: false, isDay: false }));
    latest = { names, columns };
  }
  return latest.columns;
}
