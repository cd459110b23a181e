import { PLAIN } from '../scan/record-block.ts';
import type { JsonBlock } from './json-block.ts';
import type { JsonColumns } from './json-columns.ts';
import type { JsonCursor } from './json-cursor.ts';
import type { ValuePlace } from './read-record.ts';

const COMMA = 0x2c;
const CLOSE_OBJECT = 0x7d;
/** The columns of the call, the caller's own id among them. */
const CALL_COLUMNS = 4;
const USER_ID = 1;

/** What the rows of a record have in common. */
export interface RowsOfRecord {
  /** The columns of the call: places in the bytes of the block. */
  readonly call: readonly ValuePlace[];
  /** The caller's own id of each row, where each has its own. */
  readonly userIds: readonly ValuePlace[] | undefined;
  /** Number of the record's line. */
  readonly line: number;
  /** Place of the record in the file. */
  readonly offset: number;
}

/**
 * Puts rows into a block: the places of their cells.
 *
 * The list was checked before, and all its names are columns.
 *
 * @param cursor Stands at a row, and then at the next one that was not put, or behind the last.
 * @param first Number of the first of them within the record, from 0.
 * @param count How many.
 */
export function placeRows(
  cursor: JsonCursor,
  block: JsonBlock,
  columns: JsonColumns,
  record: RowsOfRecord,
  first: number,
  count: number,
): void {
  const width = columns.names.length;
  const { featureCount } = columns;
  for (let index = 0; index < count; index += 1) {
    const row = block.count;
    if (row + 1 >= block.widths.length) {
      block.growRecords();
    }
    const cells = block.firstCells[row] as number;
    while (cells + width > block.ends.length) {
      block.growCells();
    }
    const { starts, ends, kinds } = block;
    starts.fill(0, cells, cells + featureCount);
    ends.fill(0, cells, cells + featureCount);
    kinds.fill(PLAIN, cells, cells + featureCount);
    for (let field = 0; field < CALL_COLUMNS; field += 1) {
      const own = field === USER_ID && record.userIds !== undefined ? record.userIds[first + index] : undefined;
      const place = own ?? (record.call[field] as ValuePlace);
      const cell = cells + featureCount + field;
      starts[cell] = place.start;
      ends[cell] = place.stop;
      kinds[cell] = place.kind;
    }
    cursor.next();
    block.recordStarts[row] = cursor.at;
    cursor.at += 1;
    if (!cursor.skip(CLOSE_OBJECT)) {
      let expected = 0;
      do {
        cursor.name();
        const column = columns.find(cursor.bytes, cursor.start, cursor.stop, expected);
        expected = column + 1;
        cursor.value();
        const cell = cells + column;
        // What the record says of the call is what joins it with others: a row's own column of that name gives way.
        if (column < featureCount || ends[cell] === starts[cell]) {
          starts[cell] = cursor.start;
          ends[cell] = cursor.stop;
          kinds[cell] = cursor.kind;
        }
      } while (cursor.skip(COMMA));
      cursor.skip(CLOSE_OBJECT);
    }
    cursor.skip(COMMA);
    block.widths[row] = width;
    block.lines.push(record.line);
    block.recordOffsets.push(record.offset);
    block.count = row + 1;
    block.firstCells[row + 1] = cells + width;
    block.recordStarts[row + 1] = cursor.at;
  }
}
