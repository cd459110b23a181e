import { inferJsonCell, JSON_READERS, readJsonText } from '../json-lines/json-cells.ts';
import { parseDecimal } from '../scan/parse-number.ts';
import { PLAIN, type RecordBlock } from '../scan/record-block.ts';
import { CELL_READERS, type CellType, type CellValue, inferCell } from './cell-types.ts';
import { inferPythonCell, PYTHON_READERS } from './python-cells.ts';

/** Whose text the cells of a file are: what a number, a boolean and a time look like. */
export type Dialect = 'javascript' | 'python' | 'json';

/** Reads a cell where it stands; `undefined` when it is not of the type. */
export type BlockReader = (block: RecordBlock, cell: number) => CellValue | undefined;

const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;

/** Reads any cell as its text. */
export const readText: BlockReader = (block, cell) => block.text(cell);

/** Reads cells of a declared type, or by what they look like. */
export function blockReader(type: CellType | undefined, dialect: Dialect): BlockReader {
  if (type === undefined) {
    return INFERRING[dialect];
  }
  if (type === 'string') {
    return dialect === 'json' ? readJsonText : readText;
  }
  const read = READERS[dialect][type];
  if (type === 'number') {
    return (block, cell) => {
      if (block.kinds[cell] === PLAIN) {
        const number = parseDecimal(block.bytes, block.starts[cell] as number, block.ends[cell] as number, false);
        if (!Number.isNaN(number)) {
          return number;
        }
      }
      return read(block.ownText(cell));
    };
  }
  return (block, cell) => read(block.text(cell));
}

/** Readers of declared types. */
export const READERS = { javascript: CELL_READERS, python: PYTHON_READERS, json: JSON_READERS } as const;

const INFERRING: Readonly<Record<Dialect, BlockReader>> = {
  javascript: inferring(inferCell, 'tfNI'),
  python: inferring(inferPythonCell, 'TFni'),
  json: inferJsonCell,
};

/**
 * Most cells are decided by their first byte, and numbers read without making a text of them.
 *
 * @param infer Decides the others.
 * @param letters What the words begin with that are no texts.
 */
function inferring(infer: (text: string) => CellValue, letters: string): BlockReader {
  const isSpecial = new Uint8Array(256);
  for (const letter of letters) {
    isSpecial[letter.charCodeAt(0)] = 1;
  }
  return (block, cell) => {
    const start = block.starts[cell] as number;
    const end = block.ends[cell] as number;
    if (block.kinds[cell] !== PLAIN) {
      return infer(block.text(cell));
    }
    if (start === end) {
      return null;
    }
    const first = block.bytes[start] as number;
    if (first === MINUS || (first >= ZERO && first <= NINE)) {
      const number = parseDecimal(block.bytes, start, end, true);
      return Number.isNaN(number) ? infer(block.ownText(cell)) : number;
    }
    const text = block.text(cell);
    return isSpecial[first] === 1 ? infer(text) : text;
  };
}
