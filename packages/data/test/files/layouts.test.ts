import { link, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { type Azurite, startAzurite } from '@azureml-ts/testing';
import { CollectedData, type CollectedDataOptions } from '../../src/index.ts';
import { all, ROOT, stream, temporaryFolder, writeFiles } from '../support/stream.ts';

const UPPER = { subscriptionId: 'SUB', resourceGroup: 'Rg', workspaceName: 'ws' };
const UPPER_ROOT = ROOT.replace('sub/rg', 'SUB/Rg');

async function filesOf(directory: string, options: Partial<CollectedDataOptions> = {}) {
  return all((await CollectedData.open({ ...stream, storage: { directory }, ...options })).files());
}

async function namesOf(directory: string, options: Partial<CollectedDataOptions> = {}): Promise<string[]> {
  return (await filesOf(directory, options)).map((file) => file.path);
}

describe('files of the Python package', () => {
  it('are found with ours, by day, hour and name', async () => {
    const directory = await temporaryFolder();
    const names = [
      `${ROOT}/2020/05/01/inputs.csv`,
      `${ROOT}/2020/05/02/data.csv`,
      `${ROOT}/2020/05/02/inputs.csv`,
      `${ROOT}/2020/05/02/03/inputs.csv`,
      `${ROOT}/2020/05/02/21/inputs.csv`,
      `${ROOT}/2020/05/03/data.csv`,
    ];
    await writeFiles(directory, Object.fromEntries(names.toReversed().map((name) => [name, 'x'])));
    expect(await namesOf(directory)).toEqual(names);
    expect((await filesOf(directory)).slice(1, 4)).toEqual([
      expect.objectContaining({ layout: 'documented', modelVersion: '1', day: '2020-05-02' }),
      expect.objectContaining({ layout: 'python-v1', modelVersion: '1', day: '2020-05-02', hour: undefined }),
      expect.objectContaining({ layout: 'python-v1', day: '2020-05-02', hour: '03', fileName: 'inputs.csv' }),
    ]);
    expect(await namesOf(directory, { layout: 'documented' })).toEqual([names[1], names[5]]);
    expect(await namesOf(directory, { layout: 'python-v1' })).toEqual([names[0], ...names.slice(2, 5)]);
    expect(await namesOf(directory, { from: '2020-05-02', to: '2020-05-02' })).toEqual(names.slice(1, 5));
  });

  it('have any name for signals and general', async () => {
    const directory = await temporaryFolder();
    const root = ROOT.replace('inputs', 'signals');
    await writeFiles(directory, {
      [`${root}/2020/05/01/default.csv`]: 'x',
      [`${root}/2020/05/01/my signals.csv`]: 'x',
      [`${root}/2020/05/01/data.csv`]: 'x',
    });
    const signals = { designation: 'signals' };
    expect((await filesOf(directory, signals)).map(({ layout, collectionName }) => [layout, collectionName])).toEqual([
      ['documented', undefined],
      ['python-v1', 'default'],
      ['python-v1', 'my signals'],
    ]);
    expect(await namesOf(directory, { ...signals, layout: 'python-v1' })).toHaveLength(3);
  });

  it('are never telemetry, ledgers, locks and drafts', async () => {
    const directory = await temporaryFolder();
    await writeFiles(directory, {
      [`${ROOT}/2020/05/01/inputs.csv`]: 'x',
      [`${ROOT}/2020/05/01/aml_telemetry.csv`]: 'x',
      [`${ROOT}/2020/05/01/07/aml_telemetry.csv`]: 'x',
      [`${ROOT}/2020/05/01/_ledger.jsonl`]: 'x',
      [`${ROOT}/2020/05/01/data.csv.lock`]: 'x',
      [`${ROOT}/2020/05/01/data.csv.lock-8a2e`]: 'x',
      [`${ROOT}/2020/05/01/.a1b2.tmp`]: 'x',
      [`${ROOT}/2020/05/01/predictions.csv`]: 'x',
    });
    expect(await namesOf(directory)).toEqual([`${ROOT}/2020/05/01/inputs.csv`]);
  });

  it('are found below the workspace in lower case, where that package puts them', async () => {
    const directory = await temporaryFolder();
    await writeFiles(directory, {
      [`${UPPER_ROOT}/2020/05/01/data.csv`]: 'ours',
      [`${ROOT}/2020/05/01/inputs.csv`]: 'theirs',
      // Ours are where they were told to be: this one belongs to a workspace that is written otherwise.
      [`${ROOT}/2020/05/01/data.csv`]: 'of another',
    });
    const options = { workspace: UPPER };
    expect(await namesOf(directory, options)).toEqual([
      `${UPPER_ROOT}/2020/05/01/data.csv`,
      `${ROOT}/2020/05/01/inputs.csv`,
    ]);
    expect(await namesOf(directory, { ...options, layout: 'python-v1' })).toEqual([`${ROOT}/2020/05/01/inputs.csv`]);
    expect(await namesOf(directory, { ...options, layout: 'documented' })).toEqual([
      `${UPPER_ROOT}/2020/05/01/data.csv`,
    ]);
  });

  it('are found once where both spellings of the workspace lead to one file', async () => {
    const directory = await temporaryFolder();
    await writeFiles(directory, { [`${UPPER_ROOT}/2020/05/01/inputs.csv`]: 'x' });
    // A file system that takes both for one name, as far as one can tell from here.
    const other = path.join(directory, 'modeldata', ROOT, '2020/05/01');
    await mkdir(other, { recursive: true });
    await link(path.join(directory, 'modeldata', UPPER_ROOT, '2020/05/01/inputs.csv'), path.join(other, 'inputs.csv'));
    expect(await namesOf(directory, { workspace: UPPER })).toHaveLength(1);
  });

  it('are told of when none are there, from where the path leads furthest', async () => {
    const directory = await temporaryFolder();
    await writeFiles(directory, {
      [`${ROOT}/2020/05/01/inputs.csv`]: 'x',
      'SUB/other/ws/svc/best_model/1/inputs/2020/05/01/data.csv': 'x',
    });
    const failure = await filesOf(directory, { workspace: UPPER, modelVersion: '4' }).catch((error) => error);
    expect(failure).toMatchObject({
      code: 'COLLECTED_DATA_NOT_FOUND',
      message: expect.stringContaining('In "sub/rg/ws/svc/best_model/" there are: 1; not "4". Check modelVersion'),
    });
  });
});

describe('versions of the model', () => {
  const file = (version: string, day: string, designation = 'inputs') =>
    `sub/rg/ws/svc/best_model/${version}/${designation}/${day}/data.csv`;

  async function folderOf(...names: string[]): Promise<string> {
    const directory = await temporaryFolder();
    await writeFiles(directory, Object.fromEntries(names.map((name) => [name, 'x'])));
    return directory;
  }

  const versionsOf = async (directory: string, options: Partial<CollectedDataOptions>) =>
    (await filesOf(directory, options)).map(({ modelVersion }) => modelVersion);

  it('may be all, several or one', async () => {
    const directory = await folderOf(
      file('10', '2026/01/01'),
      file('9', '2026/01/01'),
      file('2', '2026/01/02'),
      file('beta', '2025/12/31'),
      file('7', '2026/01/01', 'predictions'),
    );
    expect(await versionsOf(directory, { modelVersion: 'all' })).toEqual(['beta', '9', '10', '2']);
    expect(await versionsOf(directory, { modelVersion: [2, '9', '9'] })).toEqual(['9', '2']);
    expect(await versionsOf(directory, { modelVersion: 10 })).toEqual(['10']);
    expect(await versionsOf(directory, { modelVersion: 'all', from: '2026-01-02' })).toEqual(['2']);
  });

  it('are the highest number that has rows of the designation, when the newest is wanted', async () => {
    const directory = await folderOf(
      file('9', '2026/03/01'),
      file('10', '2026/01/01'),
      file('11', '2026/01/01', 'predictions'),
      file('11', '2026/01/01').replace('data.csv', '_ledger.jsonl'),
    );
    expect(await versionsOf(directory, { modelVersion: 'newest' })).toEqual(['10']);
    expect(await versionsOf(directory, { modelVersion: 'newest', from: '2026-02-01' })).toEqual([]);
  });

  it('are the one with the newest day, when some are no numbers', async () => {
    const directory = await folderOf(
      file('9', '2026/01/09'),
      file('2024-a', '2026/1/10'),
      file('rollback', '2025/12/31'),
      // No rows, whatever the day.
      file('rollback', '2027/01/01').replace('data.csv', 'notes.txt'),
    );
    expect(await versionsOf(directory, { modelVersion: 'newest' })).toEqual(['2024-a']);
  });

  it('that are called all or newest can be read too', async () => {
    const directory = await folderOf(file('all', '2026/01/01'), file('1', '2026/01/01'));
    expect(await versionsOf(directory, { modelVersion: ['all'] })).toEqual(['all']);
  });

  it('that are not there are told of, with those that are', async () => {
    const directory = await folderOf(file('1', '2026/01/01'), file('2', '2026/01/01', 'predictions'));
    const failure = (options: Partial<CollectedDataOptions>) => filesOf(directory, options).catch((error) => error);
    expect(await failure({ modelVersion: ['1', '5'] })).toMatchObject({
      code: 'COLLECTED_DATA_NOT_FOUND',
      message: expect.stringContaining('there are: 1, 2; not "5". Check modelVersion'),
    });
    expect((await failure({ modelVersion: 'all', designation: 'labels' })).message).toContain(
      'In "sub/rg/ws/svc/best_model/2/" there are: predictions; not "labels". Check designation',
    );
    expect((await failure({ modelVersion: 'newest', designation: 'labels' })).message).toContain('not "labels"');
    expect((await failure({ modelVersion: 'all', modelName: 'worst' })).message).toContain(
      'there are: best_model; not "worst". Check modelName',
    );
    expect(await failure({ modelVersion: [] })).toMatchObject({ code: 'VALIDATION' });
    expect((await failure({ modelVersion: ['1', 'a/b'] })).message).toContain('modelVersion[1] must be');
    expect((await failure({ layout: 'v2' as never })).message).toContain('layout must be');
  });
});

describe('versions in a blob container', () => {
  let azurite: Azurite;
  let container: ContainerClient;
  const asked: string[] = [];
  beforeAll(async () => {
    azurite = await startAzurite();
    const service = BlobServiceClient.fromConnectionString(azurite.connectionString);
    container = service.getContainerClient('modeldata');
    await container.create();
    for (const version of ['1', '2', '10']) {
      for (let day = 1; day <= 9; day += 1) {
        const name = `sub/rg/ws/svc/best_model/${version}/inputs/2026/01/0${day}/inputs.csv`;
        await container.getBlockBlobClient(name).upload('x', 1);
      }
    }
  });
  afterAll(() => azurite?.close());

  /** The same container, through a client whose requests are counted. */
  function counting(): ContainerClient {
    asked.length = 0;
    const client = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('modeldata');
    const flat = client.listBlobsFlat.bind(client);
    const byHierarchy = client.listBlobsByHierarchy.bind(client);
    client.listBlobsFlat = (options) => {
      asked.push(`flat ${options?.prefix}`);
      return flat(options);
    };
    client.listBlobsByHierarchy = (delimiter, options) => {
      asked.push(`folders ${options?.prefix}`);
      return byHierarchy(delimiter, options);
    };
    return client;
  }

  it('are listed in one request', async () => {
    const data = await CollectedData.open({ ...stream, storage: { containerClient: counting() } });
    expect(await data.versions()).toEqual(['1', '2', '10']);
    expect(asked).toEqual(['folders sub/rg/ws/svc/best_model/']);
  });

  it('are found as the newest with one look at the highest', async () => {
    const options = { ...stream, modelVersion: 'newest', from: '2026-01-02', to: '2026-01-03' };
    const data = await CollectedData.open({ ...options, storage: { containerClient: counting() } });
    expect((await all(data.files())).map(({ path: name }) => name)).toEqual([
      'sub/rg/ws/svc/best_model/10/inputs/2026/01/02/inputs.csv',
      'sub/rg/ws/svc/best_model/10/inputs/2026/01/03/inputs.csv',
    ]);
    expect(asked).toEqual([
      'folders sub/rg/ws/svc/best_model/',
      'flat sub/rg/ws/svc/best_model/10/inputs/',
      'flat sub/rg/ws/svc/best_model/10/inputs/2026/01/',
      'flat sub/rg/ws/svc/best_model/10/inputs/2026/1/',
    ]);
    expect(data.stream.modelVersion).toBe('newest');
  });
});
