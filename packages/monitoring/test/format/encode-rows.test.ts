import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import type { Cell } from '../../src/format/csv-encode.ts';
import { type EncodableCall, encodeCalls, encodeRows } from '../../src/format/encode-rows.ts';
import { anyCell, anyNumber, hardText } from '../support/cells.ts';

const PIECE = 65_536;

/** The oracle: csv-stringify with the options that the documentation names. */
function oracle(rows: readonly (readonly Cell[])[]): Buffer {
  return Buffer.from(
    stringify(rows as Cell[][], {
      record_delimiter: '\n',
      quoted_match: /\r/,
      cast: {
        boolean: (value) => String(value),
        date: (value) => value.toISOString(),
        number: (value) => String(value),
        bigint: (value) => String(value),
      },
    }),
  );
}

const rowsOf = (cell: fc.Arbitrary<Cell>) => fc.array(fc.array(cell, { minLength: 2, maxLength: 6 }), { maxLength: 8 });
const id = fc.oneof(fc.constantFrom('', 'loan-4711', 'a,b', 'say "hi"', 'über', 'x'.repeat(256)), fc.string());
const correlations = fc.record({
  correlationId: id,
  userCorrelationId: fc.option(id, { nil: undefined }),
  scoringTimestamp: fc.constant('2026-01-02T03:04:05.678Z'),
  requestId: fc.option(id, { nil: undefined }),
});

/** Calls of every kind: one id for all rows, one for each row, four values for each row. */
const anyCall: fc.Arbitrary<EncodableCall> = rowsOf(anyCell).chain((rows) =>
  fc.oneof(
    correlations.map((own) => ({ ...own, rows })),
    fc
      .tuple(correlations, fc.array(id, { minLength: rows.length, maxLength: rows.length }))
      .map(([own, ids]) => ({ ...own, rows, userCorrelationId: ids })),
    fc
      .tuple(correlations, fc.array(correlations, { minLength: rows.length, maxLength: rows.length }))
      .map(([own, each]) => ({ ...own, rows, correlations: each })),
  ),
);

/** Complete rows of a call, put together in the simplest way. */
function completeRows(call: EncodableCall): Cell[][] {
  return call.rows.map((row, index) => {
    const own = call.correlations?.[index];
    const user = typeof call.userCorrelationId === 'object' ? call.userCorrelationId[index] : call.userCorrelationId;
    return own === undefined
      ? [...row, call.correlationId, user, call.scoringTimestamp, call.requestId]
      : [...row, own.correlationId, own.userCorrelationId, own.scoringTimestamp, own.requestId];
  });
}

describe('encodeRows', () => {
  it('writes byte for byte what csv-stringify writes', () => {
    fc.assert(
      fc.property(rowsOf(anyCell), (rows) => {
        expect(encodeRows(rows).equals(oracle(rows))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('writes every number as JavaScript does', () => {
    fc.assert(
      fc.property(fc.array(anyNumber, { minLength: 100, maxLength: 100 }), (numbers) => {
        const text = encodeRows([numbers]).toString();
        expect(text).toBe(`${numbers.map(String).join(',')}\n`);
        expect(text.split(',').map(Number)).toEqual(numbers.map((value) => value + 0));
      }),
      { numRuns: 1_000 },
    );
  });

  it('writes the numbers around every power of two and ten as JavaScript does', () => {
    const value = new Float64Array(1);
    const bits = new BigInt64Array(value.buffer);
    const numbers: number[] = [];
    for (let exponent = -30; exponent <= 60; exponent += 1) {
      for (const start of [2 ** exponent, 10 ** (exponent / 2), Number(`1e${exponent}`), Number(`5e${exponent}`)]) {
        value[0] = start;
        bits[0] = (bits[0] ?? 0n) - 20n;
        for (let step = 0; step < 40; step += 1) {
          bits[0] = (bits[0] ?? 0n) + 1n;
          numbers.push(value[0], -value[0]);
        }
      }
    }
    expect(encodeRows([numbers]).toString()).toBe(`${numbers.map(String).join(',')}\n`);
  });

  it('writes half of a surrogate pair as U+FFFD, and whole pairs as they are', () => {
    const halves = ['a\ud83d', '\ude00b', '\ude00\ud83d', '"\ud83d', '\ud83d'.repeat(50), '\ud83d\ude00'];
    const written = ['a\ufffd', '\ufffdb', '\ufffd\ufffd', '"""\ufffd"', '\ufffd'.repeat(50), '😀'];
    expect(encodeRows([halves]).toString()).toBe(`${written.join(',')}\n`);
    // Two halves in neighbouring cells do not become one character.
    expect(encodeRows([['\ud83d', '\ude00']]).toString()).toBe('\ufffd,\ufffd\n');
  });

  it('leaves formulas, blanks and comments without quotes', () => {
    expect(encodeRows([['=1+1', ' a ', '#x', '@y', 'tab\t', '-']]).toString()).toBe('=1+1, a ,#x,@y,tab\t,-\n');
  });

  it('gives no bytes for no rows', () => {
    expect(encodeRows([])).toHaveLength(0);
  });
});

describe('encodeCalls', () => {
  it('writes the features of each row and then the ids of its call', () => {
    fc.assert(
      fc.property(fc.array(anyCall, { maxLength: 4 }), (calls) => {
        const { pieces, byteLength, rowCount } = encodeCalls(calls);
        const rows = calls.flatMap(completeRows);
        const bytes = Buffer.concat(pieces);
        expect(bytes.equals(oracle(rows))).toBe(true);
        expect({ byteLength, rowCount }).toEqual({ byteLength: bytes.length, rowCount: rows.length });
      }),
      { numRuns: 1_000 },
    );
  });

  it('asks the encoder of a column for the text of its cells', () => {
    const call = {
      rows: [[1, 2, null]],
      correlationId: 'w-1',
      userCorrelationId: undefined,
      scoringTimestamp: 't',
      requestId: undefined,
    };
    const { pieces } = encodeCalls([call], [undefined, (cell) => `"<${cell}>"`, (cell) => `[${cell}]`]);
    expect(Buffer.concat(pieces).toString()).toBe('1,"<2>",[null],w-1,,t,\n');
  });

  it('cuts the lines into pieces of at most 64 KiB, each with memory of exactly its size', () => {
    const row = ['text', 1.5, '"quoted"', 12_345, 'ü'.repeat(60), null];
    const rows = Array.from({ length: 5_000 }, () => row);
    const ids = { correlationId: 'w-1', userCorrelationId: 'u', scoringTimestamp: 't', requestId: 'r' };
    const { pieces, byteLength } = encodeCalls([
      { ...ids, rows },
      { ...ids, rows: [row] },
    ]);
    expect(pieces.length).toBeGreaterThan(10);
    for (const piece of pieces) {
      expect(piece.length).toBeLessThanOrEqual(PIECE);
      expect(piece.buffer.byteLength).toBe(piece.length);
    }
    expect(Buffer.concat(pieces)).toHaveLength(byteLength);
    const tiny = encodeCalls([{ ...ids, rows: [row] }]).pieces;
    expect(tiny.map((piece) => piece.buffer.byteLength - piece.length)).toEqual([0]);
  });

  it('writes what stands across the end of a piece, wherever that is', () => {
    const tail: Cell[] = ['a"b', -1234.5678, 'ü€😀', 'plain', '"'.repeat(48), null, true, '€'.repeat(60), 7];
    const filler: Cell[] = Array.from({ length: Math.floor(PIECE / 41) - 13 }, () => 'x'.repeat(40));
    for (let length = 0; length <= 41 * 14; length += 1) {
      const rest = Array.from({ length: Math.ceil(length / 40) }, (_, index) =>
        'y'.repeat(Math.min(40, length - index * 40)),
      );
      const rows = [[...filler, ...rest, ...tail]];
      expect(encodeRows(rows).equals(oracle(rows))).toBe(true);
      const ids = { correlationId: 'w-1', userCorrelationId: 'u'.repeat(70), scoringTimestamp: 't', requestId: 'r' };
      const call = { ...ids, rows: [...rows, tail] };
      expect(Buffer.concat(encodeCalls([call]).pieces).equals(oracle(completeRows(call)))).toBe(true);
    }
  });

  it('takes cells and ids that are longer than a piece', () => {
    const long = ['x'.repeat(PIECE * 3), '€'.repeat(PIECE), `${'"'.repeat(PIECE)}\n`, '\ud83d'.repeat(PIECE)];
    for (const cell of long) {
      const rows = [
        ['before', cell, 1],
        [2, cell, cell],
      ];
      const call = { rows, correlationId: cell, userCorrelationId: 'u', scoringTimestamp: 't', requestId: cell };
      const { pieces, byteLength } = encodeCalls([call]);
      expect(Buffer.concat(pieces).equals(oracle(completeRows(call)))).toBe(true);
      expect(pieces.reduce((sum, piece) => sum + piece.buffer.byteLength, 0)).toBe(byteLength);
    }
  });

  it('starts anew after an encoder that threw', () => {
    const call = {
      rows: [['a', 'b']],
      correlationId: 'c',
      userCorrelationId: 'u',
      scoringTimestamp: 't',
      requestId: 'r',
    };
    const failing = () => {
      throw new Error('no');
    };
    expect(() => encodeCalls([call], [undefined, failing])).toThrow('no');
    expect(Buffer.concat(encodeCalls([call]).pieces).toString()).toBe('a,b,c,u,t,r\n');
  });
});

describe('texts of any kind', () => {
  it('are written alike, short or long', () => {
    fc.assert(
      fc.property(hardText, fc.integer({ min: 1, max: 60 }), (text, times) => {
        const rows = [[text.repeat(times), text]];
        expect(encodeRows(rows).equals(oracle(rows))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
