import path from 'node:path';
import { CollectedData } from '@azureml-ts/data';
import { type CollectInput, ModelDataCollector, type ModelDataCollectorOptions } from '@azureml-ts/monitoring';
import { newFolder } from './support/folders.ts';
import { textsBelow } from './support/texts-below.ts';
import './support/quiet.ts';
import { rowsOf } from './support/stored-rows.ts';
import { identityOf } from './support/stores.ts';

/** What a cell of the column `x` becomes: the text in the file, what our reader makes of it, or why the call is refused. */
type Outcome = { readonly text: string; readonly read: unknown } | { readonly refused: RegExp };

const taken = (text: string, read: unknown): Outcome => ({ text, read });
const refused = (why: RegExp): Outcome => ({ refused: why });
const asText = (text: string): Outcome => taken(text, text);

const throwing = {
  get inner(): string {
    throw new Error('not today');
  },
};
const cycle: Record<string, unknown> = {};
cycle['self'] = cycle;
/** An array that has nothing at one of its places, not even `undefined`. */
function withHole(hole: number, ...values: unknown[]): unknown[] {
  delete values[hole];
  return values;
}

const CELLS: readonly (readonly [what: string, value: unknown, outcome: Outcome])[] = [
  ['a text', 'plain', asText('plain')],
  ['commas', 'a,b,,c', asText('a,b,,c')],
  ['quotes', 'say "hi"', asText('say "hi"')],
  ['nothing but quotes', '""', asText('""')],
  ['a newline', 'a\nb', asText('a\nb')],
  ['CR and LF', 'a\r\nb', asText('a\r\nb')],
  ['a bare CR', 'a\rb', asText('a\rb')],
  ['a line separator', 'a\u2028b', asText('a\u2028b')],
  ['a byte order mark', '\ufeffa', asText('\ufeffa')],
  ['a zero byte', 'a\u0000b', asText('a\u0000b')],
  ['blanks at both ends', '  a  ', asText('  a  ')],
  ['a tab', 'a\tb', asText('a\tb')],
  ['characters of two units', '🐈', asText('🐈')],
  ['the first half of one', 'a\ud83d', asText('a\ufffd')],
  ['the second half of one', '\ude00b', asText('\ufffdb')],
  ['a formula', '=SUM(A1:A9)', asText('=SUM(A1:A9)')],
  ['a plus in front', '+1', asText('+1')],
  ['an at sign in front', '@cmd|/C', asText('@cmd|/C')],
  ['a hash in front', '#comment', asText('#comment')],
  ['an empty text', '', taken('', null)],
  ['a megabyte', 'x'.repeat(1_048_576), asText('x'.repeat(1_048_576))],
  ['null', null, taken('', null)],
  ['undefined', undefined, taken('', null)],
  ['true', true, taken('true', true)],
  ['an integer', 42, taken('42', 42)],
  ['a fraction', 0.1, taken('0.1', 0.1)],
  ['a sum of fractions', 0.1 + 0.2, taken('0.30000000000000004', 0.1 + 0.2)],
  ['NaN', Number.NaN, taken('NaN', Number.NaN)],
  ['infinity', Number.POSITIVE_INFINITY, taken('Infinity', Number.POSITIVE_INFINITY)],
  ['minus infinity', Number.NEGATIVE_INFINITY, taken('-Infinity', Number.NEGATIVE_INFINITY)],
  ['1e21', 1e21, taken('1e+21', 1e21)],
  ['1e-7', 1e-7, taken('1e-7', 1e-7)],
  ['the smallest number', 5e-324, taken('5e-324', 5e-324)],
  ['-0', -0, taken('0', 0)],
  ['the largest exact integer', Number.MAX_SAFE_INTEGER, taken('9007199254740991', Number.MAX_SAFE_INTEGER)],
  ['a bigint', 9007199254740993n, taken('9007199254740993', '9007199254740993')],
  ['a negative bigint', -12345678901234567890n, taken('-12345678901234567890', '-12345678901234567890')],
  ['a date', new Date(Date.UTC(2026, 2, 4, 5, 6, 7, 8)), asText('2026-03-04T05:06:07.008Z')],
  ['an invalid date', new Date(Number.NaN), taken('', null)],
  ['an object', { a: 1, b: ['x', null] }, asText('{"a":1,"b":["x",null]}')],
  ['an array', [1, 'a,b', [2]], asText('[1,"a,b",[2]]')],
  ['a sparse array', withHole(1, 1, 2, 3), asText('[1,null,3]')],
  ['a typed array', new Float64Array([1.5, 2]), asText('[1.5,2]')],
  ['an object with a bigint', { id: 9007199254740993n }, asText('{"id":"9007199254740993"}')],
  ['an object with a text of its own', { toJSON: () => 'mine' }, asText('"mine"')],
  ['an empty object', {}, asText('{}')],
  ['a number in an object', new Number(7), taken('7', 7)],
  ['a Map', new Map([['a', 1]]), refused(/a Map cannot be a cell/)],
  ['a promise', Promise.resolve(1), refused(/a promise cannot be a cell/)],
  ['a function', () => 1, refused(/a function cannot be a cell/)],
  ['a symbol', Symbol('s'), refused(/a symbol cannot be a cell/)],
  ['bytes', Buffer.from('png'), refused(/binary data cannot be a cell/)],
  ['a cycle', cycle, refused(/could not be turned into JSON text/)],
  ['a getter that throws', throwing, refused(/could not be turned into JSON text: not today/)],
];

const ROWS: readonly (readonly [what: string, input: unknown, outcome: [string, string][] | RegExp])[] = [
  ['a record with a missing key', { y: 'b' }, [['', 'b']]],
  ['a record with an extra key', { x: 1, y: 'b', z: 3 }, /"z", which is not one of "x", "y"/],
  ['a record in another order', { y: 'b', x: 'a' }, [['a', 'b']]],
  [
    'records of which one has an extra key',
    [
      { x: 1, y: 2 },
      { x: 1, q: 2 },
    ],
    /"q", which is not one of/,
  ],
  ['a sparse row', withHole(0, 'a', 'b'), [['', 'b']]],
  ['a row that is too short', [1], /row 0 has 1 values, but there are 2/],
  ['a row that is too long', [1, 2, 3], /row 0 has 3 values, but there are 2/],
  ['rows of different lengths', [[1, 2], [3]], /row 1 has 1 values, but there are 2/],
  ['rows with a hole', [[1, 2], undefined, [3, 4]], /without null among them/],
  [
    'columns',
    { x: [1, 2], y: ['a', 'b'] },
    [
      ['1', 'a'],
      ['2', 'b'],
    ],
  ],
  ['columns of different lengths', { x: [1, 2], y: ['a'] }, /column "y" has 1 values, but "x" has 2/],
  [
    'sparse columns',
    { x: withHole(1, 1, 2, 3), y: ['a', 'b', 'c'] },
    [
      ['1', 'a'],
      ['', 'b'],
      ['3', 'c'],
    ],
  ],
  [
    'a record whose getter throws',
    {
      y: 1,
      get x() {
        throw new Error('no x');
      },
    },
    /no x/,
  ],
  [
    'a row whose getter throws',
    Object.defineProperty([1, 2], 0, {
      get: () => {
        throw new Error('no 0');
      },
    }),
    /no 0/,
  ],
  [
    'a proxy that throws',
    new Proxy([1, 2], {
      get: () => {
        throw new Error('no proxy');
      },
    }),
    /no proxy/,
  ],
  ['no rows', [], []],
];

async function store(inputs: readonly unknown[], options: ModelDataCollectorOptions = {}) {
  const directory = newFolder();
  const messages: string[] = [];
  const stream = { ...identityOf('cells'), designation: 'inputs', storage: { directory } };
  const collector = new ModelDataCollector('best_model', {
    ...stream,
    featureNames: ['x', 'y'],
    journal: { directory: newFolder() },
    onError: ({ code, message }) => messages.push(`${code}: ${message}`),
    ...options,
  });
  const receipts = inputs.map((input) => collector.collect(input as CollectInput));
  await collector.close();
  const [text = ''] = (await textsBelow(path.join(directory, 'modeldata'), '.csv')).values();
  const data = await CollectedData.open({ ...stream, modelName: 'best_model' });
  const read: Record<string, unknown>[] = [];
  if (text !== '') {
    for await (const row of data.rows<Record<string, unknown>>()) {
      read.push(row);
    }
  }
  return { receipts, messages, rows: text === '' ? [] : rowsOf(text), read, stats: collector.stats() };
}

describe('a cell', () => {
  it.each(CELLS)('that is %s has its one stated outcome', async (_, value, outcome) => {
    const { receipts, messages, rows, read, stats } = await store([[value, 'beside']]);
    if ('refused' in outcome) {
      expect(receipts).toMatchObject([{ accepted: 0, rejected: 1, reason: 'invalid' }]);
      expect(messages).toEqual([expect.stringMatching(outcome.refused)]);
      expect(messages[0]).toMatch(/^INVALID_ROWS: /);
      expect(stats).toMatchObject({ collected: 1, stored: 0, pending: 0, dropped: { invalid: 1 } });
      expect(rows).toEqual([]);
      return;
    }
    expect(receipts).toMatchObject([{ accepted: 1, rejected: 0 }]);
    expect(messages).toEqual([]);
    expect(rows).toHaveLength(1);
    // Two readers agree: csv-parse about the text, ours about the value too.
    expect(rows[0]?.['x'] === outcome.text).toBe(true);
    expect(Object.is(read[0]?.['x'], outcome.read)).toBe(true);
    expect(read[0]?.['y']).toBe('beside');
  });

  it('keeps its outcome beside all others in one file', async () => {
    const known = CELLS.filter(([, , outcome]) => 'text' in outcome);
    const { rows, stats } = await store(CELLS.map(([what, value]) => [value, what]));
    expect(rows.map((row) => row['y'])).toEqual(known.map(([what]) => what));
    known.forEach(([, , outcome], index) => {
      expect('text' in outcome && rows[index]?.['x'] === outcome.text).toBe(true);
    });
    expect(stats).toMatchObject({ stored: known.length, dropped: { invalid: CELLS.length - known.length } });
  });
});

describe('a call', () => {
  it.each(ROWS)('with %s has its one stated outcome', async (_, input, outcome) => {
    const { receipts, messages, rows, stats } = await store([input]);
    if (outcome instanceof RegExp) {
      expect(receipts[0]).toMatchObject({ accepted: 0, reason: 'invalid' });
      expect(messages).toEqual([expect.stringMatching(outcome)]);
      expect(stats.dropped.invalid).toBe(receipts[0]?.rejected);
      expect(rows).toEqual([]);
    } else {
      expect(receipts[0]).toMatchObject({ accepted: outcome.length, rejected: 0 });
      expect(rows.map((row) => [row['x'], row['y']])).toEqual(outcome);
      expect(messages).toEqual([]);
    }
  });

  it('may throw instead, when the application wants to hear of it', async () => {
    await expect(store([[1, 2, 3]], { onInvalid: 'throw' })).rejects.toMatchObject({ code: 'VALIDATION' });
  });
});

describe('a typed cell', () => {
  it.each<[type: 'float64' | 'float32' | 'int64', value: number | bigint, text: string]>([
    ['float64', 5, '5.0'],
    ['float64', -0, '-0.0'],
    ['float64', 1e21, '1e+21'],
    ['float64', Number.NaN, 'NaN'],
    ['float32', 0.1, '0.1'],
    ['int64', 9007199254740993n, '9007199254740993'],
  ])('of %s: %s is %s', async (type, value, text) => {
    const features = [
      { name: 'x', type },
      { name: 'y', type: 'string' as const },
    ];
    const { rows, messages } = await store([[value, 'beside']], { featureNames: undefined, features });
    expect(messages).toEqual([]);
    expect(rows[0]?.['x']).toBe(text);
  });
});
