import { pathToFileURL } from 'node:url';
import { CollectedData } from '../../src/index.ts';
import { all, ROOT, stream, temporaryFolder, writeFiles } from '../support/stream.ts';

async function pathsOf(directory: string, range: { from?: string; to?: string } = {}): Promise<string[]> {
  const data = await CollectedData.open({ ...stream, storage: { directory }, ...range });
  return (await all(data.files())).map((file) => file.path.slice(ROOT.length + 1));
}

describe('files()', () => {
  it('come by day, and within a day data.csv first and numbered parts by number', async () => {
    const directory = await temporaryFolder();
    const names = [
      '2025/12/31/data.csv',
      '2026/01/02/data.csv',
      '2026/01/02/data-2.csv',
      '2026/01/02/data-10.csv',
      '2026/01/02/data-0a1b2c3d.csv',
      '2026/01/02/data-rpod7-2.csv',
      '2026/1/3/data.csv',
      '2026/01/4/data.csv',
      '2026/1/05/data.csv',
    ];
    await writeFiles(directory, Object.fromEntries(names.toReversed().map((name) => [`${ROOT}/${name}`, 'x'])));
    expect(await pathsOf(directory)).toEqual(names);
    expect(await pathsOf(directory, { from: '2026-01-02', to: '2026-01-05' })).toEqual(names.slice(1));
    expect(await pathsOf(directory, { from: '2025-12-31', to: '2026-02-20' })).toEqual(names);
    expect(await pathsOf(directory, { from: '2026-01-04' })).toEqual(names.slice(7));
    expect(await pathsOf(directory, { from: '2025-01-01', to: '2026-01-01' })).toEqual(names.slice(0, 1));
  });

  it('leave out what holds no collected rows', async () => {
    const directory = await temporaryFolder();
    await writeFiles(directory, {
      [`${ROOT}/2026/01/02/data.csv`]: 'abc',
      [`${ROOT}/2026/01/02/aml_telemetry.csv`]: 'x',
      [`${ROOT}/2026/01/02/data.csv.5d1c.tmp`]: 'x',
      [`${ROOT}/2026/01/02/notes.txt`]: 'x',
      [`${ROOT}/2026/01/02/03/data.csv`]: 'x',
      [`${ROOT}/2026/13/02/data.csv`]: 'x',
      [`${ROOT}-old/2026/01/02/data.csv`]: 'x',
    });
    const data = await CollectedData.open({ ...stream, storage: pathToFileURL(directory).href });
    expect(await all(data.files())).toEqual([
      {
        path: `${ROOT}/2026/01/02/data.csv`,
        etag: expect.any(String),
        day: '2026-01-02',
        fileName: 'data.csv',
        size: 3,
        layout: 'documented',
        modelVersion: '1',
        url: pathToFileURL(`${directory}/modeldata/${ROOT}/2026/01/02/data.csv`).href,
      },
    ]);
  });

  it('say what is there instead when the stream is not', async () => {
    const directory = await temporaryFolder();
    await writeFiles(directory, {
      [`${ROOT}/2026/01/02/data.csv`]: 'x',
      [`${ROOT.replace('/1/', '/2/')}/2026/01/02/data.csv`]: 'x',
    });
    const storage = { directory };
    const failure = async (options: object) =>
      all((await CollectedData.open({ ...stream, storage, ...options })).files()).catch((error) => error);
    expect(await failure({ modelVersion: 3 })).toMatchObject({
      code: 'COLLECTED_DATA_NOT_FOUND',
      details: { option: 'modelVersion', found: ['1', '2'] },
      message: expect.stringContaining('In "sub/rg/ws/svc/best_model/" there are: 1, 2; not "3". Check modelVersion'),
    });
    expect((await failure({ designation: 'Inputs' })).message).toContain('there are: inputs; not "Inputs"');
    expect((await failure({ webserviceName: 'other', modelName: 'm' })).message).toContain('Check webserviceName');
    expect((await failure({ workspace: { ...stream.workspace, subscriptionId: 'S' } })).message).toContain(
      'there are: sub; not "S"',
    );
    expect(await failure({ storage: { directory: `${directory}/none` } })).toMatchObject({
      code: 'COLLECTED_DATA_NOT_FOUND',
      message: expect.stringMatching(/modeldata does not exist.*AML_MODEL_DC_STORAGE_ENABLED=true/),
    });
  });

  it('are none when the stream has no files in the range', async () => {
    const directory = await temporaryFolder();
    await writeFiles(directory, { [`${ROOT}/2026/01/02/data.csv`]: 'x' });
    expect(await pathsOf(directory, { from: '2026-01-03', to: '2026-01-04' })).toEqual([]);
  });
});

describe('CollectedData.open', () => {
  it('names the option that is wrong', async () => {
    const storage = { directory: '/nowhere' };
    await expect(CollectedData.open({ ...stream, storage, modelName: 'a/b' })).rejects.toThrow(
      /modelName must be free/,
    );
    await expect(CollectedData.open({ ...stream, storage, designation: '..' })).rejects.toThrow(/designation/);
    await expect(CollectedData.open({ ...stream, storage, workspace: undefined as never })).rejects.toThrow(
      /workspace.subscriptionId must be/,
    );
    await expect(CollectedData.open({ ...stream, storage, from: '1.2.2026' })).rejects.toThrow(/from must be/);
  });

  it('takes its storage from the environment, and never repeats a setting it cannot read', async () => {
    const before = process.env['AML_MODEL_DC_STORAGE'];
    try {
      delete process.env['AML_MODEL_DC_STORAGE'];
      await expect(CollectedData.open(stream)).rejects.toMatchObject({ code: 'STORAGE_NOT_CONFIGURED' });
      process.env['AML_MODEL_DC_STORAGE'] = 'AccountKey=topsecret';
      const failure = await CollectedData.open(stream).catch((error: Error) => error.message);
      expect(failure).toContain('AML_MODEL_DC_STORAGE must be');
      expect(failure).not.toContain('topsecret');
      const directory = await temporaryFolder();
      await writeFiles(directory, { [`${ROOT}/2026/01/02/data.csv`]: 'x' });
      process.env['AML_MODEL_DC_STORAGE'] = pathToFileURL(directory).href;
      expect(await all((await CollectedData.open(stream)).files())).toHaveLength(1);
    } finally {
      if (before === undefined) {
        delete process.env['AML_MODEL_DC_STORAGE'];
      } else {
        process.env['AML_MODEL_DC_STORAGE'] = before;
      }
    }
    await expect(CollectedData.open({ ...stream, storage: {} as never })).rejects.toThrow(/storage must be a text/);
  });
});
