import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { main } from '../../../src/index.ts';
import { dataEnvironment, RecordedIo } from '../../recorded-io.ts';

const NAMES = ['--model', 'best_model', '--designation', 'inputs', '--model-version', '1'];
const HEADER = 'x,$aml_dc_correlation_id,$aml_dc_user_correlation_id,$aml_dc_scoring_timestamp,$aml_request_id\n';
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'azureml-ts-data-tail-'));
});
afterEach(() => rm(directory, { recursive: true }));

const row = (x: string, n: number) => `${x},a-${n},,2026-03-04T00:00:00.000Z,\n`;
const pathOf = (day: string, name = 'data.csv') =>
  path.join(directory, 'modeldata/sub/rg/ws/svc/best_model/1/inputs', day, name);

async function write(day: string, content: string, name?: string): Promise<void> {
  await mkdir(path.dirname(pathOf(day)), { recursive: true });
  await writeFile(pathOf(day, name), content);
}

class WatchedIo extends RecordedIo {
  readonly #waiting: (() => void)[] = [];

  override writeOut(text: string): Promise<void> {
    const written = super.writeOut(text);
    for (const wake of this.#waiting.splice(0)) {
      wake();
    }
    return written;
  }

  /** Waits until something was printed. */
  async until(text: string): Promise<void> {
    while (!this.out.includes(text)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

function io(): WatchedIo {
  return new WatchedIo(dataEnvironment(pathToFileURL(directory).href));
}

async function run(command: string, ...argv: string[]) {
  const recorded = io();
  const code = await main(['data', command, ...NAMES, ...argv], recorded);
  return { code, out: recorded.out, error: recorded.error };
}

describe('azureml-ts data cat', () => {
  it('prints the columns that are asked for, as the types that are declared', async () => {
    await write('2026/03/04', `y,${HEADER}q,${row('00123', 1)}`);
    const { code, out } = await run('cat', '--columns', 'x', '--types', 'x=number', '--output', 'json');
    expect(code).toBe(0);
    const [first] = JSON.parse(out).rows;
    expect(first).toMatchObject({ x: 123, $aml_dc_correlation_id: 'a-1' });
    expect(Object.keys(first)).not.toContain('y');
    expect((await run('cat', '--columns', 'x', '--output', 'csv')).out).toContain('\n00123,a-1,');
    expect(await run('cat', '--types', 'x=whole')).toMatchObject({
      code: 2,
      error: expect.stringContaining('NAME=TYPE'),
    });
    expect((await run('cat', '--types', 'y=number')).code).not.toBe(0);
  });
});

describe('azureml-ts data tail', () => {
  it('prints the last rows, from as many files as it takes', async () => {
    await write('2026/03/04', `${HEADER}${row('1', 1)}${row('2', 2)}`);
    await write('2026/03/05', `${HEADER}${row('3', 3)}`);
    const { code, out } = await run('tail', '-n', '2');
    expect(code).toBe(0);
    expect(out.split('\n').map((line) => line.slice(0, 1))).toEqual(['x', '2', '3', '']);
    expect(JSON.parse((await run('tail', '--output', 'json')).out).rows).toHaveLength(3);
    expect((await run('tail', '-n', '1', '--output', 'csv')).out.split('\n')[1]).toMatch(/^3,a-3/);
    expect((await run('tail', '--interval', '3')).code).toBe(2);
    expect(await run('tail', '--from', '2030-01-01')).toMatchObject({
      code: 0,
      error: expect.stringContaining('no rows'),
    });
  });

  it('follows rows as they are written: when they are whole, in new files and on a new day, until Ctrl-C', async () => {
    await write('2026/03/04', `${HEADER}${row('1', 1)}`);
    const recorded = io();
    const controller = new AbortController();
    recorded.abortSignal = controller.signal;
    const argv = ['data', 'tail', ...NAMES, '--follow', '--interval', '0.1', '--output', 'json'];
    const ended = main(argv, recorded);
    await recorded.until('"a-1"');
    const whole = row('"two\nlines"', 2);
    await appendFile(pathOf('2026/03/04'), whole.slice(0, 9));
    await write('2026/03/04', `${HEADER}${row('3', 3)}`, 'data-2.csv');
    await recorded.until('"a-3"');
    expect(recorded.out).not.toContain('"a-2"');
    await appendFile(pathOf('2026/03/04'), whole.slice(9));
    await recorded.until('"a-2"');
    await write('2026/03/05', `${HEADER}${row('4', 4)}`);
    await recorded.until('"a-4"');
    // Shortly after midnight, a row of the day before is still written.
    await appendFile(pathOf('2026/03/04'), row('5', 5));
    await recorded.until('"a-5"');
    controller.abort(new Error('Interrupted'));
    expect(await ended).toBe(130);
    const lines = recorded.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ row: { x } }) => x)).toEqual([1, 3, 'two\nlines', 4, 5]);
    expect(recorded.error).toBe('');
  });

  it('follows as a table whose lines come one by one', async () => {
    await write('2026/03/04', `${HEADER}${row('1', 1)}`);
    const recorded = io();
    const controller = new AbortController();
    recorded.abortSignal = controller.signal;
    const ended = main(['data', 'tail', ...NAMES, '--follow', '--interval', '0.1'], recorded);
    await recorded.until('a-1');
    await appendFile(pathOf('2026/03/04'), row('2', 2));
    await recorded.until('a-2');
    await write('2026/03/05', `y,${HEADER}z,${row('3', 3)}`);
    await recorded.until('a-3');
    controller.abort(new Error('Interrupted'));
    expect(await ended).toBe(130);
    expect(recorded.out.split('\n').map((line) => line.slice(0, 2).trim())).toEqual(['x', '1', '2', 'y', 'z', '']);
  });
});
