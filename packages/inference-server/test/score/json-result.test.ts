import { Readable } from 'node:stream';
import { jsonResult, NotSerializableError } from '../../src/score/json-result.ts';

describe('jsonResult', () => {
  it.each<[what: string, value: unknown, json: string]>([
    ['nothing', undefined, '{}'],
    ['null', null, '{}'],
    ['a text', 'a"b', '"a\\"b"'],
    ['null inside', { a: null, b: undefined, c: [undefined] }, '{"a":null,"c":[null]}'],
    ['typed arrays', { x: Float32Array.of(1, 0.5), y: new Uint8Array([1]) }, '{"x":[1,0.5],"y":[1]}'],
    ['a buffer as numbers', Buffer.from('a'), '[97]'],
    ['bigints that are safe', [5n, BigInt64Array.of(-1n)], '[5,[-1]]'],
    ['dates', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ['own toJSON', { a: { toJSON: (key: string) => `my ${key}` } }, '{"a":"my a"}'],
    ['boxed values', [Object(1), Object('a')], '[1,"a"]'],
    ['a name with a meaning', JSON.parse('{"__proto__":{"a":1},"b":0}'), '{"__proto__":{"a":1},"b":0}'],
    ['an iterable record', { a: 1, [Symbol.iterator]: () => [][Symbol.iterator]() }, '{"a":1}'],
    ['texts, numbers and booleans', { a: 'é"', b: -0.5, c: true }, '{"a":"é\\"","b":-0.5,"c":true}'],
    ['a record without a prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ['an inherited toJSON', Object.create({ toJSON: () => 1 }, { a: { value: 2, enumerable: true } }), '1'],
    ['the same object twice', ((a) => [a, a])({ b: 1 }), '[{"b":1},{"b":1}]'],
  ])('writes %s', (_what, value, json) => {
    expect(jsonResult(value)).toBe(json);
  });

  function* generated() {
    yield 1;
  }
  async function* generatedLater() {
    yield 1;
  }
  const cycle: Record<string, unknown> = { name: 'x' };
  cycle['deep'] = [{ back: cycle }];
  it.each<[value: unknown, part: string]>([
    [Number.NaN, 'result is NaN'],
    [{ a: [{ 'b c': Number.POSITIVE_INFINITY }] }, 'result.a[0]["b c"] is Infinity'],
    [{ t: Float64Array.of(0, Number.NaN) }, 'result.t[1] is NaN'],
    [{ big: 2n ** 60n }, 'result.big is the bigint 1152921504606846976'],
    [() => 1, 'result is a function'],
    [[Symbol('s')], 'result[0] is a symbol'],
    [{ m: new Map() }, 'result.m is a Map'],
    [{ s: new Set() }, 'result.s is a Set'],
    [[Promise.resolve()], 'result[0] is a Promise; await it'],
    [{ e: new Error('x') }, 'result.e is an Error'],
    [{ b: new ArrayBuffer(1) }, 'result.b is a binary buffer'],
    [[new Date(Number.NaN)], 'result[0] is an invalid Date'],
    [{ r: new Response('x') }, 'result.r is a Response; return await response.json()'],
    [new Blob(['x']), 'result is a Blob; return await blob.text()'],
    [new Headers({ a: 'b' }), 'result is a Headers; return Object.fromEntries'],
    [generated(), 'result is an iterator; return [...iterator]'],
    [{ e: [1].entries() }, 'result.e is an iterator'],
    [generatedLater(), 'result is an async iterator; collect its values'],
    [{ a: 1, [Symbol.asyncIterator]: () => undefined }, 'result is an async iterator'],
    [{ a: 1, [Symbol.toStringTag]: 'Response' }, 'result is a Response'],
    [{ [Symbol.iterator]: () => [][Symbol.iterator]() }, 'result is an iterable'],
    [{ a: 1, b: Number.NaN }, 'result.b is NaN'],
    [{ s: Readable.from(['x']) }, 'result.s is a stream; read it to its end'],
    [new Response('x').body, 'result is a ReadableStream; read it to its end'],
    [cycle, 'result.deep[0].back is a value that contains itself'],
  ])('refuses %p by its place', (value, part) => {
    expect(() => jsonResult(value)).toThrow(NotSerializableError);
    expect(() => jsonResult(value)).toThrow(part);
  });

  it('refuses what is nested too deeply instead of running out of stack', () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 100_000; depth++) value = [value];
    expect(() => jsonResult(value)).toThrow('nested deeper than 1000 levels');
  });

  it('does not change the value that it writes', () => {
    const value = { a: [1n, { b: Float32Array.of(1) }] };
    jsonResult(value);
    expect(value).toEqual({ a: [1n, { b: Float32Array.of(1) }] });
  });
});
