import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { GENERATE_KINDS, generateFor } from '@azureml-ts/data';
import { main } from '../../../src/index.ts';
import { dataEnvironment, RecordedIo } from '../../recorded-io.ts';

const STREAM = {
  storage: 'https://acct.blob.core.windows.net',
  workspace: { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' },
  webserviceName: 'svc',
  modelName: 'best_model',
  modelVersion: '1',
  designation: 'inputs',
};
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'azureml-ts-data-generate-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function run(argv: readonly string[], storage = STREAM.storage) {
  const io = new RecordedIo(dataEnvironment(storage));
  const names = ['--model', 'best_model', '--designation', 'inputs', '--model-version', '1'];
  const code = await main(['data', 'generate', ...names, ...argv], io);
  return { code, out: io.out, error: io.error };
}

describe('azureml-ts data generate', () => {
  it.each(GENERATE_KINDS)('prints %s, without signing in', async (kind) => {
    const extra = kind === 'lifecycle' ? { deleteAfterDays: 90 } : {};
    const argv = kind === 'lifecycle' ? [kind, '--delete-after-days', '90'] : [kind];
    expect(await run(argv)).toEqual({ code: 0, out: generateFor(kind, { ...STREAM, ...extra }), error: '' });
  });

  it('takes days, types, joins and names', async () => {
    const argv = ['--from', '2026-03-01', '--to', '2026-03-31', '--types', 'age=number,zip=string'];
    const days = { from: '2026-03-01', to: '2026-03-31', types: { age: 'number', zip: 'string' } } as const;
    expect((await run(['pyspark', ...argv, '--join-with', 'labels', '--join-types', 'y=boolean'])).out).toBe(
      generateFor('pyspark', { ...STREAM, ...days, joinWith: 'labels', joinTypes: { y: 'boolean' } }),
    );
    expect((await run(['duckdb', '--no-join-with', '--feature-names', 'a,b', '--layout', 'python-v1'])).out).toBe(
      generateFor('duckdb', { ...STREAM, joinWith: false, featureNames: ['a', 'b'], layout: 'python-v1' }),
    );
    expect((await run(['databricks', '--secret-scope', 'team'])).out).toBe(
      generateFor('databricks', { ...STREAM, secretScope: 'team' }),
    );
    expect(
      (await run(['lifecycle', '--delete-after-days', '90', '--cool-after-days', '7', '--scope', 'model'])).out,
    ).toBe(generateFor('lifecycle', { ...STREAM, deleteAfterDays: 90, coolAfterDays: 7, scope: 'model' }));
  });

  it('writes a file, and never over another one unless it is told to', async () => {
    const file = path.join(folder, 'rows.sql');
    const written = await run(['duckdb', '--out', file]);
    expect(written).toEqual({ code: 0, out: '', error: `azureml-ts: written to ${file}.\n` });
    await expect(readFile(file, 'utf8')).resolves.toBe(generateFor('duckdb', STREAM));

    await writeFile(file, 'mine');
    const refused = await run(['duckdb', '--out', file]);
    expect(refused.code).toBe(2);
    expect(refused.error).toContain('Give another name, or --force. [FILE_EXISTS]');
    await expect(readFile(file, 'utf8')).resolves.toBe('mine');

    expect((await run(['duckdb', '--out', file, '--force'])).code).toBe(0);
    await expect(readFile(file, 'utf8')).resolves.toBe(generateFor('duckdb', STREAM));
  });

  it('looks up which version is the newest', async () => {
    const day = path.join(folder, 'modeldata/sub/rg/ws/svc/best_model/12/inputs/2026/03/01');
    await mkdir(day, { recursive: true });
    await writeFile(path.join(day, 'data.csv'), 'x\n');
    const { code, out } = await run(['pandas', '--model-version', 'newest'], pathToFileURL(folder).href);
    expect(code).toBe(0);
    expect(out).toContain('VERSIONS = ["12"]');
  });

  it.each<[string, string[], RegExp]>([
    ['an unknown kind', ['excel'], /Allowed choices are pyspark, databricks, power-bi, duckdb, pandas, lifecycle/],
    ['types that are none', ['pandas', '--types', 'strings'], /Give NAME=TYPE/],
    ['an unknown type', ['pandas', '--types', 'age=int'], /NAME=TYPE with one of number, string/],
    ['days that are none', ['lifecycle', '--delete-after-days', 'x'], /Give a number of days/],
    ['no days', ['lifecycle'], /deleteAfterDays must be a whole number/],
    ['--force alone', ['pandas', '--force'], /only with --out/],
    ['a folder that is not there', ['pandas', '--out', '/no/such/folder/x.py'], /cannot be written: .*another path/],
  ])('refuses %s with exit code 2', async (_, argv, message) => {
    const { code, out, error } = await run(argv);
    expect([code, out]).toEqual([2, '']);
    expect(error).toMatch(message);
  });
});
