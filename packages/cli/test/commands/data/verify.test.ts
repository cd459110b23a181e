import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { systemClock } from '@azureml-ts/common';
import { ModelDataCollector } from '@azureml-ts/monitoring';
import { main } from '../../../src/index.ts';
import { dataEnvironment, RecordedIo } from '../../recorded-io.ts';

const NAMES = {
  workspace: { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' },
  webserviceName: 'svc',
  modelVersion: '1',
} as const;
const FOLDER = 'modeldata/sub/rg/ws/svc/best_model/1';
let directory: string;
let file: string;
let whole: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'azureml-ts-data-verify-'));
  const options = {
    ...NAMES,
    storage: { directory },
    journal: { directory: path.join(directory, 'journal') },
    clock: { ...systemClock, now: () => Date.parse('2026-03-04T12:00:00Z') },
  };
  const inputs = new ModelDataCollector('best_model', { ...options, designation: 'inputs', featureNames: ['x', 'y'] });
  const predictions = new ModelDataCollector('best_model', {
    ...options,
    designation: 'predictions',
    featureNames: ['p'],
  });
  for (let index = 0; index < 4; index += 1) {
    const { correlations } = inputs.collect([
      [index, 'a'],
      [index, 'b'],
    ]);
    predictions.collect([[1], [2]], { correlations });
  }
  inputs.collect([1, 2, 3]);
  await inputs.close();
  await predictions.close();
  file = path.join(directory, FOLDER, 'inputs/2026/03/04/data.csv');
  whole = await readFile(file, 'utf8');
});
afterEach(() => writeFile(file, whole));
afterAll(() => rm(directory, { recursive: true }));

function ioOf(env: Record<string, string> = {}): RecordedIo {
  return new RecordedIo({
    ...dataEnvironment(pathToFileURL(directory).href),
    ...env,
  });
}

async function run(argv: readonly string[], io = ioOf()) {
  const code = await main(['data', 'verify', '--model', 'best_model', '--model-version', '1', ...argv], io);
  return { code, out: io.out, error: io.error };
}

/** Takes the last line out. */
const cut = () => writeFile(file, `${whole.split('\n').slice(0, -2).join('\n')}\n`);
const INPUTS = ['--designation', 'inputs'];

describe('azureml-ts data verify', () => {
  it('shows each writer of each day, and that it holds', async () => {
    const { code, out, error } = await run(INPUTS);
    expect(out.split('\n').map((line) => line.replace(/\w{12}(?= )/, 'WRITER______').trimEnd())).toEqual([
      'day         writer        state   collected  stored  dropped  pending  found  verdict',
      '2026-03-04  WRITER______  closed          9       8        1        0      8  holds',
      '',
    ]);
    expect(error).toBe('azureml-ts: it holds: 8 rows in 1 file of 1 day, 0 errors, 0 warnings.\n');
    expect(code).toBe(0);
  });

  it('goes over all designations, or those that are named', async () => {
    const all = await run(['--designation', 'all']);
    expect(all.out).toMatch(/^day +designation +writer/);
    expect([...all.out.matchAll(/2026-03-04 {2}(\w+) .* holds/g)].map(([, name]) => name)).toEqual([
      'inputs',
      'predictions',
    ]);
    expect(all.code).toBe(0);
    expect((await run([...INPUTS, '--designation', 'predictions'])).out).toBe(all.out);
    expect((await run([...INPUTS, '--designation', 'labels'])).code).toBe(4);
    expect((await run(['--designation', 'all', '--designation', 'inputs'])).code).toBe(2);
    expect((await run([])).code).toBe(2);
    expect((await run([...INPUTS, '--open-for', 'soon'])).code).toBe(2);
  });

  it('lists what is wrong, ends with 1, and annotates the build', async () => {
    await cut();
    const summary = path.join(directory, 'summary.md');
    const io = ioOf({ GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary });
    const { code, out, error } = await run(INPUTS, io);
    expect(code).toBe(1);
    expect(out).toMatch(
      /closed +9 +8 +1 +0 +7 {2}FAILS\nerror {4}ROWS_MISSING {2}The ledger says that writer \w{12} .*1 missing/,
    );
    expect(error).toContain('it does not hold: 7 rows in 1 file of 1 day, 1 error, 0 warnings.');
    expect(error).toMatch(/^::error title=azureml-ts::The ledger says .* \[ROWS_MISSING\]$/m);
    const text = await readFile(summary, 'utf8');
    expect(text).toContain('are not as they should be');
    expect(text).toContain('<pre>ROWS_MISSING 2026-03-04: ');
    const pipelines = ioOf({ TF_BUILD: 'True' });
    await run(INPUTS, pipelines);
    expect(pipelines.error).toContain('##vso[task.logissue type=error;code=ROWS_MISSING;]');
  });

  it('prints a document with every field', async () => {
    await cut();
    await writeFile(file, `${(await readFile(file, 'utf8')).slice(0, -1)},x\n`);
    const { code, out } = await run([...INPUTS, '--output', 'json', '--from', '2026-03-01']);
    expect(code).toBe(1);
    const document = JSON.parse(out);
    expect(document).toMatchObject({
      schemaVersion: 1,
      holds: false,
      range: 'partial',
      from: '2026-03-01',
      to: null,
      stream: { modelName: 'best_model', designations: ['inputs'] },
      days: [{ day: '2026-03-04', layout: 'documented', writers: [{ state: 'closed', stored: 8, rowsFound: 6 }] }],
      totals: { dropped: { invalid: 1 } },
      moreFindings: 0,
    });
    expect(document.findings.map(({ code: name }: { code: string }) => name)).toEqual([
      'BAD_RECORD',
      'ROWS_MISSING',
      'CALLS_MISSING',
    ]);
    expect(Object.keys(document.findings[0])).toEqual([
      'code',
      'severity',
      'designation',
      'modelVersion',
      'day',
      'writer',
      'path',
      'message',
      'counts',
      'places',
      'calls',
    ]);
    expect(document.findings[0].places).toMatchObject([{ record: 8, call: null }]);
    expect(document.files.map(({ sha256 }: { sha256: unknown }) => sha256)).toEqual([null, null]);
  });

  it('writes a report with the hashes of the files', async () => {
    const report = path.join(directory, 'report.json');
    expect((await run([...INPUTS, '--report', report])).code).toBe(0);
    const document = JSON.parse(await readFile(report, 'utf8'));
    expect(document).toMatchObject({
      schemaVersion: 1,
      producedBy: expect.stringMatching(/^azureml-ts \d/),
      holds: true,
    });
    const rows = document.files.find(({ kind }: { kind: string }) => kind === 'rows');
    expect(rows).toMatchObject({ bytes: whole.length, sha256: createHash('sha256').update(whole).digest('hex') });
  });

  it('tells what it found out also when the report cannot be written, which is a failure of its own', async () => {
    const nowhere = ['--report', path.join(directory, 'no', 'report.json')];
    const whole = await run([...INPUTS, ...nowhere]);
    expect(whole.code).toBe(5);
    expect(whole.out).toContain('holds');
    expect(whole.error).toMatch(/it holds: 8 rows[\s\S]*\[REPORT_NOT_WRITTEN\]/);
    const json = await run([...INPUTS, ...nowhere, '--output', 'json']);
    expect([json.code, JSON.parse(json.out).holds]).toEqual([5, true]);
    await cut();
    const broken = await run([...INPUTS, ...nowhere]);
    expect(broken.code).toBe(1);
    expect(broken.out).toContain('ROWS_MISSING');
    expect(broken.error).toMatch(/it does not hold[\s\S]*\[REPORT_NOT_WRITTEN\]/);
  });

  it('counts warnings as errors on request, and a writer as silent after the hours that are given', async () => {
    const ledger = path.join(path.dirname(file), '_ledger.jsonl');
    const before = await readFile(ledger, 'utf8');
    await writeFile(ledger, before.replaceAll('"closed"', '"open"'));
    try {
      const open = await run(INPUTS);
      expect([open.code, /warning {2}WRITER_NOT_CLOSED/.test(open.out)]).toEqual([0, true]);
      expect((await run([...INPUTS, '--strict'])).code).toBe(1);
      expect((await run([...INPUTS, '--strict', '--open-for', '9999999'])).code).toBe(0);
    } finally {
      await writeFile(ledger, before);
    }
  });

  it('tells its progress on a terminal alone, and keeps its exit code when nobody reads the table', async () => {
    const terminal = Object.assign(ioOf(), { isErrorTerminal: true });
    expect((await run(INPUTS, terminal)).error).toContain('inputs: 100 %, 1 of 1 files, 8 rows\n');
    await cut();
    const gone = ioOf();
    gone.writeOut = () => Promise.reject(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect((await run(INPUTS, gone)).code).toBe(1);
  });

  it('ends with 130 when it is interrupted', async () => {
    const io = ioOf();
    io.abortSignal = AbortSignal.abort(new Error('Interrupted'));
    expect((await run(INPUTS, io)).code).toBe(130);
  });
});
