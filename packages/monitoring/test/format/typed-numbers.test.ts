import fc from 'fast-check';
import type { Cell } from '../../src/format/csv-encode.ts';
import { encodeCalls } from '../../src/format/encode-rows.ts';
import { encodeFloat32, encodeFloat64 } from '../../src/format/number-text.ts';
import { anyNumber } from '../support/cells.ts';

const FLOATING = /[.e]|^NaN$|^-?Infinity$/;
const single = fc.oneof(
  fc.float(),
  anyNumber.map(Math.fround),
  fc.integer({ min: -149, max: 127 }).map((exponent) => 2 ** exponent),
);

/** The texts as they come to stand in a file. */
function written(cells: Cell[], encoder: (cell: Cell) => string): string[] {
  const call = { rows: [cells], correlationId: 'c', userCorrelationId: '', scoringTimestamp: 't', requestId: '' };
  const encoders = cells.map(() => encoder);
  return Buffer.concat(encodeCalls([call], encoders).pieces)
    .toString()
    .split(',')
    .slice(0, cells.length);
}

describe('the text of a float64 column', () => {
  it('reads back as the same bits, and always shows that it is floating point', () => {
    fc.assert(
      fc.property(fc.array(anyNumber, { minLength: 50, maxLength: 50 }), (numbers) => {
        const texts = written(numbers, encodeFloat64);
        expect(texts.map(Number)).toEqual(numbers);
        expect(texts.filter((text) => !FLOATING.test(text))).toEqual([]);
        expect(texts).toEqual(numbers.map(encodeFloat64));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each<[number, string]>([
    [5, '5.0'],
    [-5, '-5.0'],
    [0, '0.0'],
    [-0, '-0.0'],
    [0.1, '0.1'],
    [123_456_789_012, '123456789012.0'],
    [1e21, '1e+21'],
    [2 ** 70, '1.1805916207174113e+21'],
    [1e-7, '1e-7'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ])('of %p is %s', (value, text) => {
    expect(written([value], encodeFloat64)).toEqual([text]);
  });

  it('is empty where there is nothing', () => {
    expect(written([null, undefined, 1], encodeFloat64)).toEqual(['', '', '1.0']);
  });
});

describe('the text of a float32 column', () => {
  it('reads back as the same single, shows that it is floating point, and no text of fewer digits does', () => {
    fc.assert(
      fc.property(fc.array(single, { minLength: 50, maxLength: 50 }), (numbers) => {
        const texts = written(numbers, encodeFloat32);
        expect(texts.filter((text) => !FLOATING.test(text))).toEqual([]);
        expect(texts).toEqual(numbers.map(encodeFloat32));
        expectShortest(numbers, texts);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is the shortest on both sides of every power of ten', () => {
    const value = new Float32Array(1);
    const bits = new Int32Array(value.buffer);
    for (let tens = -7; tens <= 10; tens += 1) {
      const numbers = Array.from({ length: 3_000 }, (_, index) => {
        value[0] = 10 ** tens;
        bits[0] = (bits[0] ?? 0) + (index - 2_500) * 79;
        return value[0];
      });
      expectShortest(numbers, written(numbers, encodeFloat32));
    }
  });

  it('reads back as the same power of two, whichever it is', () => {
    const powers = Array.from({ length: 277 }, (_, index) => 2 ** (index - 149));
    expect(written(powers, encodeFloat32).map((text) => Math.fround(Number(text)))).toEqual(powers);
  });

  it.each<[number, string]>([
    [Math.fround(0.1), '0.1'],
    [Math.fround(32.1), '32.1'],
    [Math.fround(1 / 3), '0.33333334'],
    [16_777_216, '16777216.0'],
    [Math.fround(123_456_789), '123456790.0'],
    [Math.fround(1e-45), '1e-45'],
    [Math.fround(3.4028234e38), '3.4028235e+38'],
    // The shortest above a power of two is not the nearest.
    [2 ** 87, '1.5474251e+26'],
    [-0, '-0.0'],
    [7, '7.0'],
  ])('of %p is %s', (value, text) => {
    expect(written([value], encodeFloat32)).toEqual([text]);
  });
});

/** Each text reads back, and the nearest decimal of one digit less does not. */
function expectShortest(numbers: readonly number[], texts: readonly string[]): void {
  expect(texts.map((text) => Math.fround(Number(text)))).toEqual(numbers);
  const tooLong = numbers.filter((value, index) => {
    const digits = digitsOf(texts[index] ?? '');
    return digits > 1 && Number.isFinite(value) && Math.fround(Number(value.toPrecision(digits - 1))) === value;
  });
  expect(tooLong).toEqual([]);
}

function digitsOf(text: string): number {
  const [mantissa = ''] = text.replace('-', '').split('e');
  const digits = mantissa.replace('.', '').replace(/^0+/, '');
  return digits.replace(/0+$/, '').length;
}
