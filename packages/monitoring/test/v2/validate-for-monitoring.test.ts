import { Collector, MemorySink, validateForMonitoring } from '../../src/index.ts';
import './support.ts';

const found = (sample: Parameters<typeof validateForMonitoring>[0]) =>
  validateForMonitoring(sample).map(({ code, column }) => (column === undefined ? code : `${code} ${column}`));

describe('the report for model monitoring', () => {
  it.each([
    ['a float of the baseline that arrives without a point', ['[{"x":5}]'], ['[{"x":5.5}]'], ['TYPE_DIFFERS x']],
    ['the same with a point', ['[{"x":5.0}]'], ['[{"x":5.5}]'], []],
    ['one fraction among whole numbers', ['[{"x":5},{"x":6.5}]'], ['[{"x":1.5}]'], []],
    ['numbers within texts', ['[{"x":"5.5 \\" 1"}]'], ['[{"x":"a"}]'], []],
    ['numbers and texts', ['[{"x":1},{"x":"a"}]'], undefined, ['MIXED_TYPES x']],
    ['nothing but null', ['[{"x":null}]'], ['[{"x":1.5}]'], ['ALL_NULL x', 'TYPE_DIFFERS x']],
    ['names that differ in case', ['[{"x":1,"X":2}]'], undefined, ['CASE_ONLY X']],
    ['a reserved name', ['[{"correlationId":"a"}]'], undefined, ['RESERVED_NAME correlationId']],
    ['a dot', ['[{"a.b":1}]'], undefined, ['DOT_IN_NAME a.b']],
    ['columns of one side', ['[{"a":1}]'], ['[{"b":1}]'], ['NOT_IN_PRODUCTION b', 'NOT_IN_BASELINE a']],
    ['a literal NaN, which is a float', ['[{"x":NaN},{"x":-Infinity}]'], ['[{"x":1}]'], ['TYPE_DIFFERS x']],
    [
      'an integer of more than 64 bits, which is no integer',
      ['[{"x":9223372036854775808}]'],
      ['[{"x":1}]'],
      ['TYPE_DIFFERS x'],
    ],
    ['the largest integer', ['[{"x":9223372036854775807}]'], ['[{"x":1}]'], []],
    ['nested values, which become their text', ['[{"x":[1]}]'], ['[{"x":"[1]"}]'], []],
    ['data that is an object', ['{"x":1}'], undefined, ['NOT_ROWS']],
    ['data that is a text', ['"x"'], undefined, ['NOT_ROWS']],
    ['data that is nothing', ['null'], undefined, ['NOT_ROWS']],
    ['a line that is torn', ['[{"x":'], undefined, ['NOT_ROWS']],
    ['rows that are no objects', ['[[1]]', '[null]', '[1]'], undefined, ['NOT_ROWS', 'NOT_ROWS', 'NOT_ROWS']],
  ])('tells of %s', (_, inputs, baseline, expected) => {
    expect(found({ inputs, baseline })).toEqual(expected);
  });

  it.each<[string, object, string, string[]]>([
    ['times', [{ x: new Date(0) }], '[{"x":5}]', []],
    ['minus zero', [{ x: -0 }], '[{"x":1.5}]', []],
    ['floats beside whole numbers', [{ x: 1 }, { x: 2.5 }], '[{"x":1.5}]', []],
    ['whole numbers beyond those that JavaScript can tell', [{ x: 1e21 }], '[{"x":1}]', ['TYPE_DIFFERS x']],
    ['values that are missing', [{ x: Number.NaN }, { x: undefined }], '[{"x":"a"}]', ['ALL_NULL x']],
    ['bytes that are a text', [{ x: Buffer.from('a') }], '[{"x":"a"}]', []],
    ['a tensor', { data: Float32Array.of(1, 2), dims: [1, 2] }, '[{"0":1.5,"1":2.5}]', []],
    ['what cannot be written', [{ x: () => 1 }], '[{"x":1}]', ['NOT_ROWS', 'NOT_IN_PRODUCTION x']],
  ])('takes rows for what a collector writes of them: %s', (_, rows, baseline, expected) => {
    expect(found({ inputs: [rows], baseline: [baseline] })).toEqual(expected);
  });

  it('tells of records that the other side lacks', () => {
    expect(found({ inputs: ['[{"a":1}]', '[{"a":2}]'], outputs: ['[{"r":0.5}]'] })).toEqual(['ROW_COUNTS']);
    expect(found({ inputs: ['[{"a":1}]'], outputs: [] })).toEqual(['ROW_COUNTS']);
    expect(found({ inputs: [], outputs: ['[{"r":0.5}]'] })).toEqual(['ROW_COUNTS']);
  });

  it('says that a column is there in other letters', () => {
    const [one, other] = validateForMonitoring({ inputs: ['[{"age":1}]'], baseline: ['[{"Age":1}]'] });
    expect(one?.message).toMatch(/^Age is not in the production, and is left out\. It has age/);
    expect(other?.message).toMatch(/^age is not in the baseline, and is left out\. It has Age/);
  });

  it.each([null, {}, { inputs: '[]' }, { inputs: [], outputs: 'x' }])('is not made of %j', (sample) => {
    expect(() => validateForMonitoring(sample as never)).toThrow(expect.objectContaining({ code: 'VALIDATION' }));
  });

  it('tells of inputs and outputs that cannot be joined', () => {
    expect(found({ inputs: [[{ a: 1 }, { a: 2 }]], outputs: [[{ r: 0.5 }]] })).toEqual(['ROW_COUNTS']);
    expect(found({ inputs: [[{ a: 1 }]], outputs: [[{ r: 0.5 }]] })).toEqual([]);
  });
});

describe('the report of a collector', () => {
  const codes = (findings: ReturnType<Collector['validate']>) => findings.map(({ code, column }) => [code, column]);

  it('is about its rows as it would write them, and collects none', async () => {
    const sink = new MemorySink();
    const columns = [{ name: 'age', type: 'float64' }] as const;
    const collector = new Collector({ name: 'model_inputs', columns, sink });
    const bare = new Collector({ name: 'model_inputs', sink });
    const baseline = '[{"age":59.5}]';
    expect(collector.validate([[59]], { baseline })).toEqual([]);
    expect(codes(bare.validate([{ age: 59 }], { baseline }))).toEqual([['TYPE_DIFFERS', 'age']]);
    expect(bare.validate([[59]], { columns, baseline })).toEqual([]);
    expect(codes(bare.validate([{ age: 59 }], { outputs: [{ risk: 0.5 }, { risk: 0.25 }] }))).toEqual([
      ['ROW_COUNTS', undefined],
    ]);
    expect(codes(collector.validate([['59']]))).toEqual([['NOT_ROWS', undefined]]);
    await Promise.all([collector.close(), bare.close()]);
    expect([collector.stats().collected, sink.records()]).toEqual([0, []]);
  });

  it('is there also where collection is off', () => {
    const collector = new Collector({ name: 'model_inputs' });
    expect(codes(collector.validate([{ 'a.b': 1 }]))).toEqual([['DOT_IN_NAME', 'a.b']]);
  });
});
