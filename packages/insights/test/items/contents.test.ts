import fc from 'fast-check';
import { contentsOf as contents } from '../../src/items/contents.ts';

const contentsOf = (values: readonly unknown[]) => contents(values).text;

const json = (...values: unknown[]) => JSON.parse(contentsOf(values));

describe('contentsOf', () => {
  it('leaves one text as it is, JSON or not', () => {
    expect(contentsOf(['{"input": [1]}'])).toBe('{"input": [1]}');
    expect(contentsOf(['100 % of %s'])).toBe('100 % of %s');
  });

  it.each([
    [[1, 'a', true], '1 a true'],
    [['%d rows of %s', 3, 'x'], '3 rows of x'],
    [[undefined], 'undefined'],
    [[null], 'null'],
    [[10n], '10n'],
    [[Symbol('s')], 'Symbol(s)'],
    [[], ''],
  ])('writes the primitives %p as the console does', (values, text) => {
    expect(contentsOf(values)).toBe(text);
  });

  it('gives one object as its JSON, however deep', () => {
    expect(contentsOf([{ input: [[1, 2]], a: { b: { c: { d: 1 } } } }])).toBe(
      '{"input":[[1,2]],"a":{"b":{"c":{"d":1}}}}',
    );
  });

  it('gives several values with an object among them as a list', () => {
    expect(json('row', { a: 1 }, undefined)).toEqual(['row', { a: 1 }, null]);
  });

  it('keeps what JSON lacks', () => {
    const bytes = Buffer.from('hi');
    expect(
      json({
        date: new Date(0),
        noDate: new Date(Number.NaN),
        big: 12345678901234567890n,
        nan: Number.NaN,
        infinite: Number.NEGATIVE_INFINITY,
        map: new Map([['a', 1]]),
        pairs: new Map([[1, { a: 2 }]]),
        set: new Set([1, 'x']),
        floats: new Float32Array([1.5, 2]),
        bigs: new BigInt64Array([1n]),
        bytes,
        buffer: new Uint8Array([1, 2]).buffer,
        pattern: /a+/g,
        boxed: Object(1n),
        link: new URL('http://a.example/'),
        own: { toJSON: () => ({ made: true }) },
        missing: undefined,
        list: [undefined, () => 1],
      }),
    ).toEqual({
      date: '1970-01-01T00:00:00.000Z',
      noDate: 'Invalid Date',
      big: '12345678901234567890',
      nan: 'NaN',
      infinite: '-Infinity',
      map: { a: 1 },
      pairs: [[1, { a: 2 }]],
      set: [1, 'x'],
      floats: [1.5, 2],
      bigs: ['1'],
      bytes: { bytes: 2, base64: 'aGk=' },
      buffer: { bytes: 2, base64: 'AQI=' },
      pattern: '/a+/g',
      boxed: '1',
      link: 'http://a.example/',
      own: { made: true },
      list: [null, '[Function]'],
    });
  });

  it('keeps name, message, stack, cause and own fields of an error', () => {
    const error = Object.assign(new TypeError('bad row', { cause: new Error('inner') }), { code: 'E_ROW' });

    expect(json(error)).toMatchObject({
      name: 'TypeError',
      message: 'bad row',
      code: 'E_ROW',
      stack: expect.stringContaining('contents.test'),
      cause: { message: 'inner' },
    });
  });

  it('reads what bites: cycles, getters, proxies and toJSON that throw, endless depth and width', () => {
    const cycle: Record<string, unknown> = { a: 1 };
    cycle['self'] = cycle;
    const getter = Object.defineProperty({ ok: 1 }, 'bad', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    const proxy = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('hidden');
        },
      },
    );
    const thrower = {
      toJSON: () => {
        throw Object.create(null);
      },
    };
    let deep: unknown = 1;
    for (let i = 0; i < 50_000; i++) {
      deep = [deep];
    }
    let wide: unknown = [1];
    for (let i = 0; i < 40; i++) {
      wide = [wide, wide];
    }

    expect(json(cycle)).toEqual({ a: 1, self: '[Circular]' });
    expect(json(getter)).toEqual({ ok: 1, bad: '[Thrown: no]' });
    expect(json(proxy)).toBe('[Unreadable: hidden]');
    expect(json(thrower)).toBe('[Unreadable: unknown]');
    expect(contentsOf([deep])).toContain('[Too deep]');
    expect(contentsOf([wide])).toContain('[Too many]');
    expect(json({ a: cycle, b: cycle })).toEqual({ a: { a: 1, self: '[Circular]' }, b: { a: 1, self: '[Circular]' } });
  });

  it('keeps a key named __proto__', () => {
    expect(contentsOf([JSON.parse('{"__proto__":{"a":1}}')])).toBe('{"__proto__":{"a":1}}');
  });

  it('gives the same document as JSON.stringify for every JSON value', () => {
    fc.assert(
      fc.property(fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())), (value) => {
        expect(contentsOf([value])).toBe(JSON.stringify(value));
      }),
    );
  });

  it('never throws and gives valid JSON for any object', () => {
    fc.assert(
      fc.property(
        fc.object({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withSparseArray: true,
        }),
        (value) => {
          JSON.parse(contentsOf([value]));
        },
      ),
    );
  });
});
