import { runWithRequest } from '@azureml-ts/common';
import { print } from '../../src/index.ts';
import { Bench, balanced } from '../support.ts';

describe('captured standard streams', () => {
  let bench: Bench;
  let written: [stream: string, text: string][];
  const own = { stdout: process.stdout.write, stderr: process.stderr.write, log: console.log, error: console.error };

  beforeEach(async () => {
    bench = await Bench.open();
    written = [];
    for (const name of ['stdout', 'stderr'] as const) {
      process[name].write = ((chunk: string | Uint8Array) => {
        written.push([name, typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()]);
        return true;
      }) as typeof process.stdout.write;
    }
    // As Node's own console: straight to the streams. Jest's is another one.
    console.log = (...values: unknown[]) => void process.stdout.write(`${values.map(String).join(' ')}\n`);
    console.error = (...values: unknown[]) => void process.stderr.write(`${values.map(String).join(' ')}\n`);
  });

  afterEach(async () => {
    await bench.close();
    process.stdout.write = own.stdout;
    process.stderr.write = own.stderr;
    console.log = own.log;
    console.error = own.error;
  });

  const lines = () =>
    bench.standIn
      .items()
      .map(({ data, properties }) => [data['message'], data['severityLevel'], properties['Contents']]);

  it('are left alone unless asked for', async () => {
    const { write } = process.stdout;
    bench.start({ captureConsole: true });

    expect(process.stdout.write).toBe(write);
  });

  it('send each line once, whatever pieces it is written in, and still write every piece as it is', async () => {
    const insights = bench.start({ captureStdout: true });
    process.stdout.write('one\ntw');
    process.stdout.write('o\r\n\n');
    const bytes = Buffer.from('drei 😀\n');
    process.stdout.write(bytes.subarray(0, 7));
    process.stdout.write(bytes.subarray(7));
    process.stderr.write('c2l4Cg==', 'base64');
    process.stdout.write('the rest');
    await insights.close();

    expect(lines()).toEqual([
      ['STDOUT', 'Information', 'one'],
      ['STDOUT', 'Information', 'two'],
      ['STDOUT', 'Information', 'drei 😀'],
      ['STDERR', 'Warning', 'six'],
      ['STDOUT', 'Information', 'the rest'],
    ]);
    expect(written.map(([stream]) => stream)).toEqual(['stdout', 'stdout', 'stdout', 'stdout', 'stderr', 'stdout']);
    expect(written[0]).toEqual(['stdout', 'one\ntw']);
  });

  it('do not send the lines of the console and of print again', async () => {
    const insights = bench.start({ captureConsole: true, captureStdout: true });
    console.log('by the console');
    console.error('by the console too');
    print('by print');
    insights.print('by print too');
    process.stdout.write('straight\n');
    await insights.close();

    expect(lines().map(([, , contents]) => contents)).toEqual([
      'by the console',
      'by the console too',
      'by print',
      'by print too',
      'straight',
    ]);
    expect(written).toHaveLength(5);
  });

  it('send the lines of the console when the console itself is not captured', async () => {
    const insights = bench.start({ captureStdout: true });
    console.error('a', 1);
    await insights.close();

    expect(lines()).toEqual([['STDERR', 'Warning', 'a 1']]);
  });

  it('join the pieces of each request apart from those of others, and tie lines to their request', async () => {
    const insights = bench.start({ captureStdout: true });
    const pause = () => new Promise((resolve) => setImmediate(resolve));
    await Promise.all(
      ['r-1', 'r-2'].map((requestId) =>
        runWithRequest({ requestId }, async () => {
          process.stdout.write(`${requestId} be`);
          await pause();
          process.stdout.write('gins');
          await pause();
          process.stdout.write(requestId === 'r-1' ? ' and ends\n' : ' and does not end');
        }),
      ),
    );
    await insights.close();

    expect(bench.standIn.items().map(({ properties }) => [properties['Request Id'], properties['Contents']])).toEqual([
      ['r-1', 'r-1 begins and ends'],
      ['r-2', 'r-2 begins and does not end'],
    ]);
  });

  it('do not send what making an item writes', async () => {
    const insights = bench.start({
      captureStdout: true,
      redact: (value) => {
        process.stdout.write('redacting\n');
        return value;
      },
    });
    process.stdout.write('once\n');
    await insights.close();

    expect(lines()).toEqual([['STDOUT', 'Information', 'once']]);
    expect(balanced(insights)).toMatchObject({ tracked: 1, sent: 1 });
  });

  it('end a line that has no end, and lose nothing of it', async () => {
    const insights = bench.start({ captureStdout: true, spill: { write: async () => ({ url: 'x:y' }) } });
    const text = 'é'.repeat(600_000);
    process.stdout.write(text);
    process.stdout.write(text);
    await insights.close();
    const sizes = bench.standIn.items().map(({ properties }) => JSON.parse(properties['Contents'] ?? '').bytes);

    expect(sizes).toHaveLength(2);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(2_400_000);
  });

  it('are given back on close', async () => {
    const { write } = process.stdout;
    const [first, second] = [bench.start({ captureStdout: true }), bench.start({ captureStdout: true })];
    expect(process.stdout.write).not.toBe(write);
    await second.close();
    process.stdout.write('to the first\n');
    await first.close();

    expect(process.stdout.write).toBe(write);
    expect(lines().map(([, , contents]) => contents)).toEqual(['to the first']);
  });

  it('let the error of a broken stream through, as without us', () => {
    process.stdout.write = () => {
      throw new Error('EPIPE');
    };
    bench.start({ captureStdout: true });

    expect(() => process.stdout.write('a\n')).toThrow('EPIPE');
  });
});
