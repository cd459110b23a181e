import type { LogsColumn, RawTable } from './answer.ts';
import { parseExactly } from './exact-json.ts';

/** Turns the rows of a table into objects with typed values. @internal */
export function rowsOf<Row extends object>({ columns, rows }: RawTable): Row[] {
  const readers = columns.map(({ name, type }) => [name, readerOf(type)] as const);
  // Also right for a column that is called __proto__.
  return rows.map(
    (cells) => Object.fromEntries(readers.map(([name, read], index) => [name, read(cells[index])])) as Row,
  );
}

/** The raw texts of a column. @internal */
export function columnTexts({ columns, rows }: RawTable, name: string): string[] {
  const index = columns.findIndex((column) => column.name === name);
  return rows.map((cells) => String(cells[index] ?? ''));
}

type Reader = (cell: unknown) => unknown;

function readerOf(type: LogsColumn['type']): Reader {
  switch (type) {
    case 'datetime':
      return (cell) => (typeof cell === 'string' ? new Date(cell) : (cell ?? null));
    case 'dynamic':
      return readDynamic;
    case 'real':
      // NaN and the infinities come as texts.
      return (cell) => (cell === null || cell === undefined ? null : Number(cell));
    case 'bool':
      return (cell) => (typeof cell === 'number' ? cell !== 0 : (cell ?? null));
    default:
      return (cell) => cell ?? null;
  }
}

/** A dynamic value comes as the text of its JSON; a plain text in it as it is. */
function readDynamic(cell: unknown): unknown {
  if (typeof cell !== 'string') {
    return cell ?? null;
  }
  try {
    return parseExactly(cell);
  } catch {
    return cell;
  }
}
