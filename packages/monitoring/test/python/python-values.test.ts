import {
  Dictionary,
  Field,
  Float64,
  Int32,
  List,
  Struct,
  Table,
  TimestampMillisecond,
  vectorFromArray,
} from 'apache-arrow';
import fc from 'fast-check';
import { MemorySink, ModelDataCollector, type ModelDataCollectorOptions } from '../../src/index.ts';
import { findPython, runPython } from '../support/python.ts';

/** The lines of what a collector of the layout stores, without their header; why not, where it refuses. */
async function linesOf(data: unknown, options: Partial<ModelDataCollectorOptions> = {}): Promise<string> {
  const sink = new MemorySink();
  const issues: string[] = [];
  const collector = new ModelDataCollector('m', {
    designation: 'general',
    layout: 'python-v1',
    sink,
    onError: ({ message }) => issues.push(message),
    ...options,
  });
  collector.collect(data as never);
  await collector.close();
  return issues[0] ?? sink.text().replace(/^z,.*\r\n/, '');
}

describe('a column of a data frame', () => {
  it.each([
    ['whole numbers beside one with a fraction', [1, 2.5, null], 'q,1.0\nq,2.5\nq,\n'],
    ['whole numbers beside NaN', [1, Number.NaN], 'q,1.0\nq,\n'],
    ['whole numbers beside infinity', [1, Number.POSITIVE_INFINITY], 'q,1.0\nq,inf\n'],
    ['whole numbers beside minus zero', [1, -0], 'q,1.0\nq,-0.0\n'],
    ['whole numbers alone', [1, 2, null], 'q,1\nq,2\nq,\n'],
    ['numbers beside a text', [1, 2.5, 'x'], 'q,1\nq,2.5\nq,x\n'],
    ['numbers beside a truth', [1, 2.5, true], 'q,1\nq,2.5\nq,True\n'],
  ])('of %s has the text of pandas', async (_, values, lines) => {
    expect(await linesOf({ z: values.map(() => 'q'), a: values })).toBe(lines);
    expect(await linesOf(values.map((a) => ({ z: 'q', a })))).toBe(lines);
  });

  it('is one of floats also where a table has it in a dictionary', async () => {
    const whole = vectorFromArray([1, 2, 1], new Dictionary(new Float64(), new Int32()));
    expect(await linesOf(new Table({ z: vectorFromArray(['q', 'q', 'q']), whole }))).toBe('q,1.0\nq,2.0\nq,1.0\n');
  });

  it('shows times within lists and structures as times', async () => {
    const time = new TimestampMillisecond();
    const lists = vectorFromArray([[0, null]], new List(new Field('item', time, true)));
    const pairs = vectorFromArray(
      [{ at: 0, age: 5 }],
      new Struct([new Field('at', time), new Field('age', new Int32())]),
    );
    expect(await linesOf(new Table({ z: vectorFromArray(['q']), lists, pairs }))).toBe(
      `q,"[datetime.datetime(1970, 1, 1, 0, 0), None]","{'at': datetime.datetime(1970, 1, 1, 0, 0), 'age': 5}"\n`,
    );
  });
});

describe('a cell', () => {
  it.each([
    ['a map', new Map([['k', 1]]), /a Map cannot be a cell/],
    ['a set within a list', [new Set([1])], /a Set cannot be a cell/],
    ['a pattern', /x/, /a RegExp cannot be a cell/],
    ['memory that is shared', new SharedArrayBuffer(1), /binary data/],
  ])('that would show nothing of %s is refused', async (_, value, message) => {
    expect(await linesOf([['q', value]])).toMatch(message);
  });

  it('that is boxed is what is in the box', async () => {
    expect(await linesOf([[Object('x'), Object(true), [Object('y'), Object(7n)]]])).toBe(`x,True,"['y', 7]"\r\n`);
    expect(await linesOf([Object('x'), 'y'])).toBe('x,y\r\n');
    expect(await linesOf([Object(5), Object(2.5)])).toBe('5,2.5\r\n');
  });
});

const { version } = findPython();
(version === undefined ? describe.skip : describe)('rows beside those of Python itself', () => {
  const script = `
import csv, datetime, io, json, sys

def value(given):
    if isinstance(given, list):
        return [value(one) for one in given]
    if not isinstance(given, dict):
        return given
    kind, what = given['kind'], given['value']
    if kind == 'object':
        return {name: value(one) for name, one in what}
    if kind == 'time':
        return datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=what)
    return {'int': int, 'float': float}[kind](what)

def text(rows):
    out = io.StringIO(newline='')
    csv.writer(out).writerows(value(rows))
    return out.getvalue()

json.dump([text(rows) for rows in json.load(sys.stdin)], sys.stdout)
`;

  it('have the text of its csv module and its repr', async () => {
    // Letters that every Python has known: which characters can be shown depends on its Unicode.
    const letter = fc.constantFrom(...'aé漢😀,"\'\\\r\n\t #=;\u00a0\u00ad\u200b\u2028\ue000\u007f\u0000\u0085');
    const word = fc.string({ unit: letter, maxLength: 8 });
    const time = fc.date({ min: new Date('1000-01-01'), max: new Date('2999-12-31'), noInvalidDate: true });
    const { cell } = fc.letrec((tie) => ({
      cell: fc.oneof(
        { depthSize: 'small' },
        word,
        fc.double(),
        fc.integer(),
        fc.bigInt(),
        fc.boolean(),
        fc.constantFrom(null, 1e16, 1e15, 1e-4, 9.9e-5, 1e21, -0, 5e-324),
        time,
        fc.array(tie('cell'), { maxLength: 3 }),
        fc.dictionary(word, tie('cell'), { maxKeys: 3 }),
      ),
    }));
    const tables = fc.sample(
      fc.integer({ min: 1, max: 4 }).chain((width) => {
        const row = fc.array(cell, { minLength: width, maxLength: width });
        return fc.array(row, { minLength: 1, maxLength: 3 });
      }),
      { numRuns: 300, seed: 7 },
    );
    const ours: string[] = [];
    for (const rows of tables) {
      const sink = new MemorySink();
      const collector = new ModelDataCollector('m', { designation: 'general', layout: 'python-v1', sink });
      collector.collectRows(rows as never);
      await collector.close();
      ours.push(sink.text());
    }
    expect(ours).toEqual(runPython(script, forPython(tables)));
  });
});

/** Values in the JSON that the script above reads: it tells integers from floats. */
function forPython(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(forPython);
  }
  if (value instanceof Date) {
    return { kind: 'time', value: value.getTime() };
  }
  if (typeof value === 'object' && value !== null) {
    return { kind: 'object', value: Object.entries(value).map(([name, inner]) => [name, forPython(inner)]) };
  }
  if (typeof value === 'bigint' || (Number.isSafeInteger(value) && !Object.is(value, -0))) {
    return { kind: 'int', value: String(value) };
  }
  return typeof value === 'number' ? { kind: 'float', value: Object.is(value, -0) ? '-0.0' : String(value) } : value;
}
