import type { Cell } from '../format/csv-encode.ts';
import type { EncodedLines } from '../format/encode-rows.ts';
import { pythonNumber } from './python-number.ts';
import { pythonTime } from './python-time.ts';

/** Rows of one call on their way to lines. */
export interface PythonRows {
  /** The cells of each row, those of the call at the end. */
  readonly rows: readonly (readonly Cell[])[];
  /** Whether they came as a data frame that is written as a whole: pandas writes it, and not Python's `csv`. */
  readonly isFrame: boolean;
}

/** How the rows of a call are written. */
interface Dialect {
  readonly lineEnd: string;
  readonly needsQuotes: RegExp;
  readonly nan: string;
  readonly noTime: string;
}

/** Python's `csv.writer`, one row after the other. */
const LIST: Dialect = { lineEnd: '\r\n', needsQuotes: /[",\r\n]/, nan: 'nan', noTime: 'NaT' };
/** `DataFrame.to_csv` on Linux: what is no number is missing, and a bare CR is not quoted. */
const FRAME: Dialect = { lineEnd: '\n', needsQuotes: /[",\n]/, nan: '', noTime: '' };
/** So many characters have at most 48 KiB as UTF-8. */
const PIECE_CHARACTERS = 16_384;

/** Turns the rows of calls into lines as the Python package writes them. */
export function encodePythonRows(calls: readonly PythonRows[]): EncodedLines {
  const pieces: Buffer[] = [];
  let byteLength = 0;
  let rowCount = 0;
  let text = '';
  const flush = () => {
    const piece = toPiece(text);
    pieces.push(piece);
    byteLength += piece.length;
    text = '';
  };
  for (const { rows, isFrame } of calls) {
    const dialect = isFrame ? FRAME : LIST;
    for (const row of rows) {
      text += pythonLine(row, dialect);
      if (text.length >= PIECE_CHARACTERS) {
        flush();
      }
    }
    rowCount += rows.length;
  }
  if (text !== '') {
    flush();
  }
  return { pieces, byteLength, rowCount };
}

/** The first line of a file. */
export function pythonHeader(names: readonly string[]): Buffer {
  return toPiece(pythonLine(names, LIST));
}

function pythonLine(cells: readonly Cell[], dialect: Dialect): string {
  let line = '';
  for (let column = 0; column < cells.length; column += 1) {
    line += column === 0 ? pythonCell(cells[column], dialect) : `,${pythonCell(cells[column], dialect)}`;
  }
  // Else the row could not be told from an empty line.
  return (line === '' && cells.length === 1 ? '""' : line) + dialect.lineEnd;
}

function pythonCell(cell: Cell, dialect: Dialect): string {
  switch (typeof cell) {
    case 'string':
      return dialect.needsQuotes.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
    case 'number':
      return Number.isNaN(cell) ? dialect.nan : pythonNumber(cell);
    case 'boolean':
      return cell ? 'True' : 'False';
    case 'bigint':
      return String(cell);
    default:
      return cell instanceof Date ? (pythonTime(cell) ?? dialect.noTime) : '';
  }
}

/** Not of the shared pool: a small piece would hold on to a slab of it. */
function toPiece(text: string): Buffer {
  const piece = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  piece.write(text);
  return piece;
}
