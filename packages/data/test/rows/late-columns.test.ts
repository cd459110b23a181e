import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CollectedData } from '../../src/index.ts';
import { FOLDER, openLines, record, writeLines } from '../support/json-lines.ts';
import { all, call, HEADER, ROOT, stream, temporaryFolder, writeFiles } from '../support/stream.ts';

const SECOND = `${FOLDER}/2026/03/04/06/a.jsonl`;
const LATE = {
  code: 'SCHEMA_CHANGED',
  retryable: true,
  message: expect.stringContaining('it has "b" now, which was not there'),
};

/** Two files of JSON Lines; the second gets a record with another column when it is told to. */
async function lines() {
  const directory = await temporaryFolder();
  await writeLines(directory, {
    [`${FOLDER}/2026/03/04/05/a.jsonl`]: `${record('[{"a":1}]')}\n`,
    [SECOND]: `${record('[{"a":2}]')}\n`,
  });
  const grow = () => appendFileSync(path.join(directory, SECOND), `${record('[{"a":3,"b":"late"}]')}\n`);
  return { data: await openLines(directory), grow };
}

/** Two days of CSV; the second is replaced by one with another column. */
async function days() {
  const directory = await temporaryFolder();
  const paths = ['04', '05'].map((day) => `${ROOT}/2026/03/${day}/data.csv`);
  await writeFiles(directory, Object.fromEntries(paths.map((file, at) => [file, `${HEADER}${at},${call('a')}\n`])));
  const grow = () => writeFileSync(path.join(directory, 'modeldata', paths[1] ?? ''), `b,${HEADER}3,4,${call('a')}\n`);
  return { data: await CollectedData.open({ ...stream, storage: { directory } }), grow };
}

/** Reads, and lets the second file grow as soon as something of the first has come. */
async function growing<T>(iterable: AsyncIterable<T>, grow: () => void): Promise<{ items: T[]; error: unknown }> {
  const items: T[] = [];
  try {
    for await (const item of iterable) {
      if (items.push(item) === 1) {
        grow();
      }
    }
    return { items, error: undefined };
  } catch (error) {
    return { items, error };
  }
}

describe('a column that comes up while columns of several files are merged', () => {
  it.each([
    ['JSON Lines', lines],
    ['CSV', days],
  ])('ends the reading of rows of %s, and is not left out of them', async (_, make) => {
    const { data, grow } = await make();
    const { items, error } = await growing(data.rows({ onSchemaChange: 'merge' }), grow);
    expect(error).toMatchObject(LATE);
    expect(items.length).toBeGreaterThan(0);
    // Read again, it is there.
    expect((await all(data.rows({ onSchemaChange: 'merge' }))).at(-1)?.['b']).not.toBeNull();
  });

  it.each([
    ['JSON Lines', lines],
    ['CSV', days],
  ])('ends the reading of batches of %s', async (_, make) => {
    const { data, grow } = await make();
    const { error } = await growing(data.batches({ onSchemaChange: 'merge' }), grow);
    expect(error).toMatchObject(LATE);
  });

  it('ends the reading of Arrow batches', async () => {
    const { data, grow } = await lines();
    const { error } = await growing(data.arrowBatches(), grow);
    expect(error).toMatchObject(LATE);
  });

  it('ends an export, which is whole when it is run again', async () => {
    const { data, grow } = await lines();
    const target = await temporaryFolder();
    let isGrown = false;
    const exporting = data.export(target, {
      format: 'jsonl',
      onProgress: () => {
        if (!isGrown) {
          isGrown = true;
          grow();
        }
      },
    });
    await expect(exporting).rejects.toMatchObject(LATE);
    const { manifest } = await data.export(target, { format: 'jsonl' });
    expect([manifest.rows, manifest.schema.map(({ name }) => name).slice(0, 2)]).toEqual([3, ['a', 'b']]);
  });

  it('does not matter to whom certain columns are asked for', async () => {
    const { data, grow } = await lines();
    const { items, error } = await growing(data.rows({ onSchemaChange: 'merge', columns: ['a'] }), grow);
    expect([items.map(({ a }) => a), error]).toEqual([[1, 2, 3], undefined]);
  });
});
