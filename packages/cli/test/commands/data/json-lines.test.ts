import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { openContainer } from '@azureml-ts/monitoring/format';
import { startAzurite } from '@azureml-ts/testing';
import { main } from '../../../src/index.ts';
import { dataEnvironment, RecordedIo } from '../../recorded-io.ts';

const DEPLOYMENT = 'modelDataCollector/loans/blue';
const JSON_LINES = ['--layout', 'json-lines'];
const OF_DEPLOYMENT = [...JSON_LINES, '--endpoint', 'loans', '--deployment', 'blue'];
const INPUTS = [...OF_DEPLOYMENT, '--collection', 'model_inputs'];
const CONNECTION =
  'DefaultEndpointsProtocol=https;AccountName=store;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net';
const CALL = { $aml_dc_user_correlation_id: '', $aml_dc_scoring_timestamp: '2026-03-04T05:06:07Z' };

function record(id: string, data: unknown[], more: Record<string, unknown> = {}): string {
  const fields = { specversion: '1.0', time: '2026-03-04T05:06:07Z', data, correlationid: id, xrequestid: id, ...more };
  return `${JSON.stringify(fields)}\n`;
}

const FILES = {
  'model_inputs/2026/03/04/05/a.jsonl':
    record('c1', [{ age: 41, zip: '00123' }]) + record('c2', [{ age: 37 }, { age: 29 }]),
  'model_inputs/2026/03/04/_ledger.jsonl': '{}\n',
  'model_inputs/2026/03/05/00/b.jsonl': record('c3', [{ age: 50 }]),
  'model_outputs/2026/03/04/05/a.jsonl':
    record('c2', [{ risk: 0.25 }, { risk: 0.5 }]) + record('c1', [{ risk: 0.75 }]) + record('c4', [{ risk: 1 }]),
};
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'azureml-ts-data-json-lines-'));
  for (const [name, content] of Object.entries(FILES)) {
    const file = path.join(directory, DEPLOYMENT, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
});
afterEach(() => rm(directory, { recursive: true }));

/** Only the place is in the environment: nothing of a workspace, service or model is needed. */
async function run(argv: readonly string[], storage = pathToFileURL(directory).href) {
  const io = new RecordedIo({ AML_MODEL_DC_STORAGE: storage });
  const code = await main(['data', ...argv], io);
  return { code, out: io.out, error: io.error };
}

async function left(): Promise<string[]> {
  const entries = await readdir(path.join(directory, DEPLOYMENT), { recursive: true });
  return entries.filter((name) => name.endsWith('.jsonl')).sort();
}

describe('azureml-ts data with JSON Lines', () => {
  it('lists the files of a collection', async () => {
    const { code, out, error } = await run(['files', ...INPUTS]);
    expect(code).toBe(0);
    const sizes = [
      FILES['model_inputs/2026/03/04/05/a.jsonl'].length,
      FILES['model_inputs/2026/03/05/00/b.jsonl'].length,
    ];
    expect(out.split('\n').slice(1)).toEqual([
      `2026-03-04  default  json-lines   ${sizes[0]}  ${DEPLOYMENT}/model_inputs/2026/03/04/05/a.jsonl`,
      `2026-03-05  default  json-lines   ${sizes[1]}  ${DEPLOYMENT}/model_inputs/2026/03/05/00/b.jsonl`,
      '',
    ]);
    expect(error).toContain('2 files of 2 days');
    const json = JSON.parse((await run(['files', ...INPUTS, '--to', '2026-03-04', '--output', 'json'])).out);
    expect(json.files).toMatchObject([
      { hour: '05', collectionName: 'model_inputs', instance: 'a', layout: 'json-lines' },
    ]);
  });

  it('prints rows with the columns of their calls, whatever the environment says of a model', async () => {
    const io = new RecordedIo(dataEnvironment(pathToFileURL(directory).href));
    expect(await main(['data', 'cat', ...INPUTS, '--limit', '2', '--output', 'json'], io)).toBe(0);
    expect(JSON.parse(io.out).rows).toEqual([
      { age: 41, zip: '00123', $aml_dc_correlation_id: 'c1', $aml_request_id: 'c1', ...CALL },
      { age: 37, zip: null, $aml_dc_correlation_id: 'c2', $aml_request_id: 'c2', ...CALL },
    ]);
  });

  it('prints the rows of a folder, which may be the path of a data asset', async () => {
    const folders = [`${DEPLOYMENT}/model_inputs`, `azureml://datastores/d/paths/${DEPLOYMENT}/model_inputs/`];
    for (const folder of folders) {
      const { code, out } = await run(['cat', ...JSON_LINES, '--path', folder, '--columns', 'age', '--output', 'csv']);
      expect(code).toBe(0);
      expect(out.split('\n').map((line) => line.split(',')[0])).toEqual(['age', '41', '37', '29', '50', '']);
    }
  });

  it('prints the last rows', async () => {
    const { code, out } = await run(['tail', ...INPUTS, '-n', '2', '--output', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(out).rows.map((row: { age: number }) => row.age)).toEqual([29, 50]);
  });

  it.each([
    ['by their names', [...INPUTS, '--with', 'model_outputs']],
    [
      'by their folders',
      [...JSON_LINES, '--path', `${DEPLOYMENT}/model_inputs`, '--with', `${DEPLOYMENT}/model_outputs`],
    ],
  ])('joins two collections %s', async (_, argv) => {
    const { code, out, error } = await run(['join', ...argv, '--output', 'json']);
    expect(code).toBe(0);
    const rows = JSON.parse(out).rows as { correlationId: string; left: { age: number }; right: { risk: number } }[];
    expect(rows.map((row) => [row.correlationId, row.left.age, row.right.risk]).sort()).toEqual([
      ['c1', 41, 0.75],
      ['c2', 29, 0.5],
      ['c2', 37, 0.25],
    ]);
    expect(error).toContain('3 pairs of 4 rows on the left and 4 on the right.');
    expect(error).toContain('1 rows of the left without a right one: c3.');
    expect(error).toContain('1 rows of the right without a left one: c4.');
  });

  it('puts labels to the rows', async () => {
    const labels = path.join(directory, 'labels.csv');
    await writeFile(labels, 'id,paid\nc1,yes\nc3,no\n');
    const { code, out } = await run([
      'join',
      ...INPUTS,
      ...['--labels', labels, '--on', 'id', '--row-id', 'correlationId', '--output', 'json'],
    ]);
    expect(code).toBe(0);
    const rows = JSON.parse(out).rows as { left: { age: number }; label: { paid: string } }[];
    expect(rows.map((row) => [row.left.age, row.label.paid])).toEqual([
      [41, 'yes'],
      [50, 'no'],
    ]);
  });

  it('exports the rows, and names them after their collection', async () => {
    const target = path.join(directory, 'exported');
    const exported = ['export', ...INPUTS, '--target', target, '--format', 'jsonl'];
    const { code, error } = await run([...exported, '--partition', 'none']);
    expect([code, error]).toEqual([0, expect.stringContaining('1 written, 0 kept, 4 rows')]);
    const manifest = JSON.parse(await readFile(path.join(target, '_manifest.json'), 'utf8'));
    expect(manifest.rows).toBe(4);
    expect(manifest.stream).toMatchObject({ webserviceName: 'loans', modelName: 'blue', designation: 'model_inputs' });
    expect((await run([...exported, '--partition', 'none'])).error).toContain('0 written, 1 kept');
    const closed = await run(['export', ...INPUTS, '--target', path.join(directory, 'closed'), '--closed-days']);
    expect(closed.code).not.toBe(0);
    expect(closed.error).toMatch(/Closed days of the layout json-lines .* \[NOT_SUPPORTED\]/);
  });

  it('removes days of a collection, and nothing of another', async () => {
    const { code, out } = await run(['purge', ...INPUTS, '--before', '2026-03-05', '--yes']);
    expect([code, out]).toEqual([0, expect.stringMatching(/^Removed 2 files/)]);
    expect(await left()).toEqual(['model_inputs/2026/03/05/00/b.jsonl', 'model_outputs/2026/03/04/05/a.jsonl']);
  });

  it('tells of a record that is none, with its line', async () => {
    const file = path.join(directory, DEPLOYMENT, 'model_inputs/2026/03/05/00/b.jsonl');
    await writeFile(file, `${record('c3', [{ age: 50 }])}{"data":[{"age":`);
    const { code, error } = await run(['cat', ...INPUTS]);
    expect(code).toBe(5);
    expect(error).toMatch(/b\.jsonl ends within a record: line 2 .*\[JSON_BAD_RECORD\]/);
  });

  it('says what is there instead of a name that is wrong', async () => {
    const { code, error } = await run(['cat', ...OF_DEPLOYMENT, '--collection', 'inputs']);
    expect(code).toBe(4);
    expect(error).toContain('there are: model_inputs, model_outputs; not "inputs". Check collectionName');
  });

  it('verifies a collection as far as that goes: nothing says how many rows there should be', async () => {
    const report = path.join(directory, 'report.json');
    const io = new RecordedIo({
      AML_MODEL_DC_STORAGE: pathToFileURL(directory).href,
      GITHUB_ACTIONS: 'true',
      GITHUB_STEP_SUMMARY: path.join(directory, 'summary.md'),
    });
    expect(await main(['data', 'verify', ...INPUTS, '--report', report], io)).toBe(0);
    const { out } = io;
    expect(io.error).toBe(
      'azureml-ts: it holds: 4 rows in 2 files of 2 days, 0 errors, 3 warnings; of 2 days there is no ledger, so that no row can be proven missing.\n',
    );
    const summary = await readFile(path.join(directory, 'summary.md'), 'utf8');
    expect(summary).toContain('the collected rows of "blue" were checked, but not proven to be complete');
    expect(out.split('\n')[1]).toMatch(/^2026-03-04 +no ledger +3 +not proven/);
    expect(out).toMatch(/warning {2}LEDGER_ABSENT {2}The 3 rows of 2026-03-04 \(2 records\) .* cannot be proven/);
    expect(out).toMatch(/warning {2}ROW_OF_OTHER_DAY {2}1 record of \S+b\.jsonl with a time of another day/);
    const { files } = JSON.parse(await readFile(report, 'utf8')) as { files: { path: string; sha256: string }[] };
    expect(files.map((file) => [path.basename(file.path), file.sha256.length])).toEqual([
      ['a.jsonl', 64],
      ['b.jsonl', 64],
    ]);
    expect((await run(['verify', ...INPUTS, '--strict'])).code).toBe(1);
  });

  it('tells what is wrong with records, with exit code 1', async () => {
    const file = path.join(directory, DEPLOYMENT, 'model_inputs/2026/03/05/00/b.jsonl');
    const whole = record('c3', [{ age: 50 }], { id: 'r3', time: '2026-03-05T00:00:01Z' });
    await writeFile(file, `${whole}${whole}{"data":{}}\n{"data":[{"age":`);
    const { code, out } = await run(['verify', ...INPUTS, '--from', '2026-03-05', '--output', 'json']);
    expect(code).toBe(1);
    const report = JSON.parse(out) as { findings: { code: string; places: unknown }[] };
    expect(report).toMatchObject({
      holds: false,
      range: 'partial',
      days: [{ rows: 2, hasLedger: false, holds: false }],
    });
    expect(report.findings.map((finding) => [finding.code, finding.places])).toEqual([
      ['BAD_RECORD', [{ record: 3, byteOffset: whole.length * 2, call: null }]],
      ['DUPLICATE_RECORD', [{ record: 2, byteOffset: whole.length, call: 'r3' }]],
      ['TORN_END', [{ record: 4, byteOffset: whole.length * 2 + 12, call: null }]],
      ['LEDGER_ABSENT', []],
    ]);
    const table = await run(['verify', ...INPUTS]);
    expect(table.out).toMatch(/error {4}DUPLICATE_RECORD {2}1 record of .*record 2 \(byte \d+\), with the id r3\./);
  });

  it('has no text for other engines, and tells what to do instead', async () => {
    const { code, out, error } = await run(['generate', 'duckdb', ...INPUTS]);
    expect([code, out]).toEqual([5, '']);
    expect(error).toMatch(/no such text for the layout json-lines.*export them .* \[NOT_SUPPORTED\]/);
  });

  it('reads the container of an account that is named', async () => {
    const azurite = await startAzurite();
    try {
      const { connectionString } = azurite;
      const container = await openContainer({ connectionString }, {}, 'azureml-blobstore-1');
      await container.createIfNotExists();
      for (const [name, content] of Object.entries(FILES)) {
        await container.getBlockBlobClient(`${DEPLOYMENT}/${name}`).upload(content, content.length);
      }
      const source = ['--source-container', 'azureml-blobstore-1'];
      const argv = ['join', ...INPUTS, ...source, '--with', 'model_outputs', '--output', 'json'];
      const { code, out, error } = await run(argv, connectionString);
      expect([code, JSON.parse(out).rows.length, error]).toEqual([0, 3, expect.stringContaining('3 pairs')]);
      const verified = await run(['verify', ...INPUTS, ...source], connectionString);
      expect([verified.code, verified.error]).toEqual([0, expect.stringContaining('4 rows in 2 files of 2 days')]);
      const other = await run(['cat', ...INPUTS, '--source-container', 'azureml-blobstore-2'], connectionString);
      expect(other.code).toBe(4);
      // The container of the target is another option, in the same account.
      const exported = await run(
        ['export', ...INPUTS, ...source, '--container', 'exports/a', '--format', 'jsonl'],
        connectionString,
      );
      expect([exported.code, exported.error]).toEqual([0, expect.stringContaining('4 rows')]);
    } finally {
      await azurite.close();
    }
  });
});

describe('options of JSON Lines', () => {
  const PATH = [...JSON_LINES, '--path', 'a/b'];

  it.each<[string[], string]>([
    [JSON_LINES, 'Give --endpoint, --deployment and --collection, or --path'],
    [[...JSON_LINES, '--endpoint', 'loans'], 'Give --deployment too'],
    [OF_DEPLOYMENT, 'Give --collection too'],
    [[...JSON_LINES, '--deployment', 'blue', '--collection', 'c'], 'Give --endpoint too'],
    [[...PATH, '--collection', 'c'], 'Give --path without --collection'],
    [[...PATH, '--source-container', 'abc'], 'Leave --source-container out: the rows are in a folder'],
    [[...PATH, '--storage', 'https://store.blob.core.windows.net'], 'Give --source-container, the container'],
    [[...PATH, '--storage', CONNECTION], 'Give --source-container, the container'],
    [[...PATH, '--storage', CONNECTION, '--source-container', 'A_B'], 'the name of a container'],
    [[...PATH, '--storage', 'nothing'], '--storage must be'],
    [[...PATH, '--model', 'm'], 'Leave --model out with --layout json-lines'],
    [[...PATH, '--service', 's'], 'Leave --service out with --layout json-lines'],
    [[...PATH, '--model-version', '1'], 'Leave --model-version out with --layout json-lines'],
    [[...PATH, '--designation', 'inputs'], 'Leave --designation out with --layout json-lines'],
    [[...PATH, '--workspace', 'ws'], 'Give --subscription-id too, or leave --workspace out'],
    [[...INPUTS, '--versions'], 'Leave --versions out with --layout json-lines'],
    [['--layout', 'jsonl'], 'json-lines'],
  ])('refuse %j', async (argv, message) => {
    const { code, out, error } = await run(['files', ...argv]);
    expect([code, out, error]).toEqual([2, '', expect.stringContaining(message)]);
    expect(error).not.toContain('c2VjcmV0');
  });

  it.each([
    ['--endpoint', 'loans'],
    ['--deployment', 'blue'],
    ['--collection', 'model_inputs'],
    ['--path', 'a/b'],
    ['--source-container', 'abc'],
  ])('are refused without that layout: %s', async (flag, value) => {
    const names = ['--model', 'm', '--designation', 'inputs'];
    for (const command of [['files'], ['cat'], ['tail'], ['verify'], ['generate', 'duckdb']]) {
      const { code, error } = await run([...command, ...names, flag, value]);
      expect([command, code, error]).toEqual([
        command,
        2,
        `azureml-ts: Give ${flag} only with --layout json-lines. [VALIDATION]\n`,
      ]);
    }
    const joined = await run(['join', ...names, '--with', 'predictions', flag, value]);
    expect([joined.code, joined.error]).toEqual([2, expect.stringContaining(`Give ${flag} only with`)]);
    const purged = await run(['purge', ...names, '--before', '2026-03-05', '--yes', flag, value]);
    expect([purged.code, purged.error]).toEqual([2, expect.stringContaining(`Give ${flag} only with`)]);
    const exported = await run(['export', ...names, '--target', path.join(directory, 'exported'), flag, value]);
    expect([exported.code, exported.error]).toEqual([2, expect.stringContaining(`Give ${flag} only with`)]);
  });

  it('name the workspace when all of it is given', async () => {
    const target = path.join(directory, 'exported');
    const workspace = ['--subscription-id', 'sub', '--resource-group', 'rg', '--workspace', 'ws'];
    const { code } = await run(['export', ...INPUTS, ...workspace, '--target', target, '--format', 'csv']);
    expect(code).toBe(0);
    const manifest = JSON.parse(await readFile(path.join(target, '_manifest.json'), 'utf8'));
    expect(JSON.stringify(manifest.stream)).toContain('"ws"');
  });

  it('are told of where a model is missing', async () => {
    const { code, error } = await run(['cat', '--designation', 'inputs']);
    expect([code, error]).toEqual([2, expect.stringContaining('give --layout json-lines')]);
  });
});
