import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type CollectorIssue, ModelDataCollector, type ModelDataCollectorOptions } from '@azureml-ts/monitoring';
import { type Azurite, startAzurite } from '@azureml-ts/testing';
import { BlobAccount } from './support/blob-account.ts';
import { startChild } from './support/children.ts';
import { newFolder } from './support/folders.ts';
import './support/quiet.ts';
import { allRows, column, countUp } from './support/stored-rows.ts';
import { blobFiles, identityOf } from './support/stores.ts';

let azurite: Azurite | undefined;
let account: BlobAccount;
let connectionString: string;
let port: number;
let journal: string;
let service = 0;
const folder = newFolder();

/** The store comes back with all that it had. */
async function comeBack(): Promise<void> {
  azurite ??= await startAzurite({ directory: folder, port });
}

async function goAway(): Promise<void> {
  await azurite?.close();
  azurite = undefined;
}

beforeAll(async () => {
  azurite = await startAzurite({ directory: folder });
  ({ connectionString } = azurite);
  port = Number(new URL(azurite.url).port);
  account = new BlobAccount(connectionString);
});
afterAll(async () => {
  account.close();
  await goAway();
});
beforeEach(() => {
  journal = newFolder();
  service += 1;
});

function collectorWith(options: ModelDataCollectorOptions = {}) {
  const issues: CollectorIssue[] = [];
  const collector = new ModelDataCollector('best_model', {
    ...identityOf(`away-${service}`),
    designation: 'inputs',
    featureNames: ['x', 'y'],
    storage: { connectionString },
    journal: { directory: journal },
    flushIntervalMs: 50,
    onError: (issue) => issues.push(issue),
    ...options,
  });
  return { collector, issues };
}

const stored = async () => column(allRows(await blobFiles(account, `away-${service}`)), 'x');

describe('making a collector', () => {
  it('reads, writes and sends nothing before the constructor has returned', async () => {
    const nowhere = path.join(newFolder(), 'not', 'there');
    const common = { featureNames: ['x'], journal: { directory: path.join(nowhere, 'journal') } };
    const away = 'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:9/a;';
    const options: ModelDataCollectorOptions[] = [
      { ...common, storage: { connectionString: away } },
      { ...common, storage: { connectionString: away }, blobType: 'block', filePerReplica: true },
      { ...common, storage: { accountUrl: 'http://127.0.0.1:9/account?sig=x' } },
      { ...common, storage: { directory: path.join(nowhere, 'rows') } },
      { ...common },
    ];
    const child = startChild('no-io.ts', {
      args: [JSON.stringify(options)],
      env: { AML_MODEL_DC_STORAGE_ENABLED: 'true', AML_MODEL_DC_STORAGE: away },
    });
    const { stdout, stderr } = await child.ended;
    if (stdout === '') {
      throw new Error(stderr);
    }
    const { inConstructor, afterwards } = JSON.parse(stdout) as Record<string, string[]>;
    expect(inConstructor).toEqual([]);
    // What is watched is what storing uses.
    expect(afterwards).toEqual(
      expect.arrayContaining(['fs.openSync', 'fs/promises.mkdir', 'http.request', 'TCPWRAP', 'FSREQPROMISE']),
    );
  });
});

describe('a store that is away', () => {
  it('at the start: rows wait, trouble is told once, and all are stored when it has come', async () => {
    await goAway();
    const { collector, issues } = collectorWith();
    for (const index of countUp(500)) {
      expect(collector.collect([index, 'a'])).toMatchObject({ accepted: 1 });
    }
    await expect(collector.flush({ timeoutMs: 1_500 })).rejects.toMatchObject({ code: 'FLUSH_FAILED', keptRows: 500 });
    expect(issues.map(({ code }) => code)).toEqual(['ECONNREFUSED']);
    expect(issues[0]?.message).toContain('Check the address in AML_MODEL_DC_STORAGE');
    expect(collector.stats()).toMatchObject({ collected: 500, stored: 0, pending: 500, journal: 'disk' });
    await comeBack();
    await collector.flush();
    await collector.close();
    expect(collector.stats()).toMatchObject({ stored: 500, pending: 0 });
    expect(await stored()).toEqual(countUp(500));
    expect(issues).toHaveLength(1);
  });

  it('in between: rows go on being taken, and are stored in order after those before', async () => {
    await comeBack();
    const { collector, issues } = collectorWith();
    let given = 0;
    const give = (count: number) => {
      for (const index of countUp(count, given)) {
        collector.collect([index, 'a']);
      }
      given += count;
    };
    for (let outage = 0; outage < 2; outage += 1) {
      give(300);
      await collector.flush();
      await goAway();
      give(300);
      await expect(collector.flush({ timeoutMs: 1_000 })).rejects.toMatchObject({ keptRows: 300, lostRows: 0 });
      give(300);
      await comeBack();
    }
    await collector.flush();
    expect(await stored()).toEqual(countUp(given));
    // Within a minute the second outage is no news.
    const codes = issues.map(({ code }) => code);
    expect(codes).toContain('ECONNREFUSED');
    expect(codes).toHaveLength(new Set(codes).size);
    await collector.close();
  });

  it('at the end: close says how many rows the journal keeps, and the next collector stores them', async () => {
    await comeBack();
    const { collector } = collectorWith();
    collector.collectRows(countUp(100).map((x) => [x, 'a']));
    await collector.flush();
    await goAway();
    collector.collectRows(countUp(700, 100).map((x) => [x, 'a']));
    await expect(collector.close({ timeoutMs: 300 })).rejects.toMatchObject({
      code: 'FLUSH_FAILED',
      keptRows: 700,
      lostRows: 0,
      message: expect.stringContaining('700 rows are kept in the journal for the next process'),
    });
    expect(collector.stats()).toMatchObject({ collected: 800, stored: 100, pending: 700, dropped: { failed: 0 } });
    expect(collector.collect([1, 'late'])).toMatchObject({ accepted: 0, reason: 'closed' });

    // One that finds the store away too passes the rows on.
    const next = collectorWith();
    await setImmediate();
    await next.collector.close({ timeoutMs: 300 });
    expect(next.collector.stats().recovered).toEqual({ stored: 0, pending: 700 });
    await comeBack();
    const last = collectorWith();
    await setImmediate();
    await last.collector.flush();
    expect(last.collector.stats()).toMatchObject({ collected: 0, stored: 0, recovered: { stored: 700, pending: 0 } });
    await last.collector.close();
    expect(await stored()).toEqual(countUp(800));
  });

  it('at the end, without a journal: what is lost is counted and said', async () => {
    await goAway();
    const { collector } = collectorWith({ journal: false });
    collector.collectRows(countUp(50).map((x) => [x, 'a']));
    await expect(collector.close({ timeoutMs: 200 })).rejects.toMatchObject({ keptRows: 0, lostRows: 50 });
    expect(collector.stats()).toMatchObject({ collected: 50, stored: 0, pending: 0, dropped: { failed: 50 } });
    await comeBack();
    expect(await stored()).toEqual([]);
  });
});
