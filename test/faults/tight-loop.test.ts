import { ModelDataCollector } from '@azureml-ts/monitoring';
import { newFolder } from './support/folders.ts';
import './support/quiet.ts';
import { allRows, column, misplaced, repeated } from './support/stored-rows.ts';
import { type BlobStores, identityOf, STORE_KINDS, startBlobStores, testStore } from './support/stores.ts';

const CALLS = 100_000;

let stores: BlobStores;
beforeAll(async () => {
  stores = await startBlobStores();
});
afterAll(() => stores.close());

describe('100,000 calls of one row in a tight loop, and close()', () => {
  it.each(STORE_KINDS)('are 100,000 rows in %s, in order and with ids of their own', async (kind) => {
    const service = `loop-${kind.replace(' ', '-')}`;
    const store = testStore(kind, service, stores.account, stores.azurite.connectionString);
    const issues: string[] = [];
    const collector = new ModelDataCollector('best_model', {
      ...identityOf(service),
      ...store.options,
      designation: 'inputs',
      featureNames: ['index', 'value', 'text'],
      journal: { directory: newFolder() },
      onError: ({ message }) => issues.push(message),
    });
    for (let index = 0; index < CALLS; index += 1) {
      collector.collect([index, index / 7, 'a text']);
    }
    expect(collector.stats().collected).toBe(CALLS);
    await collector.close();
    // While the loop holds the event loop for seconds, the store closes the idle connection: that is told, and tried again.
    expect(issues.filter((issue) => !/ECONNRESET.* kept and tried again/.test(issue))).toEqual([]);
    expect(collector.stats()).toMatchObject({ collected: CALLS, stored: CALLS, pending: 0, pendingBytes: 0 });
    const rows = allRows(await store.files());
    // Ascending, as many, and the last one the last: all of them, each once.
    expect(rows).toHaveLength(CALLS);
    expect(misplaced(column(rows, 'index').map(Number))).toEqual([]);
    expect(rows.at(-1)?.['index']).toBe(String(CALLS - 1));
    expect(repeated(column(rows, '$aml_dc_correlation_id'))).toEqual([]);
  });
});
