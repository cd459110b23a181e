import { runQuietly, runWithRequest, setLogSink } from '@azureml-ts/common';
import { print } from '../../src/index.ts';
import { runOwnWork } from '../../src/own-work.ts';
import { Bench, balanced } from '../support.ts';

const METHODS = ['log', 'info', 'debug', 'warn', 'error', 'dir', 'table'] as const;

describe('the captured console', () => {
  let bench: Bench;
  let written: [method: string, values: unknown[]][];
  const own = { ...console };

  beforeEach(async () => {
    bench = await Bench.open();
    written = [];
    for (const method of METHODS) {
      console[method] = (...values: unknown[]) => void written.push([method, values]);
    }
  });

  afterEach(async () => {
    await bench.close();
    Object.assign(console, own);
  });

  const lines = () =>
    bench.standIn
      .items({ baseType: 'MessageData' })
      .map(({ data, properties }) => [data['message'], data['severityLevel'], properties['Contents']]);

  it('sends each method as a trace with its stream and severity, and still writes the values as they are', async () => {
    const insights = bench.start({ captureConsole: true });
    const row = { input: [[1, 2]] };
    console.log(row);
    console.info('%s rows', 3);
    console.debug('{"output": [3]}');
    console.warn('careful', { left: 1 });
    console.error(null);
    await insights.flush();

    expect(lines()).toEqual([
      ['STDOUT', 'Information', '{"input":[[1,2]]}'],
      ['STDOUT', 'Information', '3 rows'],
      ['STDOUT', 'Verbose', '{"output": [3]}'],
      ['STDERR', 'Warning', '["careful",{"left":1}]'],
      ['STDERR', 'Error', 'null'],
    ]);
    expect(written).toEqual([
      ['log', [row]],
      ['info', ['%s rows', 3]],
      ['debug', ['{"output": [3]}']],
      ['warn', ['careful', { left: 1 }]],
      ['error', [null]],
    ]);
  });

  it('sends what dir and table show as a value, without the arguments that say how', async () => {
    const insights = bench.start({ captureConsole: true });
    console.dir({ deep: { er: { and: { deeper: 1 } } } }, { depth: 0 });
    console.table([{ a: 1, b: 2 }], ['a']);
    await insights.flush();

    expect(lines()).toEqual([
      ['STDOUT', 'Information', '{"deep":{"er":{"and":{"deeper":1}}}}'],
      ['STDOUT', 'Information', '[{"a":1,"b":2}]'],
    ]);
    expect(written).toEqual([
      ['dir', [{ deep: { er: { and: { deeper: 1 } } } }, { depth: 0 }]],
      ['table', [[{ a: 1, b: 2 }], ['a']]],
    ]);
  });

  it('sends nothing of the work of telemetry itself, but what a program prints in the quiet of others', async () => {
    const insights = bench.start({ captureConsole: true });
    runOwnWork(() => console.log('own'));
    runQuietly(() => console.log('of the program'));
    await insights.flush();

    expect(lines().map(([, , contents]) => contents)).toEqual(['of the program']);
  });

  it('ties lines to their request, also behind await, while others run', async () => {
    const insights = bench.start({ captureConsole: true });
    const score = (requestId: string) =>
      runWithRequest({ requestId }, async () => {
        await new Promise((resolve) => setImmediate(resolve));
        console.log(requestId);
      });
    await Promise.all(['r-1', 'r-2', 'r-3'].map(score));
    await insights.flush();

    expect(bench.standIn.items().map(({ properties }) => [properties['Request Id'], properties['Contents']])).toEqual([
      ['r-1', 'r-1'],
      ['r-2', 'r-2'],
      ['r-3', 'r-3'],
    ]);
  });

  it('is given back on close, once', async () => {
    const before = console.log;
    const insights = bench.start({ captureConsole: true });
    expect(console.log).not.toBe(before);
    expect(console.log.name).toBe('log');
    await insights.close();
    await insights.close();

    expect(console.log).toBe(before);
  });

  it('is captured once by two: the last one started gets the lines, then the first again', async () => {
    const first = bench.start({ captureConsole: true, context: { serviceName: 'first' } });
    const second = bench.start({ captureConsole: true, context: { serviceName: 'second' } });
    console.log('a');
    await second.close();
    console.log('b');
    await first.close();
    console.log('c');

    expect(bench.standIn.items().map(({ properties }) => [properties['Service Name'], properties['Contents']])).toEqual(
      [
        ['second', 'a'],
        ['first', 'b'],
      ],
    );
    expect(written).toHaveLength(3);
  });

  it('leaves a method to whoever replaced it later', async () => {
    const insights = bench.start({ captureConsole: true });
    const ours = console.log;
    const theirs = (...values: unknown[]) => ours('>', ...values);
    console.log = theirs;
    console.log('a');
    await insights.close();
    console.log('b');

    expect(console.log).toBe(theirs);
    expect(written).toEqual([
      ['log', ['>', 'a']],
      ['log', ['>', 'b']],
    ]);
    expect(lines()).toEqual([['STDOUT', 'Information', '> a']]);
    // Ours is still below theirs and would serve a later start; this test gives it back.
    console.log = ours;
    const later = bench.start({ captureConsole: true });
    await later.close();
  });

  it('sends one trace for a method that calls another, or a value that prints while it is read', async () => {
    console.error = (...values: unknown[]) => console.log(...values);
    const insights = bench.start({ captureConsole: true });
    console.error('once');
    const loud = {
      toJSON() {
        console.log('reading');
        print(this);
        return { quiet: true };
      },
    };
    console.log(loud);
    await insights.flush();

    expect(lines()).toEqual([
      ['STDERR', 'Error', 'once'],
      ['STDOUT', 'Information', '{"quiet":true}'],
    ]);
    // The line that was printed while another was read was written, but not sent.
    expect(balanced(insights)).toMatchObject({ tracked: 3, sent: 2, dropped: { failed: 1 } });
  });

  it('never reports on itself, even when the log goes to the console', async () => {
    const restore = setLogSink((line) => console.error(line));
    bench.standIn.respondWith({ status: 400 });
    const insights = bench.start({ captureConsole: true });
    console.log('a');
    await insights.flush();
    restore();

    expect(written).toEqual([
      ['log', ['a']],
      ['error', [expect.stringContaining('azureml-ts:insights:warning Telemetry: the service answered 400')]],
    ]);
    expect(balanced(insights)).toMatchObject({ tracked: 1, dropped: { rejected: 1 } });
  });

  it('lets the error of a broken console through, as without us, and sends the line', async () => {
    console.log = () => {
      throw new Error('EPIPE');
    };
    const insights = bench.start({ captureConsole: true });
    expect(() => console.log('a')).toThrow('EPIPE');
    await insights.flush();

    expect(lines()).toEqual([['STDOUT', 'Information', 'a']]);
  });

  it('counts an item that cannot be made, and does not throw', () => {
    const insights = bench.start();
    const properties = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('hidden');
        },
      },
    );
    insights.trackTrace({ message: 'm', properties });

    expect(balanced(insights)).toMatchObject({
      tracked: 1,
      dropped: { failed: 1 },
      lastError: expect.stringContaining('hidden'),
    });
  });

  describe('print', () => {
    it('writes to standard output and sends once, with capture and without', async () => {
      for (const captureConsole of [true, false]) {
        const insights = bench.start({ captureConsole });
        print({ a: 1 });
        insights.print({ b: 2 });
        await insights.close();
      }

      expect(lines().map(([, , contents]) => contents)).toEqual(['{"a":1}', '{"b":2}', '{"a":1}', '{"b":2}']);
      expect(written).toHaveLength(4);
    });

    it('only writes when no telemetry is started', () => {
      print('a', { b: 1 });

      expect(written).toEqual([['log', ['a', { b: 1 }]]]);
    });
  });

  it('refuses limits out of range before anything is started', () => {
    const before = console.log;
    expect(() => bench.start({ captureConsole: true, maxQueueItems: 0 })).toThrow(
      expect.objectContaining({ code: 'VALIDATION', path: 'maxQueueItems' }),
    );
    expect(() => bench.start({ captureConsole: true, connectionString: 'nonsense' })).toThrow(
      expect.objectContaining({ code: 'CONNECTION_STRING_INVALID' }),
    );
    expect(console.log).toBe(before);
  });
});
