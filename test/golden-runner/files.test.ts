import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runConfigFiles } from './config-runner.ts';
import { fakeLibrary } from './fake-library.ts';
import { jsonDifferences, timeOf } from './json-differences.ts';
import { camelCase, optionsOf } from './python-names.ts';
import { runRecordings } from './recordings.ts';
import { runValidation } from './validation-runner.ts';
import { reportLines, totalLines } from './verdict.ts';

describe('a folder of recordings', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'recordings-'));
  });

  afterEach(() => rm(root, { recursive: true }));

  const write = async (path: string, content: unknown) => {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  };
  const run = async () => {
    const reports = await runRecordings(fakeLibrary(), root, join(root, 'none.json'), () => undefined);
    const { lines: totals, failed } = totalLines(reports);
    return { lines: reports.flatMap(reportLines), totals, failed };
  };

  it('tells which folders have no runner yet, and that nothing was run', async () => {
    await write('drift/golden.json', []);
    await write('drift/README.md', '# drift');

    const { lines, totals, failed } = await run();
    expect(lines).toEqual(['not run   drift 1 files: there is no runner for them yet']);
    expect(totals).toEqual([
      'failed    no recording was run',
      '0 equal, 0 explained by rules, 1 not run',
      '0 passed, 1 failed',
    ]);
    expect(failed).toBe(1);
  });

  it('fails for files that it does not know beside those that it does, and for files that are no JSON', async () => {
    await write('v/from-config.json', '[');
    await write('v/more.json', []);

    expect((await run()).lines).toEqual([
      'failed    v/from-config.json the file',
      expect.stringContaining('cannot be read'),
      'failed    v more.json',
      '          is a file that this runner does not know',
    ]);
  });

  it('plays files that stand in the folder itself', async () => {
    await write('requests.json', { peer: 'p', placeholders: {}, scenarios: {} });
    await write('from-config.json', [
      { case: 'a', files: {}, path: 'a', kwargs: {}, found: ['s', 'r', 'w'], error: null },
    ]);

    expect(await run()).toMatchObject({ failed: 0, totals: [expect.anything(), '1 passed, 0 failed'] });
  });
});

describe('a case of validation.json', () => {
  const run = async (entry: object) => (await runValidation(fakeLibrary(), [entry], { scenarios: {} }))[0];

  it('is equal when both take a name, or both refuse it', async () => {
    const error = { type: 'WebserviceException', message: 'Error, provided service name is invalid.' };
    expect(await run({ kind: 'service_name', args: { name: 'abc' }, error: null })).toMatchObject({ outcome: 'equal' });
    expect(await run({ kind: 'service_name', args: { name: 'a' }, error })).toMatchObject({ outcome: 'equal' });
    expect(await run({ kind: 'service_name', args: { name: 'a' }, error: null })).toMatchObject({ outcome: 'failed' });
    expect(await run({ kind: 'service_name', args: { name: 'abc' }, error })).toMatchObject({ outcome: 'failed' });
  });

  it.each([
    [{ kind: 'aml.deploy_configuration', args: {}, error: null }, /does not know: aml/],
    [{ kind: 'service_name', args: {}, error: null, more: 1 }, /keys .* more/],
    [{ kind: 'service_name', args: {} }, /lacks error/],
  ])('fails when it cannot be read: %j', async (entry, line) => {
    expect(await run(entry)).toMatchObject({ outcome: 'failed', lines: [expect.stringMatching(line)] });
  });
});

describe('a case of from-config.json', () => {
  it('fails when another workspace is found, and for arguments that are not known', async () => {
    const base = { case: 'a', files: {}, path: 'a', kwargs: {}, found: ['x', 'r', 'w'], error: null };
    const verdicts = await runConfigFiles(fakeLibrary(), [base, { ...base, kwargs: { auth: 1 } }]);

    expect(verdicts.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
    expect(verdicts[1]?.lines[0]).toContain('auth');
  });
});

describe('the comparison of JSON', () => {
  it('does not care for the order of keys, and tells each place', () => {
    expect(jsonDifferences({ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 })).toEqual([]);
    expect(jsonDifferences({ a: 1, b: [1, 2] }, { a: null, b: [1] })).toEqual([
      { path: ['a'], recorded: 1, ours: null },
      { path: ['b', '1'], recorded: 2, ours: undefined },
    ]);
  });

  it('cares for the order of the steps of a JSON Patch', () => {
    const [a, b] = ['/a', '/b'].map((path) => ({ op: 'replace', path, value: 1 }));
    expect(jsonDifferences([a, b], [b, a])).toEqual([{ path: ['order'], recorded: ['/a', '/b'], ours: ['/b', '/a'] }]);
  });

  it('takes a Date for what Python prints, to the millisecond', () => {
    const date = new Date('2021-10-21T10:00:00.123Z');
    for (const text of [
      'datetime.datetime(2021, 10, 21, 10, 0, 0, 123456, tzinfo=tzlocal())',
      '2021-10-21 10:00:00.123456+00:00',
      '2021-10-21T10:00:00.123Z',
    ]) {
      expect(jsonDifferences(text, date)).toEqual([]);
    }
    expect(timeOf('nonsense')).toBeUndefined();
  });
});

describe('names of Python', () => {
  it('become ours, None becomes left out, and values of the caller stay', () => {
    expect(camelCase('enable_app_insights')).toBe('enableAppInsights');
    expect(
      optionsOf({
        memory_gb: null,
        tags: { a_b: 1 },
        models: [{ id: 'm:1', model_framework: 'Onnx' }],
        image: { id: 'i' },
      }),
    ).toEqual({ memoryGb: undefined, tags: { a_b: 1 }, models: [{ id: 'm:1', modelFramework: 'Onnx' }], imageId: 'i' });
  });
});
