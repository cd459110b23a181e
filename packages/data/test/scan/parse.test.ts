import fc from 'fast-check';
import { CELL_READERS, inferCell } from '../../src/rows/cell-types.ts';
import { parseInteger, writeInteger } from '../../src/scan/parse-integer.ts';
import { parseDecimal } from '../../src/scan/parse-number.ts';
import { parseTime } from '../../src/scan/parse-time.ts';

function decimal(text: string, isOwn: boolean): number {
  const bytes = Buffer.from(`7${text}7`);
  return parseDecimal(bytes, 1, bytes.length - 1, isOwn);
}

const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 20 });
/** Decimals of any length, and those that are closest to the middle between two doubles. */
const decimals = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.tuple(fc.constantFrom('', '-'), digits, digits).map(([sign, whole, part]) => `${sign}${whole}.${part}`),
  fc.tuple(fc.constantFrom('', '-'), digits).map(([sign, whole]) => `${sign}${whole}`),
  fc
    .tuple(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), fc.integer({ min: 14, max: 19 }))
    .map(([x, n]) => x.toPrecision(n)),
  fc.tuple(fc.maxSafeNat(), fc.nat(22)).map(([n, k]) =>
    (BigInt(n) * 2n + 1n)
      .toString()
      .padStart(k + 1, '0')
      .replace(new RegExp(`(\\d{${k}})$`), '.$1'),
  ),
);

describe('a decimal number in bytes', () => {
  it('is the double that Number gives, where it is told at all', () => {
    let told = 0;
    fc.assert(
      fc.property(decimals, (text) => {
        const value = decimal(text, false);
        if (!Number.isNaN(value)) {
          told += 1;
          expect(value).toBe(Number(text));
        }
      }),
      { numRuns: 20_000 },
    );
    expect(told).toBeGreaterThan(8000);
  });

  it('is a number by itself only when JavaScript would write it so, as the rule by texts says', () => {
    fc.assert(
      fc.property(decimals, (text) => {
        const value = decimal(text, true);
        if (!Number.isNaN(value)) {
          expect(inferCell(text)).toBe(value);
        }
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    ['0.1', 0.1, 0.1],
    ['0.30000000000000004', 0.30000000000000004, 0.30000000000000004],
    ['0.30000000000000001', 0.3, Number.NaN],
    ['9007199254740993.5', 9007199254740994, Number.NaN],
    ['1.50', 1.5, Number.NaN],
    ['00.5', 0.5, Number.NaN],
    ['5.0', 5, 5],
    ['-0.0', -0, -0],
    ['-0', -0, Number.NaN],
    ['0.0000005', 5e-7, Number.NaN],
    ['1e5', Number.NaN, Number.NaN],
    ['-', Number.NaN, Number.NaN],
    ['1.', Number.NaN, Number.NaN],
    ['.5', Number.NaN, Number.NaN],
    ['', Number.NaN, Number.NaN],
    ['1.2.3', Number.NaN, Number.NaN],
    ['12a', Number.NaN, Number.NaN],
  ])('%s is %p, and %p when nobody declared it', (text, declared, own) => {
    expect(decimal(text, false)).toBe(declared);
    expect(decimal(text, true)).toBe(own);
  });
});

describe('a whole number in bytes', () => {
  it('is the number that it was, and is written as 64 bits', () => {
    const values = new BigInt64Array(2);
    fc.assert(
      fc.property(fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 }), (number) => {
        const bytes = Buffer.from(String(number));
        expect(parseInteger(bytes, 0, bytes.length, true)).toBe(number);
        writeInteger(new Int32Array(values.buffer), 1, number);
        expect(values[1]).toBe(BigInt(number));
      }),
    );
  });

  it.each(['', '-', '007', '-0', '1.0', '1e3', ' 1', '1234567890123456'])('is not %p', (text) => {
    const bytes = Buffer.from(text);
    expect(parseInteger(bytes, 0, bytes.length, true)).toBeNaN();
  });
});

describe('a time in bytes', () => {
  it('is what JavaScript wrote', () => {
    const range = {
      min: new Date('0000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    };
    fc.assert(
      fc.property(fc.date(range), (date) => {
        const bytes = Buffer.from(date.toISOString());
        expect(parseTime(bytes, 0, bytes.length)).toBe(date.getTime());
      }),
    );
  });

  it.each([
    '2026-02-29T00:00:00.000Z',
    '2026-13-01T00:00:00.000Z',
    '2026-01-01T24:00:00.000Z',
    '2026-01-01T00:00:00.000+',
    '2026-01-01T00:00:00Z',
  ])('is not %s', (text) => {
    const bytes = Buffer.from(text);
    expect(parseTime(bytes, 0, bytes.length)).toBeNaN();
    if (text.startsWith('2026-02')) {
      expect(CELL_READERS.date(text)).toBeUndefined();
    }
  });
});
