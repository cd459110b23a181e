import { setImmediate } from 'node:timers/promises';
import { type LedgerEntry, MemorySink, ModelDataCollector } from '@azureml-ts/monitoring';
import { newFolder } from './support/folders.ts';
import { rowsPlan } from './support/plan.ts';
import { textsBelow } from './support/texts-below.ts';
import './support/quiet.ts';
import { RemoteCollector } from './support/remote-collector.ts';
import { allRows, countUp } from './support/stored-rows.ts';
import { type BlobStores, identityOf, OWN_KINDS, startBlobStores, testStore } from './support/stores.ts';

let stores: BlobStores;
beforeAll(async () => {
  stores = await startBlobStores();
});
afterAll(() => stores.close());

const rowsFrom = (first: number, count: number) => countUp(count, first).map((x) => [x, 'a']);

/** What counts of each writer and kind: the entry with the highest number. */
function lastEntries(text: string): LedgerEntry[] {
  const last = new Map<string, LedgerEntry>();
  for (const line of text.split('\n').slice(0, -1)) {
    const entry = JSON.parse(line) as LedgerEntry;
    const key = `${entry.writer}/${entry.kind}`;
    if (entry.entry > (last.get(key)?.entry ?? 0)) {
      last.set(key, entry);
    }
  }
  return [...last.values()];
}

describe.each(OWN_KINDS)('the ledger beside %s', (kind) => {
  it('says of each writer how many rows it has stored, also of one that was killed', async () => {
    const service = `ledger-${kind.replace(' ', '-')}`;
    const store = testStore(kind, service, stores.account, stores.azurite.connectionString);
    const options = {
      ...identityOf(service),
      ...store.options,
      designation: 'inputs',
      featureNames: ['x', 'y'],
      journal: { directory: newFolder() },
      flushIntervalMs: 60_000,
    };
    const killed = await RemoteCollector.start(rowsPlan(options));
    await killed.collect(...rowsFrom(0, 300));
    await killed.flush();
    await killed.collect(...rowsFrom(300, 200));
    await killed.flush({ until: 'journal' });
    await killed.kill();
    const next = new ModelDataCollector('best_model', options);
    await setImmediate();
    next.collectRows(rowsFrom(500, 70));
    next.collect([1, 2, 3]);
    await next.flush();
    await next.close();

    const rows = allRows(await store.files());
    const storedBy = (writer: string) =>
      rows.filter((row) => row['$aml_dc_correlation_id']?.startsWith(`${writer}-`) === true).length;
    const { storage } = options;
    const texts =
      'directory' in storage
        ? await textsBelow(storage.directory, '_ledger.jsonl')
        : new Map([['', await ledgerOf(service)]]);
    // Those that say that a writer goes on come when there is time for them.
    const entries = lastEntries([...texts.values()].join('')).filter((entry) => entry.kind !== 'open');
    expect(entries.map((entry) => entry.kind).sort()).toEqual(['closed', 'recovered']);
    const recovered = entries.find((entry) => entry.kind === 'recovered');
    const closed = entries.find((entry) => entry.kind === 'closed');
    expect(recovered).toMatchObject({ collected: 500, stored: 500, pending: 0, dropped: {}, lastCall: 500 });
    expect(closed).toMatchObject({ collected: 71, stored: 70, pending: 0, dropped: { invalid: 1 }, lastCall: 2 });
    expect(closed?.gaps).toEqual([{ reason: 'invalid', first: 2, last: 2, rows: 1 }]);
    for (const entry of [recovered, closed]) {
      expect(storedBy(entry?.writer ?? '')).toBe(entry?.stored);
    }
  });
});

async function ledgerOf(service: string): Promise<string> {
  const names = await stores.account.list('modeldata');
  const found = names.filter((name) => name.includes(`/${service}/`) && name.endsWith('_ledger.jsonl'));
  return (await Promise.all(found.map((name) => stores.account.read(`modeldata/${name}`)))).join('');
}

describe('closing', () => {
  it('waits until the ledger has what is to be said of a writer that died', async () => {
    const sink = new MemorySink();
    sink.before = () => {
      throw Object.assign(new Error('no'), { statusCode: 403 });
    };
    sink.record = async (entry) => {
      for (let turn = 0; turn < 20; turn += 1) {
        await setImmediate();
      }
      sink.ledger.push(entry);
    };
    const options = { featureNames: ['x', 'y'], sink, journal: { directory: newFolder() } };
    const first = new ModelDataCollector('best_model', options);
    first.collectRows(rowsFrom(0, 10));
    await expect(first.close()).rejects.toMatchObject({ keptRows: 10 });
    sink.before = () => undefined;
    const next = new ModelDataCollector('best_model', options);
    await setImmediate();
    await next.close();
    expect(sink.ledger.map(({ kind, stored }) => [kind, stored])).toContainEqual(['recovered', 10]);
  });
});
