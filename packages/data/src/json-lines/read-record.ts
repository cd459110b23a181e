import type { JsonColumns } from './json-columns.ts';
import { nameAt } from './json-columns.ts';
import type { JsonCursor } from './json-cursor.ts';

/** Where a value stands, and what it is as a cell. */
export interface ValuePlace {
  readonly start: number;
  readonly stop: number;
  readonly kind: number;
}

/** What a record says of its rows, as places in its bytes. */
export interface RecordPlaces {
  /** Its own id, which nothing else has. */
  readonly id: ValuePlace | undefined;
  /** The rows: the place of their list. */
  readonly data: ValuePlace | undefined;
  /** Number of the rows in `data`. */
  readonly rowCount: number;
  /** Where the rows are instead. */
  readonly dataref: ValuePlace | undefined;
  /** The columns of the call, in their order. */
  readonly call: readonly ValuePlace[];
  /** The caller's own ids, where each row has one of its own. */
  readonly userIds: readonly ValuePlace[] | undefined;
}

/** Features that are not known yet; gathered while records are read. */
export type NewNames = Set<string>;

const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;
const NOTHING: ValuePlace = { start: 0, stop: 0, kind: 0 };

/**
 * The fields of a record that become the columns of the call, in the order of these. The second is no field of Azure's
 * records: `convert` writes it where rows had such an id.
 */
export const CALL_FIELDS = ['correlationid', 'usercorrelationid', 'time', 'xrequestid'] as const;
const USER_ID = 1;

/**
 * Reads a record: checks all of it, and finds what it has. Nothing is known of the order of its fields.
 *
 * @param cursor Stands at the beginning of the record, and then at its end.
 * @param columns The columns so far.
 * @param added Gets the names of features that are none of them.
 * @returns What was found; `undefined` when it is no record, the cursor says why.
 */
export function readRecord(cursor: JsonCursor, columns: JsonColumns, added: NewNames): RecordPlaces | undefined {
  const call: ValuePlace[] = [NOTHING, NOTHING, NOTHING, NOTHING];
  let id: ValuePlace | undefined;
  let data: ValuePlace | undefined;
  let dataref: ValuePlace | undefined;
  let userIds: ValuePlace[] | undefined;
  let rowCount = 0;
  let fault = '';
  if (cursor.next() !== OPEN_OBJECT) {
    cursor.fail('no object');
    return undefined;
  }
  cursor.at += 1;
  if (!cursor.skip(CLOSE_OBJECT)) {
    do {
      if (!cursor.name()) {
        return undefined;
      }
      const name = nameAt(cursor.bytes, cursor.start, cursor.stop);
      const first = cursor.next();
      const field = CALL_FIELDS.indexOf(name as (typeof CALL_FIELDS)[number]);
      if (name === 'data' && first === OPEN_LIST) {
        const start = cursor.at;
        const count = readRows(cursor, columns, added);
        if (count === undefined) {
          return undefined;
        }
        rowCount = count;
        data = { start, stop: cursor.at, kind: 0 };
        fault = '';
      } else if (field === USER_ID && first === OPEN_LIST) {
        userIds = readList(cursor);
        if (userIds === undefined) {
          return undefined;
        }
      } else if (!cursor.value()) {
        return undefined;
      } else if (name === 'data') {
        data = undefined;
        fault = cursor.start === cursor.stop && cursor.kind === 0 ? '' : `data that is ${described(first)}`;
      } else if (name === 'dataref') {
        dataref = cursor.start === cursor.stop ? undefined : placeOf(cursor);
      } else if (field >= 0) {
        call[field] = placeOf(cursor);
      } else if (name === 'id') {
        id = placeOf(cursor);
      }
    } while (cursor.skip(COMMA));
    if (!cursor.take(CLOSE_OBJECT)) {
      return undefined;
    }
  }
  if (cursor.next() !== 0 || cursor.at < cursor.end) {
    cursor.fail('something behind the object');
    return undefined;
  }
  if (fault !== '' || (data === undefined && dataref === undefined)) {
    cursor.fail(`${fault || 'neither data nor dataref'}, where a list of rows should be`);
    return undefined;
  }
  return { id, data, rowCount, dataref: data === undefined ? dataref : undefined, call, userIds };
}

/**
 * Checks a list of rows, and notes the names of features that are not known yet.
 *
 * @param cursor Stands before the list, and then behind it.
 * @returns How many rows there are; `undefined` when it is no list of objects, the cursor says why.
 */
export function readRows(cursor: JsonCursor, columns: JsonColumns, added: NewNames): number | undefined {
  let count = 0;
  if (cursor.next() !== OPEN_LIST) {
    cursor.fail('no list of rows');
    return undefined;
  }
  cursor.at += 1;
  if (cursor.skip(CLOSE_LIST)) {
    return 0;
  }
  do {
    count += 1;
    const first = cursor.next();
    if (first !== OPEN_OBJECT) {
      cursor.fail(`row ${count} of data that is ${described(first)}, where an object should be`);
      return undefined;
    }
    cursor.at += 1;
    if (cursor.skip(CLOSE_OBJECT)) {
      continue;
    }
    let expected = 0;
    do {
      if (!cursor.name()) {
        return undefined;
      }
      const { start, stop } = cursor;
      const column = columns.find(cursor.bytes, start, stop, expected);
      if (column < 0) {
        added.add(nameAt(cursor.bytes, start, stop));
      }
      expected = column + 1;
      if (!cursor.value()) {
        return undefined;
      }
    } while (cursor.skip(COMMA));
    if (!cursor.take(CLOSE_OBJECT)) {
      return undefined;
    }
  } while (cursor.skip(COMMA));
  return cursor.take(CLOSE_LIST) ? count : undefined;
}

function readList(cursor: JsonCursor): ValuePlace[] | undefined {
  const places: ValuePlace[] = [];
  cursor.at += 1;
  if (cursor.skip(CLOSE_LIST)) {
    return places;
  }
  do {
    if (!cursor.value()) {
      return undefined;
    }
    places.push(placeOf(cursor));
  } while (cursor.skip(COMMA));
  return cursor.take(CLOSE_LIST) ? places : undefined;
}

function placeOf({ start, stop, kind }: JsonCursor): ValuePlace {
  return { start, stop, kind };
}

function described(first: number): string {
  switch (first) {
    case OPEN_OBJECT:
      return 'an object';
    case OPEN_LIST:
      return 'a list';
    case 0x22:
      return 'a text';
    case 0x74:
    case 0x66:
      return 'a boolean';
    case 0x6e:
      return 'null';
    default:
      return 'a number';
  }
}
