import { BasicCorrelationContext, Collector, type JsonLinesTarget } from '@azureml-ts/monitoring';
import { openContainer } from '@azureml-ts/monitoring/format';
import { startAzurite } from '@azureml-ts/testing';
import { CollectedData, type JsonLinesOptions } from '../../src/index.ts';
import { FOLDER, openLines, record, writeLines } from '../support/json-lines.ts';
import { all, temporaryFolder } from '../support/stream.ts';

const NAMES = { endpointName: 'ep', deploymentName: 'blue' };
const WIDE = 'w'.repeat(5_000_000);

/** Collects three records, of which the second is too large for its line, and looks at what is there. */
async function collected(sink: JsonLinesTarget, storage: JsonLinesOptions['storage']) {
  const own = new Collector({
    name: 'model_inputs',
    sink: { ...sink, ...NAMES },
    journal: false,
    maxBufferBytes: 64_000_000,
  });
  for (const row of [{ x: 1 }, { x: 2, wide: WIDE }, { x: 3 }]) {
    own.collect(row, new BasicCorrelationContext({ timestamp: Date.parse('2026-03-04T05:06:07Z') / 1_000 }));
  }
  await own.close();
  return CollectedData.open({
    layout: 'json-lines',
    storage,
    ...NAMES,
    collectionName: 'model_inputs',
    to: '2026-03-04',
  });
}

async function expectOnce(data: CollectedData): Promise<void> {
  const files = await all(data.files());
  expect(files.map(({ path }) => path)).toEqual([expect.stringMatching(/\/2026\/03\/04\/05\/[0-9a-f]{38}\.jsonl$/)]);
  const rows = await all(data.rows());
  expect(rows.map(({ x, wide = null }) => [x, wide === null ? 0 : String(wide).length])).toEqual([
    [1, 0],
    [2, WIDE.length],
    [3, 0],
  ]);
  expect((await all(data.batches())).reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(3);
  const { files: removable } = await data.purgePlan();
  expect(removable.map(({ kind }) => kind).sort()).toEqual(['data', 'payload']);
}

describe('a value that is too large for its record', () => {
  it('is read in its place, and its file is none of rows, in a folder', async () => {
    const directory = await temporaryFolder();
    await expectOnce(await collected({ directory }, { directory }));
  });

  it('is read in its place, and its blob is none of rows, in a container', async () => {
    const azurite = await startAzurite();
    try {
      const { connectionString } = azurite;
      const container = 'azureml-blobstore-1';
      await (await openContainer({ connectionString }, {}, container)).createIfNotExists();
      await expectOnce(await collected({ connectionString, container }, { connectionString, container }));
    } finally {
      await azurite.close();
    }
  });

  it.each([
    '2026/03/04/05/large/a.jsonl',
    '2026/03/04/05/a.json',
    '2026/03/04/05/_a.jsonl',
    '2026/03/04/a.jsonl',
    'payload/2026/03/04/05/a.jsonl',
    'data/a.jsonl',
  ])('stands in no file of rows, wherever the platform put it: %s', async (place) => {
    const directory = await temporaryFolder();
    const file = `${FOLDER}/2026/03/04/05/b.jsonl`;
    const reference = record('0', { data: null, dataref: `${FOLDER}/${place}` });
    await writeLines(directory, {
      [file]: `${record('[{"x":1}]')}\n${reference}\n`,
      // As rows of a file it would be found once more.
      [`${FOLDER}/${place}`]: '[{"x":2}]',
    });
    const data = await openLines(directory);
    expect((await all(data.files())).map(({ path }) => path)).toEqual([file]);
    expect((await all(data.rows())).map(({ x }) => x)).toEqual([1, 2]);
  });
});
