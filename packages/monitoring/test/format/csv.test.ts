import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { type Cell, encodeRow } from '../../src/format/csv-encode.ts';
import { CsvScanner } from '../../src/format/csv-scanner.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'é', '😀', ',', '"', '\n', '\r', ' ', "'", ';', '0') });
const cell: fc.Arbitrary<Cell> = fc.oneof(
  text,
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  fc.date({ noInvalidDate: true }),
);

/** The oracle: csv-stringify with the options that the documentation names. */
function oracle(rows: Cell[][]): string {
  return stringify(rows, {
    record_delimiter: '\n',
    quoted_match: /\r/,
    cast: {
      boolean: (value) => String(value),
      date: (value) => value.toISOString(),
      number: (value) => String(value),
      bigint: (value) => String(value),
    },
  });
}

describe('a line of the file', () => {
  it('equals what csv-stringify writes for the same cells', () => {
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 6 }), { maxLength: 5 }), (rows) => {
        expect(rows.map(encodeRow).join('')).toBe(oracle(rows));
      }),
      { numRuns: 500 },
    );
  });

  it.each<[Cell, string]>([
    [null, ''],
    [undefined, ''],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [1e21, '1e+21'],
    [12345678901234567890n, '12345678901234567890'],
    [true, 'true'],
    [new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 6)), '2026-01-02T03:04:05.006Z'],
    [new Date(Number.NaN), ''],
    ['say "hi", twice', '"say ""hi"", twice"'],
    ['a\rb', '"a\rb"'],
  ])('writes %p as %s', (value, expected) => {
    expect(encodeRow([value, 'x'])).toBe(`${expected},x\n`);
  });
});

describe('CsvScanner', () => {
  it('gives back every text that was written, however the file is cut into pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(text, { minLength: 2, maxLength: 4 }), { maxLength: 6 }),
        fc.array(fc.nat(64)),
        (rows, cuts) => {
          const bytes = Buffer.from(rows.map(encodeRow).join(''));
          const scanner = new CsvScanner();
          const found: string[][] = [];
          let at = 0;
          for (const cut of cuts) {
            found.push(...scanner.push(bytes.subarray(at, at + cut)));
            at += cut;
          }
          found.push(...scanner.push(bytes.subarray(at)), ...scanner.end());
          expect(found).toEqual(rows);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('reads CRLF, a byte order mark and a last line without end', () => {
    const scanner = new CsvScanner();
    const records = scanner.push(Buffer.from('\ufeffa,b\r\n1,"x\r"\r\n3,4'));
    expect(records).toEqual([
      ['a', 'b'],
      ['1', 'x\r'],
    ]);
    expect(scanner.isInsideRecord).toBe(true);
    expect(scanner.end()).toEqual([['3', '4']]);
  });

  it('knows that it is inside a record when only a part of a character has come', () => {
    const scanner = new CsvScanner();
    scanner.push(Buffer.from('a\n'));
    expect(scanner.isInsideRecord).toBe(false);
    scanner.push(Buffer.from([0xc3]));
    expect(scanner.isInsideRecord).toBe(true);
  });

  it('says where a file that ends inside quotes broke off', () => {
    const scanner = new CsvScanner();
    scanner.push(Buffer.from('a,b\n"open'));
    expect(() => scanner.end()).toThrow(
      expect.objectContaining({ code: 'CSV_UNTERMINATED_QUOTE', details: { characterOffset: 4 } }),
    );
  });
});
