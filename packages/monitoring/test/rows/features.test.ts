import { isAzuremlError } from '@azureml-ts/common';
import fc from 'fast-check';
import type { Cell } from '../../src/format/csv-encode.ts';
import { encodeCalls } from '../../src/format/encode-rows.ts';
import type { FeatureType } from '../../src/rows/feature-types.ts';
import { checkFeatures, compileFeatures, type Feature } from '../../src/rows/features.ts';

const compile = (feature: Omit<Feature, 'name'>) =>
  compileFeatures(checkFeatures([{ name: 'x', ...feature }]), { redactKey: 'key' });

/** The text of a value in the file. */
function stored(feature: Omit<Feature, 'name'>, value: unknown): string {
  const { convert, encoders } = compile(feature);
  const cell = convert[0]?.(value) as Cell;
  const call = { rows: [[cell]], correlationId: 'id', userCorrelationId: '', scoringTimestamp: '', requestId: '' };
  const text = Buffer.concat(encodeCalls([call], encoders).pieces).toString();
  expect(text.endsWith(',id,,,\n')).toBe(true);
  return text.slice(0, -',id,,,\n'.length);
}

/** The message of the fault that a value has. */
function fault(feature: Omit<Feature, 'name'>, value: unknown): string {
  const [convert] = compile(feature).convert;
  try {
    convert?.(value);
  } catch (error) {
    expect(error).toMatchObject({ name: 'InvalidRows', rowCount: undefined });
    return (error as Error).message;
  }
  throw new Error('The value was taken.');
}

const COLOURS = { type: 'enum', values: ['red', 'green, blue'] } as const;

describe('a value of a typed column', () => {
  it.each<[FeatureType, unknown, string]>([
    ['float64', 5, '5.0'],
    ['float64', -0, '-0.0'],
    ['float64', 1e21, '1e+21'],
    ['float64', Number.NaN, 'NaN'],
    ['float64', 2n ** 60n, '1152921504606847000.0'],
    ['float32', 0.1, '0.1'],
    ['float32', 1 / 3, '0.33333334'],
    ['float32', 16_777_216n, '16777216.0'],
    ['float32', Number.NEGATIVE_INFINITY, '-Infinity'],
    ['int64', 2 ** 53 - 1, '9007199254740991'],
    ['int64', 2n ** 63n - 1n, '9223372036854775807'],
    ['int64', -(2n ** 63n), '-9223372036854775808'],
    ['int64', -0, '0'],
    ['int32', -(2 ** 31), '-2147483648'],
    ['int32', 7n, '7'],
    ['boolean', false, 'false'],
    ['string', 'a, "b"', '"a, ""b"""'],
    ['string', '', ''],
    ['date', '2024-02-29', '2024-02-29'],
    ['date', '2000-02-29', '2000-02-29'],
    ['date', new Date('2026-01-02T23:59:59.999Z'), '2026-01-02'],
    ['timestamp', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['timestamp', '2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000Z'],
    ['timestamp', '2026-01-02T03:04:05.678999+02:00', '2026-01-02T01:04:05.678Z'],
    ['timestamp', '2026-01-02T03:04-03:30', '2026-01-02T06:34:00.000Z'],
  ])('%s: %p is stored as %s', (type, value, text) => {
    expect(stored({ type }, value)).toBe(text);
  });

  it('of an enumeration is one of its texts', () => {
    expect(stored(COLOURS, 'green, blue')).toBe('"green, blue"');
  });

  it.each<[FeatureType, unknown, RegExp]>([
    ['float64', '1.5', /^column "x" must be a number.*, but is the text "1\.5"$/],
    ['float64', 2n ** 53n + 1n, /double holds exactly, but is the bigint 9007199254740993$/],
    ['float64', 10n ** 400n, /but is the bigint 1000000000000000000000000000000000000000\.\.\.$/],
    ['float64', true, /but is the boolean true$/],
    ['float32', 1e39, /single precision/],
    ['float32', 16_777_217n, /holds exactly/],
    ['int64', 2 ** 53, /beyond 9007199254740991 as a bigint.*, but is the number 9007199254740992$/],
    ['int64', 2n ** 63n, /within 64 bits/],
    ['int64', 1.5, /an integer/],
    ['int64', Number.NaN, /but is the number NaN$/],
    ['int64', '7', /but is the text "7"$/],
    ['int32', 2 ** 31, /from -2147483648 to 2147483647/],
    ['int32', 2n ** 80n, /from -2147483648/],
    ['int32', 0.5, /an integer/],
    ['boolean', 1, /true or false, but is the number 1$/],
    ['boolean', 'true', /true or false/],
    ['string', 5, /a text, but is the number 5$/],
    ['string', { a: 1 }, /but is an object$/],
    ['string', ['a'], /but is an array$/],
    ['string', Promise.resolve('a'), /but is a promise$/],
    ['string', () => 'a', /but is a function$/],
    ['date', '2023-02-29', /yyyy-mm-dd, or a valid Date, but is the text "2023-02-29"$/],
    ['date', '1900-02-29', /yyyy-mm-dd/],
    ['date', '2026-13-01', /yyyy-mm-dd/],
    ['date', '2026-01-00', /yyyy-mm-dd/],
    ['date', '2026-1-2', /yyyy-mm-dd/],
    ['date', '2026-01-02T00:00:00Z', /yyyy-mm-dd/],
    ['date', new Date(Number.NaN), /but is an invalid date$/],
    ['date', 0, /but is the number 0$/],
    ['timestamp', '2026-01-02T03:04:05', /with a zone/],
    ['timestamp', '2026-02-30T03:04:05Z', /with a zone/],
    ['timestamp', '2026-01-02T25:04:05Z', /with a zone/],
    ['timestamp', '2026-01-02', /with a zone/],
    ['timestamp', new Date(8.64e15), /but is the date \+275760-09-13T00:00:00\.000Z$/],
    ['timestamp', new Date(Number.NaN), /but is an invalid date$/],
    ['timestamp', 1_767_323_045_678, /but is the number/],
  ])('%s: %p is refused', (type, value, message) => {
    expect(fault({ type }, value)).toMatch(message);
  });

  it('that is none of an enumeration is refused, naming those', () => {
    expect(fault(COLOURS, 'blue')).toBe('column "x" must be one of "red", "green, blue", but is the text "blue"');
    expect(fault(COLOURS, 0)).toMatch(/but is the number 0$/);
    const many = Array.from({ length: 100 }, (_, index) => `v${index}`);
    expect(fault({ type: 'enum', values: many }, 'w')).toMatch(/"v19", \.\.\. \(100\), but is/);
  });

  it('is shortened in the message, on one line', () => {
    expect(fault({ type: 'int32' }, `a\n${'b'.repeat(10_000)}`)).toMatch(/^[^\n]{20,150}\.\.\."$/);
  });

  it.each<FeatureType>(['float64', 'float32', 'int64', 'int32', 'boolean', 'string', 'date', 'timestamp'])(
    '%s: nothing is empty',
    (type) => {
      expect([stored({ type }, null), stored({ type }, undefined)]).toEqual(['', '']);
      expect(stored(COLOURS, null)).toBe('');
    },
  );

  it('is a copy: a date that changes later does not reach the row', () => {
    const date = new Date(0);
    const cell = compile({ type: 'timestamp' }).convert[0]?.(date);
    date.setTime(1);
    expect(cell).toEqual(new Date(0));
  });

  it('keeps every 64-bit integer exactly', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.maxSafeInteger(), (big, safe) => {
        expect(BigInt(stored({ type: 'int64' }, big))).toBe(big);
        expect(stored({ type: 'int64' }, safe)).toBe(String(safe));
      }),
    );
  });

  it('keeps every day and millisecond', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          const text = date.toISOString();
          expect(stored({ type: 'timestamp' }, date)).toBe(text);
          expect(stored({ type: 'timestamp' }, text)).toBe(text);
          expect(stored({ type: 'date' }, text.slice(0, 10))).toBe(text.slice(0, 10));
          expect(stored({ type: 'date' }, date)).toBe(text.slice(0, 10));
        },
      ),
    );
  });
});

describe('the declaration of features', () => {
  const good = { name: 'age', type: 'float64' };

  it.each<[string, unknown, string, RegExp]>([
    ['no array', { age: 'float64' }, 'features', /array of at least one \{ name, type \}/],
    ['an empty array', [], 'features', /at least one/],
    ['a name instead of an object', [good, 'bmi'], 'features[1]', /an object \{ name, type \}/],
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is looked for.
    ['a hole', [, good], 'features[0]', /an object/],
    ['no name', [{ type: 'float64' }], 'features[0].name', /non-empty text/],
    ['an empty name', [good, { name: '', type: 'date' }], 'features[1].name', /non-empty text/],
    ['a repeated name', [good, good], 'features[1].name', /different from the names before it/],
    [
      'a name of our own',
      [{ ...good, name: '$aml_request_id' }],
      'features[0].name',
      /columns that the collector adds/,
    ],
    ['no type', [{ name: 'a' }], 'features[0].type', /one of float64, float32, .*enum, but is undefined/],
    ['a misspelt type', [good, good, { name: 'a', type: 'flaot64' }].slice(1), 'features[1].type', /mean float64\?/],
    ['a type of another language', [{ name: 'a', type: 'Double' }], 'features[0].type', /mean float64\?.*'Double'/],
    [
      'a type like a member of objects',
      [{ name: 'a', type: 'constructor' }],
      'features[0].type',
      /must be one of .*float64/,
    ],
    ['an enum without values', [{ name: 'a', type: 'enum' }], 'features[0].values', /at least one text/],
    ['an enum with a repeated value', [{ name: 'a', type: 'enum', values: ['x', 'x'] }], 'features[0].values', /rep/],
    [
      'an enum with an empty value',
      [{ name: 'a', type: 'enum', values: [''] }],
      'features[0].values',
      /none of them empty/,
    ],
    ['values of another type', [{ ...good, values: ['x'] }], 'features[0].values', /only a feature of type enum/],
    ['a misspelt redaction', [{ ...good, redact: 'hsah' }], 'features[0].redact', /mean hash\?/],
    [
      'a redaction that is switched on',
      [{ ...good, redact: true }],
      'features[0].redact',
      /'drop', 'hash' or a function/,
    ],
    [
      'a misspelt field',
      [{ ...good, redacted: 'drop' }],
      'features[0].redacted',
      /unknown field "redacted".*mean redact\?/,
    ],
    ['nothing to store', [{ ...good, redact: 'drop' }], 'features', /at least one is not redact: 'drop'/],
  ])('%s is refused', (_, features, path, message) => {
    try {
      checkFeatures(features);
    } catch (error) {
      expect(isAzuremlError(error, 'VALIDATION') && error).toMatchObject({
        path,
        message: expect.stringMatching(message),
      });
      return;
    }
    throw new Error('It was taken.');
  });

  it('tells which columns a row has and which are stored', () => {
    const compiled = compileFeatures(
      checkFeatures([
        { name: 'secret', type: 'string', redact: 'drop' },
        { name: 'age', type: 'float64' },
        { name: 'zip', type: 'string', redact: 'drop' },
        { name: '__proto__', type: 'int32' },
      ]),
      { redactKey: undefined },
    );
    expect(compiled).toMatchObject({
      inputNames: ['secret', 'age', 'zip', '__proto__'],
      storedNames: ['age', '__proto__'],
      storedColumns: [1, 3],
      usesRandomKey: false,
    });
    expect(compiled.convert).toHaveLength(4);
    expect(compiled.encoders.map((encoder) => encoder?.(1))).toEqual(['1.0', undefined]);
  });

  it('is read once: later changes have no effect', () => {
    const feature = { name: 'x', type: 'enum' as const, values: ['a'], redact: undefined as 'drop' | undefined };
    const { convert } = compileFeatures(checkFeatures([feature]), { redactKey: undefined });
    feature.values.push('b');
    feature.redact = 'drop';
    expect(() => convert[0]?.('b')).toThrow(/must be one of "a"/);
  });
});
