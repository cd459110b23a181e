import * as tf from '@tensorflow/tfjs';
import {
  Binary,
  Bool,
  DateDay,
  Decimal,
  Field,
  Float64,
  Int64,
  List,
  makeData,
  makeVector,
  RecordBatch,
  Struct,
  Table,
  TimestampMicrosecond,
  tableFromArrays,
  tableFromIPC,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { Tensor } from 'onnxruntime-web';
import { addCorrelations, CORRELATION_COLUMNS, Collector, MemorySink, ModelDataCollector } from '../../src/index.ts';

/** What is stored of input, and what was said of it. */
async function collected(input: object, featureNames: readonly string[] | null = ['a', 'b']) {
  const sink = new MemorySink();
  const issues: string[] = [];
  const collector = new ModelDataCollector('model', {
    sink,
    featureNames: featureNames ?? undefined,
    onError: ({ message }) => issues.push(message),
  });
  const { accepted } = collector.collect(input);
  await collector.close();
  const [file] = sink.files();
  const text = file === undefined ? '' : sink.text(file);
  const lines = text.split('\n').slice(0, -1);
  const cells = lines.map((line) => line.replace(/,[^,]*,[^,]*,[^,]*,[^,]*$/, ''));
  return { accepted, rows: featureNames === null ? cells : cells.slice(1), header: cells[0], issues };
}

describe('tensors of ONNX Runtime', () => {
  it.each<[string, Tensor, string[]]>([
    ['float32', new Tensor('float32', Float32Array.of(0.5, 1, -2.25, 3), [2, 2]), ['0.5,1', '-2.25,3']],
    ['float64', new Tensor('float64', Float64Array.of(0.1, 1e21), [1, 2]), ['0.1,1e+21']],
    ['int64', new Tensor('int64', BigInt64Array.of(-1n, 9007199254740993n), [1, 2]), ['-1,9007199254740993']],
    ['int32', new Tensor('int32', Int32Array.of(1, -2), [2]), ['1,-2']],
    ['uint8', new Tensor('uint8', Uint8Array.of(0, 255), [2]), ['0,255']],
    ['bool', new Tensor('bool', Uint8Array.of(1, 0, 0, 1), [2, 2]), ['true,false', 'false,true']],
    ['string', new Tensor('string', ['x', 'y, z'], [1, 2]), ['x,"y, z"']],
  ])('are stored by their values: %s', async (_type, tensor, rows) => {
    expect(await collected(tensor)).toMatchObject({ accepted: rows.length, rows, issues: [] });
  });

  it('are one row a value where there is one feature', async () => {
    const labels = new Tensor('int64', BigInt64Array.of(1n, 0n, 1n), [3]);
    expect(await collected(labels, ['label'])).toMatchObject({ accepted: 3, rows: ['1', '0', '1'] });
    const scores = new Tensor('float32', Float32Array.of(1, 2), [2, 1]);
    expect(await collected(scores, ['score'])).toMatchObject({ accepted: 2, rows: ['1', '2'] });
  });

  it('mean what half precision means, with and without an engine that knows it', async () => {
    const halves = Uint16Array.of(0x3c00, 0xc500, 0x0001, 0x7c00, 0xfc00, 0x7e00, 0x8000, 0x3555);
    const meant = '1,-5,5.960464477539063e-8,Infinity,-Infinity,NaN,0,0.333251953125';
    const names = [...'abcdefgh'];
    const bare = { data: halves, dims: [1, 8], type: 'float16' };
    expect(await collected(bare, names)).toMatchObject({ rows: [meant] });
    const own = new Tensor('float16', halves, [1, 8]);
    expect(await collected(own, names)).toMatchObject({ rows: [meant] });
  });

  it('are refused where two values share a byte, have another rank, or are on a graphics card', async () => {
    const packed = new Tensor('int4', new Uint8Array(1), [1, 2]);
    expect(await collected(packed)).toMatchObject({
      accepted: 0,
      issues: [expect.stringContaining('cast it to int8')],
    });
    const image = new Tensor('float32', new Float32Array(8), [1, 2, 2, 2]);
    expect(await collected(image)).toMatchObject({ accepted: 0, issues: [expect.stringContaining('rank 4')] });
    const elsewhere = Tensor.fromGpuBuffer({} as never, {
      dataType: 'float32',
      dims: [1, 2],
      dispose: () => undefined,
    });
    expect(await collected(elsewhere)).toMatchObject({ accepted: 0, issues: [expect.stringContaining('not on CPU')] });
  });

  it('may change after they were collected', async () => {
    const data = Float32Array.of(1, 2);
    const sink = new MemorySink();
    const collector = new ModelDataCollector('model', { sink, featureNames: ['a', 'b'] });
    collector.collect(new Tensor('float32', data, [1, 2]));
    data.fill(9);
    await collector.close();
    expect(sink.text()).toMatch(/^1,2,/);
  });
});

describe('tensors of TensorFlow.js', () => {
  beforeAll(async () => {
    // Else it advertises itself.
    tf.enableProdMode();
    await tf.setBackend('cpu');
  });

  it.each<[string, () => tf.Tensor, string[]]>([
    ['float32', () => tf.tensor2d([[1, 2.5]]).mul(2), ['2,5']],
    ['int32', () => tf.tensor1d([1, 2], 'int32'), ['1,2']],
    ['bool', () => tf.tensor2d([[1, 5]]).greater(2), ['false,true']],
    ['string', () => tf.tensor2d([['x', 'y']]), ['x,y']],
  ])('are stored by their values: %s', async (_type, make, rows) => {
    const tensor = make();
    expect(await collected(tensor)).toMatchObject({ accepted: rows.length, rows, issues: [] });
    tensor.dispose();
  });

  it('are refused, and scoring goes on, when they were disposed of', async () => {
    const tensor = tf.tensor1d([1, 2]);
    tensor.dispose();
    expect(await collected(tensor)).toMatchObject({ accepted: 0, issues: [expect.stringMatching(/disposed\.$/)] });
  });
});

describe('what a session of ONNX Runtime gives', () => {
  const label = new Tensor('int64', BigInt64Array.of(1n, 2n), [2]);
  const score = new Tensor('float32', Float32Array.of(0.5, 1), [2, 1]);
  const shares = new Tensor('float32', Float32Array.of(0.5, 1, 2, 0.25), [2, 2]);

  it('is columns by name, one for each place of a tensor of rank 2', async () => {
    const result = await collected({ label, score, shares }, null);
    expect(result).toMatchObject({
      accepted: 2,
      rows: ['label,score,shares_0,shares_1', '1,0.5,0.5,1', '2,1,2,0.25'],
      issues: [],
    });
    const named = await collected({ b: score, a: label });
    expect(named).toMatchObject({ accepted: 2, rows: ['1,0.5', '2,1'], issues: [] });
  });

  it('is so for the Collector, where floats keep their points', async () => {
    const sink = new MemorySink();
    const collector = new Collector({ name: 'model_outputs', sink });
    expect(collector.collect({ label, shares }).isSuccess()).toBe(true);
    expect(collector.collect({ a: tf.tensor1d([1, 2]), b: tf.tensor1d([true, false], 'bool') }).isSuccess()).toBe(true);
    await collector.close();
    expect(sink.text()).toContain(
      '[{"label":1,"shares_0":0.5,"shares_1":1.0},{"label":2,"shares_0":2.0,"shares_1":0.25}]',
    );
    expect(sink.text()).toContain('[{"a":1.0,"b":true},{"a":2.0,"b":false}]');
  });

  it('is so in the layout of the Python package', async () => {
    const sink = new MemorySink();
    const collector = new ModelDataCollector('model', { sink, layout: 'python-v1', featureNames: ['label', 'score'] });
    collector.collect({ label, score });
    await collector.close();
    expect(sink.text()).toBe('1,0.5\n2,1.0\n');
  });

  it('gets the ids of a call', () => {
    const correlations = { correlationId: 'w-1', scoringTimestamp: '2026-01-02T03:04:05.678Z' };
    expect(addCorrelations({ label }, correlations)).toMatchObject({
      label: BigInt64Array.of(1n, 2n),
      $aml_dc_correlation_id: ['w-1', 'w-1'],
    });
  });

  it.each<[string, object, RegExp]>([
    ['another rank', { a: new Tensor('float32', new Float32Array(8), [2, 2, 2]) }, /"a" of shape \[2, 2, 2\]/],
    [
      'other lengths',
      { a: label, b: new Tensor('float32', new Float32Array(3), [3]) },
      /"b" has 3 values, but "a" has 2/,
    ],
    ['two columns of one name', { a: shares, a_0: label }, /two columns .* called "a_0"/],
    ['something else beside', { a: label, b: 'x' }, /a tensor cannot be a cell/],
    ['a list around', [label, label], /a list of tensors is not rows/],
  ])('is refused with %s, and nothing of its inside is stored', async (_, input, message) => {
    const { accepted, issues } = await collected(input, null);
    expect([accepted, issues]).toEqual([0, [expect.stringMatching(message)]]);
    const sink = new MemorySink();
    const collector = new Collector({ name: 'model_outputs', sink, onError: () => undefined });
    expect(collector.collect(input).message).toMatch(message);
    await collector.close();
    expect(sink.files()).toEqual([]);
  });
});

describe('tables of Apache Arrow', () => {
  const names = new Struct([new Field('first', new Utf8())]);
  const table = new Table({
    id: vectorFromArray([1n, -9223372036854775808n], new Int64()),
    age: vectorFromArray([59.5, null], new Float64()),
    city: vectorFromArray(['Paris, France', 'Roma']),
    at: vectorFromArray([1_767_323_045_678, null], new TimestampMicrosecond()),
    born: vectorFromArray([new Date('1999-12-31'), new Date('2000-01-01')], new DateDay()),
    member: vectorFromArray([true, false], new Bool()),
    seen: vectorFromArray([[1.5], []], new List(new Field('item', new Float64()))),
    name: vectorFromArray([{ first: 'Ann' }, { first: 'Bo' }], names),
  });
  const stored = [
    '1,59.5,"Paris, France",2026-01-02T03:04:05.678Z,1999-12-31T00:00:00.000Z,true,[1.5],"{""first"":""Ann""}"',
    '-9223372036854775808,,Roma,,2000-01-01T00:00:00.000Z,false,[],"{""first"":""Bo""}"',
  ];

  it('are rows by the names of their columns, whatever the types', async () => {
    const result = await collected(table, null);
    expect(result.header).toBe('id,age,city,at,born,member,seen,name');
    expect(result).toMatchObject({ accepted: 2, rows: [result.header, ...stored], issues: [] });
  });

  it('may be record batches, and come from a file', async () => {
    const [batch] = tableFromIPC(tableToIPC(table)).batches;
    expect(batch).toBeInstanceOf(RecordBatch);
    expect((await collected(batch as RecordBatch, null)).rows.slice(1)).toEqual(stored);
  });

  it('go to the columns of the collector by name, and unknown ones are refused', async () => {
    const turned = tableFromArrays({ b: Int32Array.of(2, 4), a: Int32Array.of(1, 3) });
    expect(await collected(turned)).toMatchObject({ accepted: 2, rows: ['1,2', '3,4'] });
    const other = tableFromArrays({ a: Int32Array.of(1), c: Int32Array.of(2) });
    expect(await collected(other)).toMatchObject({ accepted: 0, issues: [expect.stringContaining('"c"')] });
  });

  it('have exact decimals, and no bytes', async () => {
    const type = new Decimal(3, 20, 128);
    const words = Uint32Array.of(1_234_567, 0, 0, 0, 0xffff_ff85, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff);
    const decimals = new Table({ a: vectorFromArray([words.subarray(0, 4), words.subarray(4)], type) });
    expect(await collected(decimals, ['a'])).toMatchObject({ accepted: 2, rows: ['1234.567', '-0.123'] });
    const hundreds = makeVector(
      makeData({ type: new Decimal(-2, 20, 128), length: 2, data: Uint32Array.of(5, 0, 0, 0, 0, 0, 0, 0) }),
    );
    expect(await collected(new Table({ a: hundreds }), ['a'])).toMatchObject({ rows: ['500', '0'] });
    const bytes = new Table({ a: vectorFromArray([Uint8Array.of(1)], new Binary()) });
    expect(await collected(bytes, ['a'])).toMatchObject({ accepted: 0, issues: [expect.stringContaining('bytes')] });
  });

  it('mean the same within lists and structures', async () => {
    const money = makeData({
      type: new Decimal(2, 20, 128),
      length: 2,
      data: Uint32Array.of(12_345, 0, 0, 0, 0, 0, 0, 0),
    });
    const field = new Field('item', money.type, true);
    const lists = makeVector(
      makeData({ type: new List(field), length: 1, valueOffsets: Int32Array.of(0, 2), child: money }),
    );
    expect(await collected(new Table({ a: lists }), ['a'])).toMatchObject({ rows: ['"[""123.45"",""0.00""]"'] });
    const at = new Struct([new Field('at', new DateDay(), true), new Field('n', new Int64())]);
    const dates = vectorFromArray(
      [
        { at: new Date('2026-01-02'), n: 1n },
        { at: null, n: 2n },
      ],
      at,
    );
    expect(await collected(new Table({ a: dates }), ['a'])).toMatchObject({
      rows: ['"{""at"":""2026-01-02T00:00:00.000Z"",""n"":""1""}"', '"{""at"":null,""n"":""2""}"'],
    });
    const bytes = vectorFromArray([[Uint8Array.of(1)]], new List(new Field('item', new Binary())));
    expect(await collected(new Table({ a: bytes }), ['a'])).toMatchObject({
      accepted: 0,
      issues: [expect.stringContaining('bytes')],
    });
  });

  it('carry the ids of calls along', async () => {
    const sink = new MemorySink();
    const collector = new ModelDataCollector('model', { sink, featureNames: ['a', 'b'] });
    const correlations = { correlationId: 'w-1', scoringTimestamp: '2026-01-02T03:04:05.678Z' };
    const labels = addCorrelations(tableFromArrays({ a: Int32Array.of(1, 3), b: Int32Array.of(2, 4) }), correlations);
    expect(Object.keys(labels)).toEqual(['a', 'b', ...CORRELATION_COLUMNS]);
    expect(collector.collect(tableFromArrays(labels as Record<string, unknown[]>)).accepted).toBe(2);
    await collector.close();
    expect(sink.files()).toEqual([expect.stringContaining('/2026/01/02/')]);
    expect(sink.text()).toMatch(/^1,2,w-1,,2026-01-02T03:04:05.678Z,$/m);
  });
});
