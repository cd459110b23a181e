import { ESCAPED, PLAIN, RAGGED, type RecordBlock, UTF8 } from './record-block.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const LF = 0x0a;
const CR = 0x0d;

/**
 * Finds the whole records in the first bytes of a block.
 *
 * Each byte is looked at once. Most bytes of a file are digits and letters: one comparison tells that they end nothing.
 *
 * @param block Gets the places. Its bytes have room for one more than are looked at: a line end is put there.
 * @param length How many bytes to look at.
 * @param maxCells Most cells of a record whose places are kept.
 */
export function tokenize(block: RecordBlock, length: number, maxCells: number): void {
  const { bytes } = block;
  let { starts, ends, kinds, recordStarts, firstCells, widths } = block;
  let capacity = ends.length;
  let records = 0;
  let cells = 0;
  let at = 0;
  // A line end behind the last byte stops every search there.
  const behind = bytes[length] as number;
  bytes[length] = LF;
  scan: while (at < length) {
    if (records + 1 >= widths.length) {
      block.growRecords();
      ({ recordStarts, firstCells, widths } = block);
    }
    recordStarts[records] = at;
    firstCells[records] = cells;
    const mostCells = cells + maxCells;
    let width = 0;
    let code: number;
    do {
      let start = at;
      let end: number;
      let kind = PLAIN;
      let mixed = 0;
      code = bytes[at] as number;
      if (code === QUOTE) {
        at += 1;
        for (;;) {
          code = bytes[at] as number;
          if (code === QUOTE) {
            // Behind the last byte stands no quote, though one may follow: the cell then ends there, and is no whole one.
            if (bytes[at + 1] !== QUOTE) {
              break;
            }
            kind = ESCAPED;
            at += 1;
          } else if (code === LF && at === length) {
            break scan;
          }
          mixed |= code;
          at += 1;
        }
        end = at;
        at += 1;
        code = bytes[at] as number;
        if (code !== COMMA && code !== LF && !(code === CR && bytes[at + 1] === LF && at + 1 < length)) {
          kind = RAGGED;
          while (code !== COMMA && code !== LF) {
            at += 1;
            code = bytes[at] as number;
          }
          end = code === LF && bytes[at - 1] === CR ? at - 1 : at;
        } else {
          if (code === CR) {
            at += 1;
            code = LF;
          }
          if (kind === ESCAPED) {
            end += 1;
          }
        }
        // The places of a cell with quotes to take out are those of its raw text, from the opening quote on.
        if (kind === PLAIN) {
          start += 1;
          kind = mixed > 0x7f ? UTF8 : PLAIN;
        }
      } else {
        while (code > COMMA || (code !== COMMA && code !== LF)) {
          mixed |= code;
          at += 1;
          code = bytes[at] as number;
        }
        end = at;
        if (code === LF && end > start && bytes[end - 1] === CR) {
          end -= 1;
        }
        kind = mixed > 0x7f ? UTF8 : PLAIN;
      }
      if (at >= length) {
        break scan;
      }
      at += 1;
      width += 1;
      if (cells < mostCells) {
        if (cells === capacity) {
          block.growCells();
          ({ starts, ends, kinds } = block);
          capacity = ends.length;
        }
        starts[cells] = start;
        ends[cells] = end;
        kinds[cells] = kind;
        cells += 1;
      }
    } while (code === COMMA);
    widths[records] = width;
    records += 1;
    recordStarts[records] = at;
    firstCells[records] = cells;
  }
  if (records === 0) {
    recordStarts[0] = 0;
  }
  bytes[length] = behind;
  block.count = records;
  block.renew();
}
