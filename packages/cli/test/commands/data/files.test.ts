import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { main } from '../../../src/index.ts';
import { dataEnvironment, RecordedIo } from '../../recorded-io.ts';

const MODEL = 'sub/rg/ws/svc/best_model';
const NAMES = ['--model', 'best_model', '--designation', 'inputs'];
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'azureml-ts-data-files-'));
  const files = {
    '1/inputs/2026/01/02/data.csv': 'abc',
    '1/inputs/2026/01/02/inputs.csv': 'abcd',
    '1/inputs/2026/01/02/aml_telemetry.csv': 'x',
    '1/inputs/2026/01/03/07/inputs.csv': 'ab',
    '1/inputs/2026/01/03/data-rpod1-2.csv': 'a',
    '10/inputs/2026/01/03/data.csv': 'abcdef',
    '10/predictions/2026/01/03/data.csv': 'abcdef',
  };
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(directory, 'modeldata', MODEL, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
});
afterAll(() => rm(directory, { recursive: true }));

async function run(...argv: string[]) {
  const io = new RecordedIo(dataEnvironment(pathToFileURL(directory).href));
  const code = await main(['data', 'files', ...NAMES, ...argv], io);
  return { code, out: io.out, error: io.error };
}

describe('azureml-ts data files', () => {
  it('lists the files of a version as a table, with totals beside it', async () => {
    const { code, out, error } = await run('--model-version', '1');
    expect(code).toBe(0);
    expect(out).toBe(
      [
        'day         version  layout      size  path',
        `2026-01-02  1        documented     3  ${MODEL}/1/inputs/2026/01/02/data.csv`,
        `2026-01-02  1        python-v1      4  ${MODEL}/1/inputs/2026/01/02/inputs.csv`,
        `2026-01-03  1        documented     1  ${MODEL}/1/inputs/2026/01/03/data-rpod1-2.csv`,
        `2026-01-03  1        python-v1      2  ${MODEL}/1/inputs/2026/01/03/07/inputs.csv`,
        '',
      ].join('\n'),
    );
    expect(error).toBe('azureml-ts: 4 files of 2 days, 10 bytes.\n');
  });

  it('lists the files of a range and of the newest version as JSON', async () => {
    const { code, out } = await run('--model-version', 'newest', '--from', '2026-01-03', '--output', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      schemaVersion: 1,
      files: [
        {
          path: `${MODEL}/10/inputs/2026/01/03/data.csv`,
          day: '2026-01-03',
          hour: null,
          size: 6,
          layout: 'documented',
          modelVersion: '10',
          collectionName: null,
          schema: null,
          part: null,
          instance: null,
          url: expect.stringMatching(/^file:.*data\.csv$/),
        },
      ],
      totals: { files: 1, days: 1, bytes: 6 },
    });
    expect(JSON.parse((await run('--model-version', 'all', '--output', 'json')).out).totals.files).toBe(5);
  });

  it('lists the versions of the model', async () => {
    expect(await run('--versions')).toMatchObject({ code: 0, out: 'version\n1\n10\n', error: '' });
    const { out } = await run('--versions', '--output', 'json');
    expect(JSON.parse(out)).toEqual({ schemaVersion: 1, versions: ['1', '10'] });
  });

  it('says that there is nothing, and what is there instead', async () => {
    const none = await run('--model-version', '1', '--from', '2027-01-01');
    expect(none).toMatchObject({ code: 0, out: '', error: expect.stringContaining('no files there') });
    const missing = await run();
    expect(missing.code).toBe(4);
    expect(missing.error).toContain('there are: 1, 10; not "default". Check modelVersion');
  });

  it('ends well when its reader has seen enough', async () => {
    const io = new RecordedIo({ AML_MODEL_DC_STORAGE: pathToFileURL(directory).href });
    io.writeOut = () => Promise.reject(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    const place = ['--subscription-id', 'sub', '--resource-group', 'rg', '--workspace', 'ws', '--service', 'svc'];
    expect(await main(['data', 'files', ...NAMES, ...place, '--model-version', '1'], io)).toBe(0);
    expect(io.error).toBe('');
  });
});
