import { RowSchemas } from '../../src/rows/row-schemas.ts';
import { shapeRows } from '../../src/rows/shape-rows.ts';

const two = () => new RowSchemas(['a', 'b']);
const shape = (input: unknown, schemas = two()) => shapeRows(input, schemas).rows;

describe('what collect takes', () => {
  it.each<[string, unknown, unknown[][]]>([
    ['one row', [1, 'x'], [[1, 'x']]],
    [
      'rows',
      [
        [1, 2],
        [3, 4],
      ],
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['a typed array', new Float64Array([1.5, 2]), [[1.5, 2]]],
    [
      'typed arrays',
      [new Int32Array([1, 2]), new Int32Array([3, 4])],
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['a record, whatever the order of its keys', { b: 2, a: 1 }, [[1, 2]]],
    ['a record with a missing feature', { b: 2 }, [[undefined, 2]]],
    [
      'records',
      [
        { a: 1, b: 2 },
        { b: 4, a: 3 },
      ],
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [
      'columns',
      { a: [1, 3], b: new Float32Array([2, 4]) },
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [
      'a tensor of ONNX Runtime',
      { data: new Float32Array([1, 2, 3, 4]), dims: [2, 2], type: 'float32' },
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['a tensor of bigints', { data: new BigInt64Array([1n, 2n]), dims: [1, 2] }, [[1n, 2n]]],
    ['a tensor of TensorFlow.js', { shape: [2], dataSync: () => new Float32Array([1, 2]) }, [[1, 2]]],
    ['no rows', [], []],
  ])('%s', (_, input, rows) => {
    expect(shape(input)).toEqual(rows);
  });

  it('takes a flat array for rows when there is exactly one feature', () => {
    expect(shape([1, 2, 3], new RowSchemas(['only']))).toEqual([[1], [2], [3]]);
    expect(shapeRows([1], new RowSchemas(['only']), 'row').rows).toEqual([[1]]);
  });

  it('copies objects and dates at once, so that later changes do not reach the row', () => {
    const nested = { list: [1] };
    const date = new Date(0);
    const [row] = shape([nested, date]);
    nested.list.push(2);
    date.setTime(1);
    expect(row).toEqual(['{"list":[1]}', new Date(0)]);
  });

  it('gives records without declared features their keys, and keeps the first order', () => {
    const schemas = new RowSchemas(undefined);
    const first = shapeRows({ x: 1, y: 2 }, schemas);
    const second = shapeRows({ y: 4, x: 3 }, schemas);
    expect(first.schema.names).toEqual(['x', 'y']);
    expect(second.schema).toBe(first.schema);
    expect(second.rows).toEqual([[3, 4]]);
    expect(shapeRows({ z: 1 }, schemas).schema).not.toBe(first.schema);
  });

  it('takes features that are called like members of every object', () => {
    const schemas = new RowSchemas(['age', 'toString', '__proto__']);
    expect(shape({ age: 1 }, schemas)).toEqual([[1, undefined, undefined]]);
    expect(shape(JSON.parse('{"age":1,"toString":2,"__proto__":3}'), schemas)).toEqual([[1, 2, 3]]);
  });

  it('gives arrays without declared features no header', () => {
    expect(shapeRows([[1, 2, 3]], new RowSchemas(undefined)).schema.header).toHaveLength(0);
  });
});

describe('what collect refuses', () => {
  it.each<[string, unknown, number, RegExp]>([
    ['a row of the wrong length, with both numbers', [1, 2, 3], 1, /row 0 has 3 values, but there are 2 feature names/],
    ['rows of which one is wrong', [[1, 2], [3]], 2, /row 1 has 1 values, but there are 2/],
    ['an unknown feature', { a: 1, c: 2 }, 1, /"c", which is not one of "a", "b"/],
    ['uneven columns', { a: [1, 2, 3], b: [1] }, 3, /column "b" has 1 values, but "a" has 3/],
    ['a buffer', Buffer.from('png'), 1, /binary data/],
    ['an image', new Uint8ClampedArray(4), 1, /binary data/],
    ['a tensor of rank 3', { data: [1, 2], dims: [1, 1, 2] }, 1, /rank 3/],
    ['a tensor whose shape and data differ', { data: [1, 2, 3], dims: [2, 2] }, 1, /needs 4 values, but has 3/],
    ['text', 'text', 1, /a string is not a row/],
    ['nothing', undefined, 1, /undefined is not a row/],
    ['a promise', Promise.resolve([1]), 1, /Promise is not a row/],
    [
      'a function in a row',
      [
        [1, () => 1],
        [1, 2],
      ],
      2,
      /a function cannot be a cell/,
    ],
    ['a mix of arrays and records', [[1, 2], { a: 1 }], 2, /all arrays or all records/],
  ])('%s', (_, input, rowCount, reason) => {
    expect(() => shape(input)).toThrow(expect.objectContaining({ message: expect.stringMatching(reason), rowCount }));
  });

  it.each<[string, unknown, RegExp]>([
    ['an error', new Error('boom'), /has no features/],
    ['an expression', /x/, /has no features/],
    ['an empty record', {}, /has no features/],
    ['rows with a hole', [[1, 2], null, [3, 4]], /without null among them/],
    ['a promise in a row', [Promise.resolve(1), 2], /await it/],
    ['a Map in a row', [new Map([[1, 2]]), 2], /a Map cannot be a cell/],
    ['bytes in a row', [Buffer.from('png'), 2], /binary data cannot be a cell/],
  ])('%s', (_, input, reason) => {
    expect(() => shape(input)).toThrow(reason);
  });

  it('keys that cannot be columns, when there are no feature names', () => {
    for (const record of [{ '': 1 }, { $aml_request_id: 1 }]) {
      expect(() => shape(record, new RowSchemas(undefined))).toThrow(/the keys of a record must be/);
    }
  });

  it('more sets of columns than a collector can keep files for', () => {
    const schemas = new RowSchemas(undefined);
    for (let index = 0; index < 64; index += 1) {
      shape({ [`key${index}`]: 1 }, schemas);
    }
    expect(shape({ key1: 2 }, schemas)).toEqual([[2]]);
    expect(() => shape({ another: 1 }, schemas)).toThrow(/give the collector its featureNames/);
  });

  it('a name of any length, without repeating it whole', () => {
    expect(() => shape({ ['x'.repeat(100_000)]: 1 })).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{50,200}$/) }),
    );
  });

  it('a cycle, and whatever a getter throws', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(() => shape([cycle, 1])).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/could not be turned into JSON/), rowCount: 1 }),
    );
    const trap = {
      get a(): number {
        throw new Error('no');
      },
      b: 1,
    };
    expect(() => shape(trap)).toThrow(expect.objectContaining({ name: 'InvalidRows', message: 'no', rowCount: 1 }));
  });
});
