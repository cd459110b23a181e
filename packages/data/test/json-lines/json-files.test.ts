import { openContainer } from '@azureml-ts/monitoring/format';
import { type Azurite, startAzurite } from '@azureml-ts/testing';
import { CollectedData, type JsonLinesOptions } from '../../src/index.ts';
import { FOLDER, openLines, record, writeLines } from '../support/json-lines.ts';
import { all, temporaryFolder } from '../support/stream.ts';

const LINE = `${record('[{"x":1}]')}\n`;

async function pathsOf(directory: string, more: Partial<JsonLinesOptions> = {}): Promise<string[]> {
  return (await all((await openLines(directory, more)).files())).map(({ path }) => path.replace(`${FOLDER}/`, ''));
}

describe('files of JSON Lines', () => {
  it('stand exactly four folders down, and end in .jsonl', async () => {
    const directory = await temporaryFolder();
    const names = [
      '2026/03/04/23/b.jsonl',
      '2026/03/04/05/z.jsonl',
      '2026/03/04/05/a.jsonl',
      '2026/03/05/00/a.jsonl',
      // None of these is one.
      '2026/03/04/a.jsonl',
      '2026/03/04/_ledger.jsonl',
      '2026/03/04/05/a.json',
      '2026/03/04/05/more/a.jsonl',
      '2026/03/04/24/a.jsonl',
      '2026/03/04/5/a.jsonl',
      '2026/3/04/05/a.jsonl',
      '2026/02/30/05/a.jsonl',
      '2026/03/04/05/_a.jsonl',
      '2026/03/04/05/.a.jsonl',
      'a.jsonl',
    ];
    await writeLines(directory, Object.fromEntries(names.map((name) => [`${FOLDER}/${name}`, LINE])));
    expect(await pathsOf(directory)).toEqual([names[2], names[1], names[0], names[3]]);
    const [file] = await all((await openLines(directory)).files());
    expect(file).toEqual({
      path: `${FOLDER}/2026/03/04/05/a.jsonl`,
      day: '2026-03-04',
      hour: '05',
      fileName: 'a.jsonl',
      size: LINE.length,
      layout: 'json-lines',
      modelVersion: 'default',
      collectionName: 'model_inputs',
      instance: 'a',
      url: expect.stringMatching(/^file:.*a\.jsonl$/),
      etag: expect.any(String),
    });
  });

  it('are those of the days that were asked for', async () => {
    const directory = await temporaryFolder();
    const days = ['2025/12/31', '2026/01/01', '2026/01/31', '2026/02/01', '2026/10/10'];
    await writeLines(directory, Object.fromEntries(days.map((day) => [`${FOLDER}/${day}/07/a.jsonl`, LINE])));
    const daysOf = async (from?: string, to?: string) =>
      (await pathsOf(directory, { from, to })).map((path) => path.slice(0, 10));
    expect(await daysOf('2026-01-01', '2026-02-01')).toEqual(['2026/01/01', '2026/01/31', '2026/02/01']);
    expect(await daysOf(undefined, '2026-01-01')).toEqual(['2025/12/31', '2026/01/01']);
    expect(await daysOf('2026-01-31', '2026-01-31')).toEqual(['2026/01/31']);
    expect(await daysOf('2026-03-01', '2026-03-02')).toEqual([]);
  });

  it('may be in another folder: the path of a data asset', async () => {
    const directory = await temporaryFolder();
    await writeLines(directory, { 'my/own/folder/2026/03/04/05/a.jsonl': LINE });
    for (const path of [
      'my/own/folder',
      '/my/own/folder/',
      'azureml://datastores/workspaceblobstore/paths/my/own/folder',
      'azureml://subscriptions/s/resourcegroups/r/workspaces/w/datastores/d/paths/my/own/folder/',
    ]) {
      const data = await CollectedData.open({ layout: 'json-lines', storage: { directory }, path });
      expect(await all(data.rows())).toHaveLength(1);
    }
  });

  it('that are not there are told with the name that is', async () => {
    const directory = await temporaryFolder();
    await writeLines(directory, { [`${FOLDER}/2026/03/04/05/a.jsonl`]: LINE });
    await expect(pathsOf(directory, { deploymentName: 'green' })).rejects.toMatchObject({
      code: 'COLLECTED_DATA_NOT_FOUND',
      message: expect.stringContaining('there are: blue; not "green". Check deploymentName'),
    });
    await expect(pathsOf(directory, { collectionName: 'Model_Inputs' })).rejects.toThrow('Check collectionName');
  });

  it.each<[Partial<JsonLinesOptions>, string]>([
    [{ endpointName: undefined }, 'endpointName'],
    [{ deploymentName: 'a/b' }, 'deploymentName'],
    [{ path: 'x' }, 'endpointName'],
    [{ endpointName: undefined, deploymentName: undefined, collectionName: undefined, path: 'a/../b' }, 'path'],
    [{ endpointName: undefined, deploymentName: undefined, collectionName: undefined, path: '/' }, 'path'],
    [{ storage: 'UseDevelopmentStorage=true' }, 'container'],
    [{ storage: 'UseDevelopmentStorage=true', container: 'A_B' }, 'container'],
    [{ storage: 'https://account.blob.core.windows.net?sig=secret' }, 'container'],
    [{ layout: 'jsonl' as 'json-lines' }, 'layout'],
  ])('are refused with wrong options: %j', async (more, path) => {
    await expect(openLines('/nowhere', more)).rejects.toMatchObject({ code: 'VALIDATION', details: { path } });
  });

  it('are removed with their ledgers and the blobs beside them', async () => {
    const directory = await temporaryFolder();
    await writeLines(directory, {
      [`${FOLDER}/2026/03/04/05/a.jsonl`]: LINE,
      [`${FOLDER}/2026/03/04/05/a-large.json`]: '[{"x":2}]',
      [`${FOLDER}/2026/03/04/_ledger.jsonl`]: '{}\n',
      [`${FOLDER}/2026/03/05/05/a.jsonl`]: LINE,
      [`${FOLDER}/note.txt`]: 'stays',
    });
    const data = await openLines(directory, { to: '2026-03-04' });
    const plan = await data.purgePlan();
    expect(plan.files.map(({ path, kind }) => [path.replace(`${FOLDER}/`, ''), kind])).toEqual([
      ['2026/03/04/05/a-large.json', 'payload'],
      ['2026/03/04/05/a.jsonl', 'data'],
      ['2026/03/04/_ledger.jsonl', 'ledger'],
    ]);
    expect(await data.purge(plan)).toMatchObject({ removed: 3, failed: [] });
    expect(await pathsOf(directory)).toEqual(['2026/03/05/05/a.jsonl']);
    const stranger = {
      ...plan,
      files: [{ path: 'other/2026/03/04/05/a.jsonl', day: '2026-03-04', kind: 'data', size: 1 }],
    } as const;
    await expect(data.purge(stranger)).rejects.toMatchObject({ code: 'VALIDATION' });
  });
});

describe('rows that stand in another blob', () => {
  const FILE = `${FOLDER}/2026/03/04/05/a.jsonl`;
  const LARGE = `${FOLDER}/2026/03/04/05/large ü.json`;

  /** A file with a record that has its rows elsewhere, between two others. */
  function lines(dataref: string): string {
    const reference = record('0', { correlationid: 'ref', data: null, dataref });
    return `${record('[{"x":1}]')}\n${reference.replace('"data":null', '"data": null')}\n${record('[{"x":4}]')}\n`;
  }

  async function rowsFor(dataref: string, content = '[{"x":2,"y":"é"},\n {"x":3}]') {
    const directory = await temporaryFolder();
    await writeLines(directory, { [FILE]: lines(dataref), [LARGE]: content });
    const rows = await all((await openLines(directory)).rows());
    return rows.map((row) => [row['x'], row['y'] ?? null, row.$aml_dc_correlation_id.slice(0, 3)]);
  }

  it.each([
    LARGE,
    `/${LARGE}`,
    'large ü.json',
    `https://account.blob.core.windows.net/azureml-blobstore-1/${encodeURI(LARGE)}?sig=secret`,
    `azureml://datastores/workspaceblobstore/paths/${LARGE}`,
    `abfss://azureml-blobstore-1@account.dfs.core.windows.net/${LARGE}`,
  ])('are read: %s', async (dataref) => {
    expect(await rowsFor(dataref)).toEqual([
      [1, null, '0c6'],
      [2, 'é', 'ref'],
      [3, null, 'ref'],
      [4, null, '0c6'],
    ]);
  });

  it.each<[string, string, string]>([
    ['nowhere.json', '[]', 'is not there'],
    ['../../../../../secret', '[]', 'leads out of the container'],
    [LARGE, '{"x":1}', 'there is no list of rows'],
    [LARGE, '[{"x":1}', 'there is an end where "]" should be'],
    [LARGE, '[{"x":1}]x', 'there is something behind the list'],
  ])('are told of when they cannot be read: %s %s', async (dataref, content, what) => {
    await expect(rowsFor(dataref, content)).rejects.toMatchObject({
      code: 'JSON_DATAREF_FAILED',
      message: expect.stringContaining(what),
      details: { path: FILE, record: 2 },
    });
  });

  it('may be many', async () => {
    const data = JSON.stringify(
      Array.from({ length: 30_000 }, (_, index) => ({ x: index, text: `${index}`.repeat(10) })),
    );
    const rows = await rowsFor(LARGE, data);
    expect(rows).toHaveLength(30_002);
    expect(rows[30_000]).toEqual([29_999, null, 'ref']);
  });
});

describe('JSON Lines in a container', () => {
  let azurite: Azurite;

  beforeAll(async () => {
    azurite = await startAzurite();
  });
  afterAll(() => azurite?.close());

  it('are read from append blobs, and from the blobs that these name', async () => {
    const { connectionString } = azurite;
    const container = 'azureml-blobstore-1';
    const client = await openContainer({ connectionString }, {}, container);
    await client.createIfNotExists();
    const large = client.getBlockBlobClient(`${FOLDER}/2026/03/04/05/large.json`);
    await large.upload('[{"x":2}]', 9);
    const blob = client.getAppendBlobClient(`${FOLDER}/2026/03/04/05/a.jsonl`);
    await blob.create();
    for (const text of [LINE, `${record('0', { data: null, dataref: large.url })}\n`]) {
      await blob.appendBlock(text, Buffer.byteLength(text));
    }
    const names = {
      layout: 'json-lines',
      endpointName: 'ep',
      deploymentName: 'blue',
      collectionName: 'model_inputs',
    } as const;
    for (const more of [
      { storage: connectionString, container },
      { storage: { connectionString, container } },
      { storage: { containerClient: client } },
    ]) {
      const data = await CollectedData.open({ ...names, ...more });
      expect((await all(data.rows())).map((row) => row['x'])).toEqual([1, 2]);
      expect((await all(data.batches())).map(({ rowCount }) => rowCount)).toEqual([2]);
    }
    const away = `${record('0', { data: null, dataref: 'https://other.blob.core.windows.net/c/x.json' })}\n`;
    await blob.appendBlock(away, Buffer.byteLength(away));
    const data = await CollectedData.open({ ...names, storage: connectionString, container });
    await expect(all(data.rows())).rejects.toMatchObject({ code: 'JSON_DATAREF_FAILED' });
  });
});
