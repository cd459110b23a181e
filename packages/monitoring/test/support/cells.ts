import fc from 'fast-check';
import type { Cell } from '../../src/format/csv-encode.ts';

/** Texts of what is hard in CSV: separators, quotes, line ends, formulas, characters of two units. */
export const hardText = fc.oneof(
  fc.string({
    unit: fc.constantFrom('a', 'é', '€', '😀', ',', '"', '\n', '\r', ' ', "'", ';', '\t', '#', '0', '\u2028'),
    maxLength: 60,
  }),
  fc.constantFrom(
    '=SUM(A1:A9)',
    '+1',
    '-1',
    '@cmd',
    '"',
    '""',
    '","',
    '\r\n',
    ' padded ',
    'null',
    'NaN',
    'true',
    '1e5',
  ),
);

/** Texts with halves of surrogate pairs. */
export const brokenText = fc.string({
  unit: fc.constantFrom('a', '"', '\ud83d', '\ude00', '\udfff', '\ud800'),
  maxLength: 8,
});

/** Numbers as rows hold them: bits at random, few decimals, integers, single precision, and the edges of their text. */
export const anyNumber = fc.oneof(
  fc.double(),
  fc.float(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.tuple(fc.integer(), fc.integer({ min: 0, max: 12 })).map(([digits, decimals]) => digits / 10 ** decimals),
  fc.double({ min: -1e4, max: 1e4, noNaN: true }),
  fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 1e21, 1e-7, 1e-6, 1e16, 5e-324, 0.1 + 0.2, 2 ** 53, 1e9, -1e9),
);

/** Any cell. */
export const anyCell: fc.Arbitrary<Cell> = fc.oneof(
  hardText,
  brokenText,
  anyNumber,
  fc.bigInt(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  fc.date({ noInvalidDate: true }),
);
