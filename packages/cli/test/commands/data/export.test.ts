import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { openContainer } from '@azureml-ts/monitoring/format';
import { type Azurite, startAzurite } from '@azureml-ts/testing';
import { main } from '../../../src/index.ts';
import { dataEnvironment, RecordedIo } from '../../recorded-io.ts';

const ROOT = 'sub/rg/ws/svc/best_model/1/inputs';
const CALL = '$aml_dc_correlation_id,$aml_dc_user_correlation_id,$aml_dc_scoring_timestamp,$aml_request_id';
let directory: string;
let target: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'azureml-ts-data-export-'));
  target = path.join(directory, 'target');
  await writeDay('04', ['1,a', '2,b']);
  await writeDay('05', ['3,c']);
});
afterEach(() => rm(directory, { recursive: true }));

function contentOf(day: string, rows: readonly string[]): string {
  const lines = rows.map((row, at) => `${row},w-${at + 1},,2026-03-${day}T00:00:00.000Z,`);
  return `${[`n,s,${CALL}`, ...lines].join('\n')}\n`;
}

async function writeDay(day: string, rows: readonly string[]): Promise<void> {
  const file = path.join(directory, 'modeldata', ROOT, `2026/03/${day}/data.csv`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, contentOf(day, rows));
}

async function run(argv: readonly string[], io = recordedIo()) {
  const names = ['--model', 'best_model', '--model-version', '1', '--designation', 'inputs'];
  const code = await main(['data', 'export', ...names, ...argv], io);
  return { code, out: io.out, error: io.error };
}

function recordedIo(storage = pathToFileURL(directory).href): RecordedIo {
  return new RecordedIo(dataEnvironment(storage));
}

describe('azureml-ts data export', () => {
  it('writes Parquet by day, and says what it has written and kept', async () => {
    const first = await run(['--target', target]);
    expect(first.code).toBe(0);
    expect(first.out).toMatch(
      /^days +outcome +rows +badRecords +bytes +path\n2026-03-04 +written +2 +0 +\d+ +year=2026\/month=03\/day=04\/part-0\.parquet\n/,
    );
    expect(first.error).toBe(`azureml-ts: 2 written, 0 kept, 3 rows in directory ${target}.\n`);
    await writeDay('05', ['3,c', '4,d']);
    const second = await run(['--target', target, '--output', 'json']);
    const { schemaVersion, written, kept, widened, manifest } = JSON.parse(second.out);
    expect({ schemaVersion, written, kept, widened }).toEqual({ schemaVersion: 1, written: 1, kept: 1, widened: [] });
    expect(manifest).toEqual(JSON.parse(await readFile(path.join(target, '_manifest.json'), 'utf8')));
    expect((await run(['--target', target])).out).toMatch(/2026-03-04 +kept/);
  });

  it('writes other formats, partitions, columns and types', async () => {
    const argv = [
      '--target',
      target,
      '--format',
      'jsonl',
      '--partition',
      'month',
      '--columns',
      'n',
      '--types',
      'n=string',
    ];
    expect((await run(argv)).code).toBe(0);
    const text = await readFile(path.join(target, 'year=2026/month=03/part-0.jsonl'), 'utf8');
    expect(text.split('\n')[0]).toMatch(/^\{"n":"1","\$aml_dc_correlation_id":"w-1",/);
    expect(text.trimEnd().split('\n')).toHaveLength(3);
  });

  it('tells on standard error that a column became wider, and on a terminal how far it is', async () => {
    await writeDay('05', [...Array.from({ length: 6000 }, (_, at) => `${at},c`), 'x,c']);
    const io = recordedIo();
    Object.assign(io, { isErrorTerminal: true });
    const { code, error } = await run(['--target', target], io);
    expect(code).toBe(0);
    expect(error).toContain('azureml-ts: n: string now, by a later cell: what was written is written again.\n');
    expect(error).toContain('year=2026/month=03/day=04: written (1 of 2, 2 rows)\n');
  });

  it('ends with the place of a bad record, or counts it when asked', async () => {
    await writeDay('05', ['3,c', '4']);
    const failed = await run(['--target', target]);
    expect(failed.code).toBe(5);
    expect(failed.error).toContain('[CSV_BAD_RECORD]');
    expect((await readdir(target)).sort()).toEqual(['_manifest.json', 'year=2026']);
    const skipped = await run(['--target', target, '--skip-bad-records']);
    expect(skipped.code).toBe(0);
    expect(skipped.error).toContain('3 rows in');
    expect(skipped.error).toContain('Bad records that were left out: 1.');
  });

  it('writes closed days again', async () => {
    const { code, out } = await run(['--target', target, '--closed-days', '--output', 'json']);
    expect(code).toBe(0);
    const { schemaVersion, days } = JSON.parse(out);
    expect(schemaVersion).toBe(1);
    expect(days.map(({ day, outcome }: { day: string; outcome: string }) => [day, outcome])).toEqual([
      ['2026-03-04', 'written'],
      ['2026-03-05', 'written'],
    ]);
    expect(await readFile(path.join(target, ROOT, '2026/03/04/data.csv'), 'utf8')).toBe(
      contentOf('04', ['1,a', '2,b']),
    );
    expect((await run(['--target', target, '--closed-days'])).out).toMatch(/2026-03-04 +1 +kept +1 +\d+ +0/);
  });

  it.each<[string, string[]]>([
    ['--target', []],
    ['--target', ['--target', 'x', '--container', 'y']],
    ['--in-place', ['--target', 'x', '--in-place']],
    ['--in-place', ['--target', 'x', '--closed-days', '--in-place']],
    ['--format', ['--target', 'x', '--closed-days', '--format', 'csv']],
    ['--skip-bad-records', ['--target', 'x', '--closed-days', '--skip-bad-records']],
    ['--container', ['--container', 'abc']],
    ['NAME=TYPE', ['--target', 'x', '--types', 'n=decimal']],
    ['--partition', ['--target', 'x', '--partition', 'hour']],
    ['compression', ['--target', 'x', '--format', 'csv', '--compression', 'zstd']],
  ])('refuses wrong options, naming %s', async (name, argv) => {
    const { code, error, out } = await run(argv);
    expect([code, out]).toEqual([2, '']);
    expect(error).toContain(name);
  });

  it('refuses to mix with what was written with other options', async () => {
    await run(['--target', target]);
    const { code, error } = await run(['--target', target, '--format', 'csv']);
    expect(code).toBe(2);
    expect(error).toContain('[EXPORT_DIFFERS]');
  });

  it('names what is not there with exit code 4', async () => {
    await rm(path.join(directory, 'modeldata'), { recursive: true });
    expect(await run(['--target', target])).toMatchObject({
      code: 4,
      error: expect.stringContaining('[COLLECTED_DATA_NOT_FOUND]'),
    });
  });

  it('ends with 130 when it is interrupted', async () => {
    const io = recordedIo();
    io.abortSignal = AbortSignal.abort(new Error('Interrupted'));
    expect((await run(['--target', target], io)).code).toBe(130);
  });
});

describe('azureml-ts data export, in an account', () => {
  let azurite: Azurite;

  beforeAll(async () => {
    azurite = await startAzurite();
  });
  afterAll(() => azurite?.close());

  it('writes to another container of it, and exchanges blobs in place', async () => {
    const { connectionString } = azurite;
    const container = await openContainer({ connectionString });
    const exports = await openContainer({ connectionString }, {}, 'exports');
    await container.createIfNotExists();
    const blob = container.getAppendBlobClient(`${ROOT}/2026/03/04/data.csv`);
    await blob.create();
    const content = contentOf('04', ['1,a']);
    await blob.appendBlock(content, content.length);
    const io = () => recordedIo(azurite.connectionString);
    const exported = await run(['--container', 'exports/inputs'], io());
    expect(exported.code).toBe(0);
    const parquet = exports.getBlobClient('inputs/year=2026/month=03/day=04/part-0.parquet');
    expect(await parquet.exists()).toBe(true);
    expect((await run(['--closed-days', '--in-place'], io())).out).toMatch(/2026-03-04 +1 +written/);
    const { blobType } = await blob.getProperties();
    expect(blobType).toBe('BlockBlob');
    expect(`${exported.out}${exported.error}`).not.toContain('AccountKey');
  });
});
