import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { systemClock } from '@azureml-ts/common';
import { ModelDataCollector } from '@azureml-ts/monitoring';
import { startAzurite, startBlobFaultProxy } from '@azureml-ts/testing';
import { main } from '../../../src/index.ts';
import { dataEnvironment, RecordedIo } from '../../recorded-io.ts';

const INPUTS = 'sub/rg/ws/svc/best_model/1/inputs';
const TODAY = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'azureml-ts-data-purge-'));
  const files = {
    '2026/01/01/data.csv': 'abc',
    '2026/01/01/_ledger.jsonl': '{}',
    '2026/01/02/data.csv': 'abcd',
    [`${TODAY}/data.csv`]: 'live',
  };
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(directory, 'modeldata', INPUTS, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
});
afterEach(() => rm(directory, { recursive: true }));

function ioFor(storage: string = pathToFileURL(directory).href): RecordedIo {
  return new RecordedIo(dataEnvironment(storage));
}

async function run(argv: readonly string[], io = ioFor()) {
  const names = ['--model', 'best_model', '--model-version', '1', '--designation', 'inputs'];
  const code = await main(['data', 'purge', ...names, ...argv], io);
  return { code, out: io.out, error: io.error };
}

async function left(): Promise<string[]> {
  const entries = await readdir(path.join(directory, 'modeldata', INPUTS), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(path.join(directory, 'modeldata', INPUTS), path.join(entry.parentPath, entry.name)))
    .sort();
}

const ALL = ['2026/01/01/_ledger.jsonl', '2026/01/01/data.csv', '2026/01/02/data.csv', `${TODAY}/data.csv`];

describe('azureml-ts data purge', () => {
  it('removes the days before a day with --yes', async () => {
    const { code, out, error } = await run(['--before', '2026-01-02', '--yes']);
    expect([code, out, error]).toEqual([0, 'Removed 2 files, 5 bytes.\n', '']);
    expect(await left()).toEqual(ALL.slice(2));
  });

  it('leaves rows of other layouts alone, and what tells of them', async () => {
    const theirs = path.join(directory, 'modeldata', INPUTS, '2026/01/01/inputs.csv');
    await writeFile(theirs, 'x');
    await writeFile(path.join(path.dirname(theirs), 'aml_telemetry.csv'), 'y');
    expect((await run(['--before', '2026-01-02', '--layout', 'python-v1', '--yes'])).out).toBe(
      'Removed 2 files, 2 bytes.\n',
    );
    expect(await left()).toEqual(ALL);
    expect((await run(['--before', '2026-01-02', '--layout', 'documented', '--yes'])).code).toBe(0);
    expect(await left()).toEqual(ALL.slice(2));
  });

  it('removes nothing in a dry run, and lists what would go', async () => {
    const { code, out, error } = await run(['--from', '2026-01-01', '--dry-run']);
    expect(code).toBe(0);
    expect(out).toBe(
      [
        'day         kind    size  path',
        `2026-01-01  ledger     2  ${INPUTS}/2026/01/01/_ledger.jsonl`,
        `2026-01-01  data       3  ${INPUTS}/2026/01/01/data.csv`,
        `2026-01-02  data       4  ${INPUTS}/2026/01/02/data.csv`,
        '',
      ].join('\n'),
    );
    expect(error).toContain('would remove 3 files, 9 bytes. 1 file of today or later is left alone');
    expect(await left()).toEqual(ALL);
  });

  it('removes files of today only when that is asked for', async () => {
    expect((await run(['--from', '2026-01-01', '--yes', '--include-today'])).code).toBe(0);
    expect(await left()).toEqual([]);
  });

  it('tells what was removed as JSON', async () => {
    const { out } = await run(['--to', '2026-01-01', '--yes', '--output', 'json']);
    expect(JSON.parse(out)).toEqual({
      schemaVersion: 1,
      isDryRun: false,
      files: [
        { path: `${INPUTS}/2026/01/01/_ledger.jsonl`, day: '2026-01-01', kind: 'ledger', size: 2 },
        { path: `${INPUTS}/2026/01/01/data.csv`, day: '2026-01-01', kind: 'data', size: 3 },
      ],
      bytes: 5,
      firstDay: '2026-01-01',
      lastDay: '2026-01-01',
      keptOfToday: 0,
      removed: 2,
      removedBytes: 5,
      missing: 0,
      failed: [],
    });
    expect(JSON.parse((await run(['--to', '2026-01-01', '--dry-run', '--output', 'json'])).out)).toMatchObject({
      isDryRun: true,
      files: [],
      firstDay: null,
    });
  });

  it.each([
    ['yes', 0],
    ['', 1],
  ])('shows the days and asks on a terminal; the answer %j ends with %d', async (answer, code) => {
    const io = ioFor();
    let asked = '';
    io.ask = async (question) => {
      asked = question;
      return answer;
    };
    expect((await run(['--before', '2026-01-03'], io)).code).toBe(code);
    expect(asked).toBe('Remove 3 files, 9 bytes, of 2026-01-01 to 2026-01-02, for good? [y/N] ');
    expect(io.error).toContain('day         files  bytes\n2026-01-01      2      5\n2026-01-02      1      4\n');
    expect(await left()).toEqual(code === 0 ? ALL.slice(3) : ALL);
  });

  it('does not ask when there is nothing to remove', async () => {
    const io = ioFor();
    io.ask = () => Promise.reject(new Error('was asked'));
    expect(await run(['--before', '2020-01-01'], io)).toMatchObject({ code: 0, out: 'Removed 0 files, 0 bytes.\n' });
  });

  it.each([
    [['--yes'], 'Say which days to purge'],
    [['--before', '2026-01-02'], 'Nobody can be asked here'],
    [['--before', '2026-01-02', '--to', '2026-01-01', '--yes'], 'cannot be used with'],
    [['--before', 'yesterday', '--yes'], 'Give a UTC day'],
  ])('refuses %j', async (argv, message) => {
    const { code, error } = await run(argv);
    expect(code).toBe(2);
    expect(error).toContain(message);
    expect(await left()).toEqual(ALL);
  });

  it('ends with the code of the first failure, after it has removed the rest', async () => {
    const azurite = await startAzurite();
    const faults = await startBlobFaultProxy({ target: azurite.connectionString });
    try {
      for (const day of ['01', '02']) {
        const collector = new ModelDataCollector('best_model', {
          workspace: { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' },
          webserviceName: 'svc',
          modelVersion: '1',
          designation: 'inputs',
          storage: { connectionString: azurite.connectionString },
          enabled: true,
          journal: false,
          clock: { ...systemClock, now: () => Date.parse(`2026-01-${day}T12:00:00Z`) },
        });
        collector.collect([[1]]);
        await collector.close();
      }
      const errorCode = 'AuthorizationPermissionMismatch';
      faults.inject({ kind: 'answer', status: 403, errorCode, method: 'DELETE', path: '/01/data.csv' });
      const { code, out, error } = await run(['--before', '2026-02-01', '--yes'], ioFor(faults.connectionString));
      expect(code).toBe(3);
      expect(out).toMatch(/^Removed 3 files, \d+ bytes\.\n$/);
      expect(error).toMatch(/1 of 4 files could not be removed\. The first: .*\[PURGE_INCOMPLETE\]/s);
    } finally {
      await faults.close();
      await azurite.close();
    }
  });
});
