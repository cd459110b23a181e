/** Rows as they come in, behind one way of reading, whatever shape they have. */
export interface Frame {
  /** Names of the columns, in order. */
  readonly names: readonly string[];
  /** How many rows there are. */
  readonly length: number;
  /** The value of a cell; `undefined` where there is none. */
  value(row: number, column: number): unknown;
  /** Whether a column holds floats by its type, so that whole numbers in it are floats too. */
  isFloat(column: number): boolean;
}

/** A frame without rows. */
export function emptyFrame(names: readonly string[]): Frame {
  return { names, length: 0, value: () => undefined, isFloat: () => false };
}
