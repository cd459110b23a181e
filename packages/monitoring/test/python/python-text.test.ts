import fc from 'fast-check';
import { encodePythonRows, pythonHeader } from '../../src/python/python-lines.ts';
import { pythonFloat, pythonFloat32, pythonNumber } from '../../src/python/python-number.ts';
import { pythonRepr } from '../../src/python/python-repr.ts';
import { precisionOf, pythonTime, pythonTimestamp } from '../../src/python/python-time.ts';

describe('a number in the text of Python', () => {
  it.each([
    [1, '1.0'],
    [-0, '-0.0'],
    [0, '0.0'],
    [100, '100.0'],
    [0.1, '0.1'],
    [1e-4, '0.0001'],
    [1e-5, '1e-05'],
    [1e-7, '1e-07'],
    [1.5e-7, '1.5e-07'],
    [1e15, '1000000000000000.0'],
    [1e16, '1e+16'],
    [123456789012345680, '1.2345678901234568e+17'],
    [1e21, '1e+21'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [5e-324, '5e-324'],
    [Number.NaN, 'nan'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
  ])('is, of a float, %p: %s', (value, text) => {
    expect(pythonFloat(value)).toBe(text);
  });

  it.each([
    [0.1, '0.1'],
    [1, '1.0'],
    [100_000, '100000.0'],
    [1e6, '1e+06'],
    [16_777_216, '1.6777216e+07'],
    [123_456_789, '1.2345679e+08'],
    [1e10, '1e+10'],
    [1e-4, '1e-04'],
    [0.0001234, '0.0001234'],
    [3.4e38, '3.4e+38'],
  ])('is, of a single of numpy, %p: %s', (value, text) => {
    expect(pythonFloat32(value)).toBe(text);
  });

  it('is an integer when nobody says otherwise and it is a safe one', () => {
    expect([5, -3, 0, 2 ** 53 - 1].map(pythonNumber)).toEqual(['5', '-3', '0', '9007199254740991']);
    expect([2 ** 53, 0.5, -0].map(pythonNumber)).toEqual(['9007199254740992.0', '0.5', '-0.0']);
  });

  it('reads back as the same number, whatever it is', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = pythonFloat(value);
        return Object.is(Number(text), value) && /[.e]/.test(text);
      }),
    );
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) =>
        Object.is(Math.fround(Number(pythonFloat32(value))), value),
      ),
    );
  });
});

describe('a nested value in the text of Python', () => {
  it.each([
    [[1, 2], '[1, 2]'],
    [{ k: 'v' }, "{'k': 'v'}"],
    [["it's", 'q"', 'b\'"', null, true, false, undefined], `["it's", 'q"', 'b\\'"', None, True, False, None]`],
    [
      ['\n\t\\', '\u200b', '\u00a0', 'é', '漢😀', '\ue000'],
      "['\\n\\t\\\\', '\\u200b', '\\xa0', 'é', '漢😀', '\\ue000']",
    ],
    [{ a: [1.5, { b: 1e16 }] }, "{'a': [1.5, {'b': 1e+16}]}"],
    [new Float64Array([1, 2.5]), '[1.0, 2.5]'],
    [[new Date('2024-01-02T03:04:05Z')], '[datetime.datetime(2024, 1, 2, 3, 4, 5)]'],
    [[12345678901234567890n], '[12345678901234567890]'],
  ])('is %p: %s', (value, text) => {
    expect(pythonRepr(value)).toBe(text);
  });

  it('is refused when it goes round in a circle', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => pythonRepr(circle)).toThrow(/nested more than/);
  });
});

describe('a time in the text of Python', () => {
  it('has microseconds when there is a fraction, and no zone', () => {
    expect(pythonTime(new Date('2024-01-02T03:04:05Z'))).toBe('2024-01-02 03:04:05');
    expect(pythonTime(new Date('2024-01-02T03:04:05.678Z'))).toBe('2024-01-02 03:04:05.678000');
    expect(pythonTime(new Date(Number.NaN))).toBeUndefined();
    expect(pythonTimestamp(1709799010123.456)).toBe('2024-03-07T08:10:10.123456');
    expect(pythonTimestamp(Date.parse('2024-03-07T08:09:10.120Z'))).toBe('2024-03-07T08:09:10.120000');
    expect(pythonTimestamp(Date.parse('2024-03-07T08:09:10Z'))).toBe('2024-03-07T08:09:10');
  });

  it('is padded in a column to the finest unit in use', () => {
    const dates = (...texts: string[]) => texts.map((text) => new Date(text));
    expect(precisionOf(dates('2024-01-02T00:00:00Z', '2024-01-03T00:00:00Z'))).toBe('day');
    expect(precisionOf(dates('2024-01-02T00:00:00Z', '2024-01-03T00:00:01Z'))).toBe('second');
    expect(precisionOf(dates('2024-01-02T00:00:00Z', '2024-01-03T00:00:00.5Z'))).toBe('millisecond');
    expect(pythonTime(new Date('2024-01-02T00:00:00.5Z'), 'millisecond')).toBe('2024-01-02 00:00:00.500');
  });
});

describe('lines in the text of Python', () => {
  const text = (rows: (string | number | boolean | null)[][], isFrame: boolean) => {
    const { pieces, byteLength } = encodePythonRows([{ rows, isFrame }]);
    expect(Buffer.concat(pieces)).toHaveLength(byteLength);
    return Buffer.concat(pieces).toString();
  };

  it('end and are quoted as the csv module does, or as pandas does for frames', () => {
    const row = ['a,b', 'q"x', 'l\nx', 'c\rx', ' s ', true, null, Number.NaN, 5];
    expect(text([row], false)).toBe('"a,b","q""x","l\nx","c\rx", s ,True,,nan,5\r\n');
    expect(text([row], true)).toBe('"a,b","q""x","l\nx",c\rx, s ,True,,,5\n');
  });

  it('show a row of one empty cell', () => {
    expect(text([['']], false)).toBe('""\r\n');
    expect(text([[null]], true)).toBe('""\n');
    expect(text([[null, null]], true)).toBe(',\n');
  });

  it('have a header with CRLF', () => {
    expect(pythonHeader(['a,b', 'é', '7']).toString()).toBe('"a,b",é,7\r\n');
  });

  it('come in pieces of at most 64 KiB', () => {
    const rows = Array.from({ length: 5_000 }, (_, index) => ['é'.repeat(20), index]);
    const { pieces } = encodePythonRows([{ rows, isFrame: false }]);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(65_536);
    expect(pieces.length).toBeGreaterThan(1);
  });
});
