import { Dictionary, Field, Float64, Int32, List, Table, vectorFromArray } from 'apache-arrow';
import fc from 'fast-check';
import { floatText, numberText } from '../../src/v2/frame/float-text.ts';
import { stringText, valueText } from '../../src/v2/frame/json-text.ts';
import { bodyOf, collecting } from './support.ts';

describe('the text of values', () => {
  it('is ASCII, with slashes and letters outside of it escaped as the Python collector does', () => {
    expect(stringText('com,ma "q" \\ sl/ash\n\t\u0000\u001f\u007f')).toBe(
      '"com,ma \\"q\\" \\\\ sl\\/ash\\n\\t\\u0000\\u001f\u007f"',
    );
    expect(stringText('é日😀\u2028')).toBe('"\\u00e9\\u65e5\\ud83d\\ude00\\u2028"');
  });

  it('has no half of a surrogate pair', () => {
    expect(stringText('a\ud800b\udc00')).toBe('"a\\ufffdb\\ufffd"');
  });

  it('reads back as the same text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = stringText(text);
        expect(json).toMatch(/^[\x20-\x7f]*$/);
        expect(JSON.parse(json)).toBe(text);
      }),
    );
  });

  it.each([
    [5, '5.0'],
    [-0, '-0.0'],
    [1e6, '1000000.0'],
    [1e15, '1000000000000000.0'],
    [1e16, '10000000000000000.0'],
    [1e17, '1e+17'],
    [1e22, '1e+22'],
    [1e-7, '0.0000001'],
    [1.234567890123e-5, '0.00001234567890123'],
    [-2.5e-9, '-0.0000000025'],
    [1e-11, '1e-11'],
    [1 / 3, '0.3333333333333333'],
    [5e-324, '5e-324'],
    [Number.MAX_VALUE, '1.7976931348623157e+308'],
    [Number.NaN, 'null'],
    [Number.POSITIVE_INFINITY, 'null'],
  ])('of the float %d is %s', (value, text) => {
    expect(floatText(value)).toBe(text);
  });

  it('of a float reads back as the same float and is none of an integer', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = floatText(value);
        expect(Object.is(JSON.parse(text), value)).toBe(true);
        expect(text).toMatch(/[.e]/);
      }),
    );
  });

  it('of whole numbers has no point, but where JavaScript cannot tell them from their neighbours', () => {
    expect([5, 0, -7, Number.MAX_SAFE_INTEGER].map(numberText)).toEqual(['5', '0', '-7', '9007199254740991']);
    expect(numberText(2 ** 60)).toBe('1.152921504606847e+18');
  });

  it.each([
    [null, 'null'],
    [undefined, 'null'],
    [true, 'true'],
    [18446744073709551615n, '18446744073709551615'],
    [new Date('2024-02-29T12:34:56.789Z'), '1709210096789'],
    [new Date(Number.NaN), 'null'],
    [{ a: [1, 2.5, { b: null }], c: undefined }, '{"a":[1,2.5,{"b":null}]}'],
    [new Float64Array([1, 2]), '[1.0,2.0]'],
    [new Int32Array([1, 2]), '[1,2]'],
    [new Map([['k', 1]]), '{"k":1}'],
    [new Set(['x']), '["x"]'],
    [Buffer.from('naïve'), '"na\\u00efve"'],
    [{ toJSON: () => 'own' }, '"own"'],
    [Object(5), '5'],
    [Object('x'), '"x"'],
    [Object(5n), '5'],
    [[Object(false), Object(1.5)], '[false,1.5]'],
  ])('of %p is %s', (value, text) => {
    expect(valueText(value, false)).toBe(text);
  });

  it.each([
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['bytes that are no text', Buffer.from([0xff, 0xfe])],
    ['an object that holds itself', holdsItself()],
    ['memory that is shared', new SharedArrayBuffer(1)],
    ['a blob', new Blob(['x'])],
    ['an object whose content JSON does not see', /x/],
  ])('is refused for %s', (_, value) => {
    expect(() => valueText(value, false)).toThrow();
  });
});

describe('rows of a record', () => {
  it.each([
    ['a record', { a: 1, b: 'x' }, '[{"a":1,"b":"x"}]'],
    ['records', [{ a: 1 }, { a: 2 }], '[{"a":1},{"a":2}]'],
    ['records of different names', [{ a: 1 }, { b: 2 }], '[{"a":1,"b":null},{"a":null,"b":2}]'],
    ['columns', { a: [1, 2], b: ['x', null] }, '[{"a":1,"b":"x"},{"a":2,"b":null}]'],
    [
      'columns of typed arrays',
      { a: new Float32Array([1, 0.5]), b: new Int8Array([1, 2]) },
      '[{"a":1.0,"b":1},{"a":0.5,"b":2}]',
    ],
    [
      'arrays',
      [
        [1, 'x'],
        [2, 'y'],
      ],
      '[{"0":1,"1":"x"},{"0":2,"1":"y"}]',
    ],
    ['one array', [1, 2.5], '[{"0":1,"1":2.5}]'],
    ['a typed array', new Float64Array([1, 2]), '[{"0":1.0,"1":2.0}]'],
    [
      'a tensor of ONNX Runtime',
      { data: new Float32Array([1, 2, 3, 4]), dims: [2, 2] },
      '[{"0":1.0,"1":2.0},{"0":3.0,"1":4.0}]',
    ],
    ['a tensor of TensorFlow.js', { shape: [1, 2], dataSync: () => new Int32Array([1, 2]) }, '[{"0":1,"1":2}]'],
    ['a row of boxed values', [Object(5), Object('x')], '[{"0":5,"1":"x"}]'],
    [
      'a tensor of half precision whose bits come as integers',
      { data: new Uint16Array([0x3c00, 0x3800]), dims: [1, 2], type: 'float16' },
      '[{"0":1.0,"1":0.5}]',
    ],
    [
      'a column of half precision, whole numbers and all',
      { data: new Uint16Array([0x3c00]), dims: [1, 1], type: 'float16' },
      '[{"0":1.0}]',
    ],
    ['no rows', [], '[]'],
    ['a record without names', {}, '[]'],
    ['whole numbers beside one with a fraction', { x: [1, 2.5, null] }, '[{"x":1.0},{"x":2.5},{"x":null}]'],
    ['whole numbers beside NaN', { x: [1, Number.NaN] }, '[{"x":1.0},{"x":null}]'],
    ['a name like a member of every object', [{ constructor: 1 }, {}], '[{"constructor":1},{"constructor":null}]'],
  ])('are taken from %s', async (_, data, body) => {
    expect(await bodyOf(data)).toBe(body);
  });

  const Half = (globalThis as { Float16Array?: new (values: number[]) => ArrayLike<number> }).Float16Array;
  (Half === undefined ? it.skip : it)('keep the points of half precision, where the engine has it', async () => {
    const half = new (Half as NonNullable<typeof Half>)([1, 2]);
    expect(await bodyOf(half)).toBe('[{"0":1.0,"1":2.0}]');
    expect(await bodyOf([half])).toBe('[{"0":1.0,"1":2.0}]');
    expect(await bodyOf({ a: half })).toBe('[{"a":1.0},{"a":2.0}]');
    expect(await bodyOf([{ a: half }])).toBe('[{"a":[1.0,2.0]}]');
    expect(await bodyOf({ data: half, dims: [1, 2], type: 'float16' })).toBe('[{"0":1.0,"1":2.0}]');
  });

  it('keep the points of a table’s floats, also in dictionaries and lists', async () => {
    const whole = vectorFromArray([1, 2, 1], new Dictionary(new Float64(), new Int32()));
    const lists = vectorFromArray([[1, 2.5], null, []], new List(new Field('item', new Float64(), true)));
    const integers = vectorFromArray([[1], [2], null], new List(new Field('item', new Int32(), true)));
    expect(await bodyOf(new Table({ whole, lists, integers }))).toBe(
      '[{"whole":1.0,"lists":[1.0,2.5],"integers":[1]},{"whole":2.0,"lists":null,"integers":[2]},{"whole":1.0,"lists":[],"integers":null}]',
    );
  });

  it('have the names and types that the collector declares', async () => {
    const columns = [
      { name: 'age', type: 'float64' },
      { name: 'day', type: 'date' },
      { name: 'ssn', type: 'string', redact: 'drop' },
      { name: 'id', type: 'int64' },
    ] as const;
    expect(await bodyOf([[59, '2026-01-02', 'secret', 7n]], { columns })).toBe(
      '[{"age":59.0,"day":1767312000000,"id":7}]',
    );
    expect(await bodyOf({ age: 59 }, { columns })).toBe('[{"age":59.0,"day":null,"id":null}]');
  });

  it('can have columns of their own', async () => {
    const { collector, errors } = collecting({ sink: 'stdout' });
    expect(collector.collect([[1, 2]], null, { columns: ['b', 'a'] }).isSuccess()).toBe(true);
    expect(collector.collect([[1, 2]], null, { columns: ['a', 'a'] }).isSuccess()).toBe(false);
    expect(errors[0]?.message).toMatch(/free of repeated names/);
    await collector.close();
  });

  it('are told of a column without a type by the name of the option', () => {
    expect(() => collecting({ columns: [{ name: 'a' }] as never })).toThrow(/^columns\[0\]\.type must be one of/);
  });

  it('with one column are as many as there are values', async () => {
    expect(await bodyOf([0.25, 1], { columns: ['risk'] })).toBe('[{"risk":0.25},{"risk":1.0}]');
  });

  it.each([
    ['a text', 'x', /a string is not a row/],
    ['null', null, /null is not a row/],
    ['an image', Buffer.from('x'), /audio, images and video/],
    ['a tensor of rank 3', { data: [1], dims: [1, 1, 1] }, /rank 3/],
    ['rows of different lengths', [[1], [1, 2]], /row 1 has 2 values, but the first row has 1/],
    ['columns of different lengths', { a: [1], b: [1, 2] }, /column "b" has 2 values, but "a" has 1/],
    ['rows with a hole', [[1], null], /all arrays or all records/],
    ['a value that has no text', [{ f: () => 1 }], /has no JSON text/],
    [
      'a getter that throws',
      [
        {
          get a() {
            throw new Error('mine');
          },
        },
      ],
      /mine/,
    ],
  ])('are not taken from %s, and it is said why', async (_, data, message) => {
    expect(await bodyOf(data)).toMatch(message);
  });

  it('do not change when the caller changes what it gave', async () => {
    const { MemorySink } = await import('../../src/index.ts');
    const sink = new MemorySink();
    const { collector } = collecting({ sink });
    const rows = [{ a: 0, nested: { b: 1 } }];
    collector.collect(rows);
    Object.assign(rows[0] as object, { a: 999 });
    (rows[0] as { nested: { b: number } }).nested.b = 999;
    await collector.close();
    expect(sink.records()[0]?.['data']).toEqual([{ a: 0, nested: { b: 1 } }]);
  });
});

function holdsItself(): object {
  const self: { me?: object } = {};
  self.me = self;
  return self;
}
