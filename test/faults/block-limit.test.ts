import { CollectedData } from '@azureml-ts/data';
import { ModelDataCollector } from '@azureml-ts/monitoring';
import { newFolder } from './support/folders.ts';
import './support/quiet.ts';
import { allRows, column, countUp, rowsOf } from './support/stored-rows.ts';
import { type BlobStores, blobFiles, identityOf, startBlobStores } from './support/stores.ts';

/** Blocks that a blob can have. */
const MAX_BLOCKS = 50_000;
const DAY = '2026-03-04';
const FOLDER = 'sub/rg/ws/limit/best_model/1/inputs/2026/03/04/';
const HEADER = 'x,y,$aml_dc_correlation_id,$aml_dc_user_correlation_id,$aml_dc_scoring_timestamp,$aml_request_id\n';
const ROW = 'old,a,w-1,,2026-03-04T00:00:00.000Z,\n';

let stores: BlobStores;
beforeAll(async () => {
  stores = await startBlobStores();
  await stores.account.must('PUT', 'modeldata', 'restype=container');
});
afterAll(() => stores.close());

type Kind = 'append' | 'block' | 'python';

function collectorFor(kind: Kind) {
  const stream = {
    ...identityOf('limit'),
    designation: 'inputs',
    storage: { connectionString: stores.azurite.connectionString },
  };
  const issues: string[] = [];
  const noon = Date.parse(`${DAY}T12:00:00Z`);
  const collector = new ModelDataCollector('best_model', {
    ...stream,
    featureNames: ['x', 'y'],
    ...(kind === 'python' ? { layout: 'python-v1' as const } : { blobType: kind }),
    journal: { directory: newFolder() },
    clock: { now: () => noon, setTimeout: () => ({}), clearTimeout: () => undefined },
    onError: ({ message }) => issues.push(message),
  });
  return { stream, issues, collector };
}

/** Stores rows one append after the other, around the limit, and reads all back. */
async function storeAcrossTheLimit(kind: Kind, rowsBefore: number): Promise<void> {
  const { stream, issues, collector } = collectorFor(kind);
  // Another writer, which takes blocks of the same blob away.
  const other = collectorFor(kind).collector;
  for (const x of countUp(4)) {
    collector.collect([x, 'a']);
    await collector.flush();
    other.collect([`other ${x}`, 'a']);
    await other.flush();
  }
  await Promise.all([collector.close(), other.close()]);
  expect(issues).toEqual([]);
  const files = await blobFiles(stores.account, 'limit');
  const name = kind === 'python' ? 'inputs' : 'data';
  expect([...files.keys()]).toEqual([`${FOLDER}${name}-2.csv`, `${FOLDER}${name}.csv`]);
  const [second = '', first = ''] = files.values();
  expect(column(rowsOf(first).slice(rowsBefore), 'x')).toEqual(['0', 'other 0', '1']);
  expect(column(rowsOf(second), 'x')).toEqual(['other 1', '2', 'other 2', '3', 'other 3']);
  const data = await CollectedData.open({ ...stream, modelName: 'best_model' });
  let rows = 0;
  for await (const row of data.rows<{ x: unknown }>({ types: 'strings' })) {
    rows += row.x === 'old' ? 0 : 1;
  }
  expect(rows).toBe(8);
  expect(allRows(files)).toHaveLength(rowsBefore + 8);
}

describe('a blob that has nearly all of its 50,000 blocks', () => {
  it('takes rows up to the last one, and the next file goes on', async () => {
    const blob = `modeldata/${FOLDER}data.csv`;
    await stores.account.putBlob(blob, 'AppendBlob', HEADER);
    let blocks = 1;
    const append = async () => {
      while (blocks < MAX_BLOCKS - 3) {
        blocks += 1;
        await stores.account.append(blob, ROW);
      }
    };
    await Promise.all(Array.from({ length: 16 }, append));
    const { headers } = await stores.account.must('HEAD', blob);
    expect(headers['x-ms-blob-committed-block-count']).toBe(String(MAX_BLOCKS - 3));
    await storeAcrossTheLimit('append', MAX_BLOCKS - 4);
  });

  it.each<[Exclude<Kind, 'append'>, idLength: number]>([
    ['block', 18],
    ['python', 36],
  ])('takes blocks up to the last one too when it is a block blob (%s)', async (kind, idLength) => {
    const blob = `modeldata/${FOLDER}${kind === 'python' ? 'inputs' : 'data'}.csv`;
    for (const name of await stores.account.list('modeldata')) {
      await stores.account.must('DELETE', `modeldata/${name}`);
    }
    const header = kind === 'python' ? await headerOfPython(blob) : HEADER;
    const row = `old,a${','.repeat(header.split(',').length - 2)}\n`;
    // A block may be in the list many times.
    const headerId = Buffer.from(kind === 'python' ? HEADER_ID : HEADER.slice(0, idLength)).toString('base64');
    const rowId = Buffer.alloc(idLength, ROW).toString('base64');
    for (const [id, content] of [
      [headerId, header],
      [rowId, row],
    ] as const) {
      await stores.account.must('PUT', blob, `comp=block&blockid=${encodeURIComponent(id)}`, {}, content);
    }
    const ids = [headerId, ...new Array<string>(MAX_BLOCKS - 4).fill(rowId)];
    const list = ids.map((one) => `<Latest>${one}</Latest>`).join('');
    const body = `<?xml version="1.0" encoding="utf-8"?><BlockList>${list}</BlockList>`;
    await stores.account.must('PUT', blob, 'comp=blocklist', { 'content-type': 'application/xml' }, body);
    await storeAcrossTheLimit(kind, MAX_BLOCKS - 4);
  });
});

/** Id of the block that holds the header, in blobs of the Python package. */
const HEADER_ID = '00000000-0000-0000-0000-000000000000';

/** The header of such rows; the blob is not there afterwards. */
async function headerOfPython(blob: string): Promise<string> {
  const { collector } = collectorFor('python');
  collector.collect([1, 'a']);
  await collector.close();
  const text = await stores.account.read(blob);
  await stores.account.must('DELETE', blob);
  return text.slice(0, text.indexOf('\n') + 1);
}
