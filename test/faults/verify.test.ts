import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { CollectedData, type VerifyReport } from '@azureml-ts/data';
import { ModelDataCollector } from '@azureml-ts/monitoring';
import { newFolder } from './support/folders.ts';
import { type RowsOptions, rowsPlan } from './support/plan.ts';
import './support/quiet.ts';
import { RemoteCollector } from './support/remote-collector.ts';
import { countUp } from './support/stored-rows.ts';
import { identityOf, OWN_KINDS, type StoreKind, type TestStore, testStore } from './support/stores.ts';
import { type Hold, hold } from './support/tap.ts';
import { tappedStores } from './support/tapped-stores.ts';

/** Writers of one stream, half of which are killed. */
const WRITERS = 8;
/** Rows that each of them collects. */
const ROWS = 600;

const here = tappedStores();
afterEach(() => {
  here.reset();
});

interface Setting {
  readonly service: string;
  readonly store: TestStore;
  /** Options of a collector with a journal of its own. */
  options(journal: string): RowsOptions;
  verify(): Promise<VerifyReport>;
}

function settingOf(kind: StoreKind, name: string): Setting {
  const service = `${name}-${kind.replace(' ', '-')}`;
  const store = testStore(kind, service, here.stores.account, here.tap.connectionString);
  return {
    service,
    store,
    options: (journal) => ({
      ...identityOf(service),
      ...store.options,
      designation: 'inputs',
      featureNames: ['x', 'text'],
      journal: { directory: journal },
      flushIntervalMs: 60_000,
      // Files are written too fast to be hit: there a writer dies with rows that were never sent.
      maxBatchBytes: kind === 'directory' ? 1_000_000 : 8_000,
    }),
    async verify() {
      const { storage } = store.options;
      const data = await CollectedData.open({
        ...identityOf(service),
        storage: 'directory' in storage ? storage : { connectionString: here.stores.azurite.connectionString },
        modelName: 'best_model',
        designation: 'inputs',
      });
      return data.verify();
    },
  };
}

const rowOf = (writer: number, x: string) => [x, `from w${writer}, "quoted"\nand on`];

/** Who is to be killed at one of its writes, by what stands in its rows. */
const doomed = new Map<
  string,
  { readonly remote: RemoteCollector; readonly ready: Promise<void>; writesLeft: number }
>();

/** Collects, and closes; or is killed, when its journal has everything. */
async function live(setting: Setting, writer: number, journal: string): Promise<'killed' | 'closed'> {
  const remote = await RemoteCollector.start(rowsPlan(setting.options(journal)));
  const isDoomed = writer % 2 === 1;
  const ready = Promise.withResolvers<void>();
  if (isDoomed && setting.store.kind !== 'directory') {
    doomed.set(`from w${writer},`, { remote, ready: ready.promise, writesLeft: 1 + (writer % 3) });
  }
  const rows = countUp(ROWS).map((x) => rowOf(writer, x));
  if (isDoomed && setting.store.kind === 'directory') {
    await remote.collect(...rows.splice(0, ROWS / 2));
    await remote.flush();
  }
  await remote.collect(...rows, [1, 2, 3]);
  await remote.flush({ until: 'journal' });
  if (isDoomed && setting.store.kind === 'directory') {
    await remote.kill();
    return 'killed';
  }
  const flushed = remote.flush({ timeoutMs: Number.POSITIVE_INFINITY });
  if (!isDoomed) {
    await flushed;
    await remote.close(Number.POSITIVE_INFINITY);
    await remote.end();
    return 'closed';
  }
  flushed.catch(() => undefined);
  ready.resolve();
  await remote.child.ended;
  return 'killed';
}

/** Writers die with rows of their own on their way: before the store has them, or before they hear of it. */
function killAtWrites(): void {
  here.tap.decide = ({ write, body }) => {
    // A block may begin with rows of others that are stored already.
    const mark =
      write === 0
        ? ''
        : (body
            .toString('latin1')
            .match(/from w\d,/g)
            ?.at(-1) ?? '');
    const victim = doomed.get(mark);
    if (victim === undefined) {
      return undefined;
    }
    const { ready, remote } = victim;
    victim.writesLeft -= 1;
    if (victim.writesLeft > 0) {
      return { before: () => ready };
    }
    const kill = () => {
      doomed.delete(mark);
      remote.child.process.kill('SIGKILL');
    };
    // When the answer is cut off on its way here, it is the next write.
    return write % 2 === 0
      ? { before: () => ready.then(kill), request: 'lost' }
      : { before: () => ready, after: kill, answer: 'lost' };
  };
}

/** Stores what a dead writer has left, and some rows of its own. */
async function sweep(setting: Setting, journal: string): Promise<void> {
  const collector = new ModelDataCollector('best_model', setting.options(journal));
  await setImmediate();
  collector.collectRows([
    [1, 'sweeper'],
    [2, 'sweeper'],
  ]);
  await collector.flush({ timeoutMs: Number.POSITIVE_INFINITY });
  await collector.close({ timeoutMs: Number.POSITIVE_INFINITY });
}

describe.each(OWN_KINDS)('what several writers have stored in %s', (kind) => {
  it('is proven complete after kills and lost answers, and a row that is taken out or doubled by hand is found', async () => {
    const setting = settingOf(kind, 'verify');
    here.stores.proxy.inject({ kind: 'loseAnswer', method: 'PUT', path: '.csv', probability: 0.2, seed: 4711 });
    here.stores.proxy.inject({ kind: 'cut', path: '.csv', probability: 0.1, seed: 815 });
    // Entries of the ledger are tried again.
    here.stores.proxy.inject({ kind: 'loseAnswer', method: 'PUT', path: '_ledger.jsonl', probability: 0.2, seed: 42 });
    killAtWrites();
    const journals = Array.from({ length: WRITERS }, newFolder);
    const ends: string[] = [];
    for (let first = 0; first < WRITERS; first += 2) {
      ends.push(...(await Promise.all([first, first + 1].map((n) => live(setting, n, journals[n] ?? '')))));
    }
    expect(ends.filter((end) => end === 'killed')).toHaveLength(WRITERS / 2);
    here.tap.decide = () => undefined;
    for (const [writer, journal] of journals.entries()) {
      if (ends[writer] === 'killed') {
        await sweep(setting, journal);
      }
    }
    if (kind !== 'directory') {
      expect(here.stores.proxy.hits()).toBeGreaterThan(10);
    }

    const report = await setting.verify();
    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(report.holds).toBe(true);
    const found = report.days.flatMap(({ writers }) => writers);
    expect(new Set(found.map(({ state }) => state))).toEqual(new Set(['closed', 'recovered']));
    expect(found.filter(({ state }) => state === 'recovered')).toHaveLength(WRITERS / 2);
    expect(found.filter(({ dropped }) => dropped['invalid'] === 1)).toHaveLength(WRITERS);
    expect(report.totals.rowsFound).toBe(WRITERS * ROWS + (WRITERS / 2) * 2);
    expect(report.totals.stored).toBe(report.totals.rowsFound);

    const lastFile = report.files.findLast((file) => file.kind === 'rows')?.path ?? '';
    const text = await readText(setting, lastFile);
    // A row has a line end within its text: a record is two lines.
    const lines = text.split('\n').slice(0, -1);
    const at = 1 + 2 * Math.floor(lines.length / 4);
    const record = lines.slice(at, at + 2);
    await writeText(setting, lastFile, lines.toSpliced(at, 2));
    const without = await setting.verify();
    expect(without.holds).toBe(false);
    expect(without.findings).toContainEqual(
      expect.objectContaining({ code: 'ROWS_MISSING', counts: expect.objectContaining({ missing: 1 }) }),
    );
    await writeText(setting, lastFile, lines.toSpliced(at, 0, ...record));
    const doubled = await setting.verify();
    expect(doubled.findings).toContainEqual(
      expect.objectContaining({ code: 'ROWS_TOO_MANY', counts: expect.objectContaining({ tooMany: 1 }) }),
    );
    await writeText(setting, lastFile, [...lines, ...record]);
    const elsewhere = await setting.verify();
    expect(elsewhere.findings).toContainEqual(
      expect.objectContaining({ code: 'DUPLICATE_CALL', severity: 'error', path: lastFile }),
    );
    await writeText(setting, lastFile, lines);
    expect(await setting.verify()).toMatchObject({ holds: true });
  });
});

describe('a writer that is killed when everything of it is stored', () => {
  it('stays open: what it had stored when it said so is proven, and nothing is called missing', async () => {
    const setting = settingOf('append blobs', 'idle');
    const told = Promise.withResolvers<void>();
    const ledgerIsThere = async () => {
      const names = (await here.stores.account.list('modeldata')).filter((name) => name.includes('/idle-'));
      const ledger = names.find((name) => name.endsWith('_ledger.jsonl'));
      if (ledger !== undefined && (await here.stores.account.read(`modeldata/${ledger}`)) !== '') {
        told.resolve();
      }
    };
    // The first try finds no blob, and makes it.
    here.tap.decide = ({ path: blob }) => (blob.endsWith('_ledger.jsonl') ? { after: ledgerIsThere } : undefined);
    const remote = await RemoteCollector.start(rowsPlan(setting.options(newFolder())));
    await remote.collect(rowOf(0, '1'), rowOf(0, '2'));
    await remote.flush();
    await told.promise;
    await remote.kill();
    const report = await setting.verify();
    expect(report).toMatchObject({ holds: true, findings: [] });
    expect(report.days[0]?.writers).toMatchObject([{ state: 'open', stored: 2, rowsFound: 2 }]);
  });
});

describe.each(['append blobs', 'block blobs'] as const)(
  'a writer that is killed before its first entry, of %s',
  (kind) => {
    /** Kills it when it asks for its entry to be stored: everything that it took is stored by then. */
    async function killBeforeEntry(setting: Setting, journal: string, options: object, live: Live): Promise<void> {
      const entry = hold();
      const append = hold();
      here.tap.decide = ({ path: blob, write }) => {
        if (blob.endsWith('_ledger.jsonl')) {
          return { before: entry.wait, request: 'lost' };
        }
        return write === 0 ? undefined : { before: append.wait };
      };
      const remote = await RemoteCollector.start(rowsPlan({ ...setting.options(journal), ...options }));
      await live(remote, append);
      append.release();
      await remote.flush({ timeoutMs: Number.POSITIVE_INFINITY });
      await entry.reached;
      expect(await remote.stats()).toMatchObject({ pending: 0 });
      await remote.kill();
      entry.release();
      here.tap.decide = () => undefined;
    }
    type Live = (remote: RemoteCollector, append: Hold) => Promise<void>;

    async function expectProof(setting: Setting, journal: string, counts: object): Promise<void> {
      const before = await setting.verify();
      expect(before.findings).toMatchObject([{ code: 'LEDGER_MISSING' }]);
      await sweep(setting, journal);
      const after = await setting.verify();
      expect(after.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(after.holds).toBe(true);
      const writers = after.days.flatMap((day) => day.writers).filter(({ state }) => state === 'recovered');
      expect(writers).toMatchObject([counts]);
      // What is told is told: nothing is left for the next.
      expect(existsSync(journal) ? await readdir(journal, { recursive: true }) : []).toEqual([]);
    }

    it('is accounted for by whoever comes next, with what it had refused', async () => {
      const setting = settingOf(kind, 'early');
      const journal = newFolder();
      await killBeforeEntry(setting, journal, {}, async (remote) => {
        await remote.collect(rowOf(0, '1'), [1, 2, 3], rowOf(0, '2'));
      });
      await expectProof(setting, journal, { collected: 3, stored: 2, dropped: { invalid: 1 }, rowsFound: 2 });
    });

    it('is accounted for with the oldest rows, which it gave up when memory was full', async () => {
      const setting = settingOf(kind, 'early-full');
      const journal = newFolder();
      const options = { onFull: 'dropOldest', maxBufferBytes: 4_000, maxBatchBytes: 1_000 };
      let dropped = 0;
      await killBeforeEntry(setting, journal, options, async (remote, append) => {
        await remote.collect(...countUp(20).map((x) => rowOf(0, x)));
        await append.reached;
        // They are in the journal, and are taken out of it again.
        for (const round of [1, 2, 3]) {
          await remote.collect(...countUp(20, 100 * round).map((x) => rowOf(0, x)));
          await remote.flush({ until: 'journal' });
        }
        dropped = (await remote.stats()).dropped.bufferFull;
      });
      expect(dropped).toBeGreaterThan(20);
      const stored = 80 - dropped;
      await expectProof(setting, journal, {
        collected: 80,
        stored,
        dropped: { bufferFull: dropped },
        rowsFound: stored,
      });
    });

    it('is accounted for with the rows that the store never takes', async () => {
      const setting = settingOf(kind, 'early-refused');
      const journal = newFolder();
      here.stores.proxy.inject({ kind: 'answer', status: 413, method: 'PUT', path: '.csv', times: 1 });
      await killBeforeEntry(setting, journal, {}, async (remote, append) => {
        append.release();
        await remote.collect(rowOf(0, '1'));
        await remote.flush();
        expect(await remote.stats()).toMatchObject({ stored: 0, dropped: { failed: 1 } });
        await remote.collect(rowOf(0, '2'));
      });
      await expectProof(setting, journal, { collected: 2, stored: 1, dropped: { failed: 1 }, rowsFound: 1 });
    });
  },
);

async function readText({ store }: Setting, name: string): Promise<string> {
  const { storage } = store.options;
  return 'directory' in storage
    ? readFile(path.join(storage.directory, 'modeldata', name), 'utf8')
    : here.stores.account.read(`modeldata/${name}`);
}

async function writeText({ store }: Setting, name: string, lines: readonly string[]): Promise<void> {
  const { storage } = store.options;
  const text = lines.map((line) => `${line}\n`).join('');
  if ('directory' in storage) {
    await writeFile(path.join(storage.directory, 'modeldata', name), text);
  } else {
    await here.stores.account.putBlob(
      `modeldata/${name}`,
      store.kind === 'append blobs' ? 'AppendBlob' : 'BlockBlob',
      text,
    );
  }
}
