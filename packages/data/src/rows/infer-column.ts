import { PLAIN, type RecordBlock } from '../scan/record-block.ts';
import { blockReader, type Dialect } from './cell-readers.ts';
import type { ColumnType } from './column-batch.ts';

/** What a cell, or all cells of a column so far, can be; nothing when all were empty. */
export type SeenType = ColumnType | undefined;

const WHOLE = /^(?:0|-?[1-9]\d*)$/;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const SIXTEEN_DIGITS = 16;

/** Whether a text is a whole number as JavaScript and Python write it, of at most 64 bits. */
export function isInt64(text: string): boolean {
  if (!WHOLE.test(text)) {
    return false;
  }
  if (text.length < SIXTEEN_DIGITS) {
    return true;
  }
  const value = BigInt(text);
  return value >= INT64_MIN && value <= INT64_MAX;
}

/** Whether a text is a whole number that a double holds, as JavaScript writes it: with all digits up to 21. */
export function isWholeDouble(text: string): boolean {
  return WHOLE.test(text) && String(Number(text)) === text;
}

/**
 * What a cell can be, by the same rules as {@link RowsOptions.types} has for `infer`; in addition whole numbers that are
 * too large to be safe are numbers here, when a column can hold them.
 */
export function typeOfCell(block: RecordBlock, cell: number, dialect: Dialect): SeenType {
  if (block.kinds[cell] === PLAIN && block.starts[cell] === block.ends[cell]) {
    return undefined;
  }
  if (dialect === 'json' && block.kinds[cell] !== PLAIN) {
    // A text, whatever it looks like.
    return 'string';
  }
  const value = READERS[dialect](block, cell);
  switch (typeof value) {
    case 'boolean':
      return 'boolean';
    case 'number':
      return Number.isSafeInteger(value) && isInt64(block.text(cell)) ? 'int64' : 'float64';
    case 'string':
      return isInt64(value) ? 'int64' : isWholeDouble(value) ? 'float64' : 'string';
    default:
      return value === null ? undefined : 'string';
  }
}

const READERS = {
  javascript: blockReader(undefined, 'javascript'),
  python: blockReader(undefined, 'python'),
  json: blockReader(undefined, 'json'),
} as const;

/** The narrowest type that holds both. */
export function commonType(a: SeenType, b: SeenType): SeenType {
  if (a === undefined || b === undefined || a === b) {
    return a ?? b;
  }
  const isNumber = (a === 'int64' && b === 'float64') || (a === 'float64' && b === 'int64');
  return isNumber ? 'float64' : 'string';
}
