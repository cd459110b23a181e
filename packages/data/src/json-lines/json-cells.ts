import { CELL_READERS, type CellType, type CellValue } from '../rows/cell-types.ts';
import { parseDecimal } from '../scan/parse-number.ts';
import { PLAIN, RAGGED, type RecordBlock, UTF8 } from '../scan/record-block.ts';
import { STRING } from './json-block.ts';

const QUOTE = 0x22;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const WHOLE = /^-?\d+$/;
/** The Python collector writes times as milliseconds since 1970. */
const MILLISECONDS = /^-?\d{1,15}$/;
const WORDS = new Map<string, CellValue>([
  ['true', true],
  ['false', false],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

/**
 * Reads a cell of JSON when nobody declared its type: what it is there. A number that is whole and too large to be exact
 * stays a text, as in other files; a nested value is its text.
 */
export function inferJsonCell(block: RecordBlock, cell: number): CellValue {
  const start = block.starts[cell] as number;
  const end = block.ends[cell] as number;
  if (block.kinds[cell] !== PLAIN) {
    return block.text(cell);
  }
  if (start === end) {
    return null;
  }
  const first = block.bytes[start] as number;
  if (first === MINUS || (first >= ZERO && first <= NINE)) {
    const known = parseDecimal(block.bytes, start, end, true);
    return Number.isNaN(known) ? readJsonNumber(block.ownText(cell)) : known;
  }
  const text = block.text(cell);
  return WORDS.get(text) ?? text;
}

/** Reads the text of a number when nobody declared its type; a text, when no double is that number. */
export function readJsonNumber(text: string): CellValue {
  const word = WORDS.get(text);
  const value = Number(text);
  // What no double holds stays as it is written.
  const isHeld = Number.isFinite(value) && (!WHOLE.test(text) || Number.isSafeInteger(value));
  return word ?? (isHeld ? value : text);
}

/** Whether a cell of JSON is a text there. Of nested values, those beyond ASCII are of the same kind as such texts. */
export function isJsonText({ kinds, starts, bytes }: RecordBlock, cell: number): boolean {
  const kind = kinds[cell];
  return kind === STRING || kind === RAGGED || (kind === UTF8 && bytes[(starts[cell] as number) - 1] === QUOTE);
}

/** Reads a cell of JSON as its text; `null` where there is none. */
export function readJsonText(block: RecordBlock, cell: number): string | null {
  return block.kinds[cell] === PLAIN && block.starts[cell] === block.ends[cell] ? null : block.text(cell);
}

/** Readers of declared types for cells of JSON. */
export const JSON_READERS: Readonly<Record<CellType, (text: string) => CellValue | undefined>> = {
  ...CELL_READERS,
  date: (text) => (MILLISECONDS.test(text) ? new Date(Number(text)) : CELL_READERS.date(text)),
};
