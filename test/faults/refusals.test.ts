import { setImmediate } from 'node:timers/promises';
import { type Clock, systemClock } from '@azureml-ts/common';
import { type CollectorIssue, ModelDataCollector, type ModelDataCollectorOptions } from '@azureml-ts/monitoring';
import { newFolder } from './support/folders.ts';
import './support/quiet.ts';
import { allRows, column, countUp } from './support/stored-rows.ts';
import { blobFiles, identityOf } from './support/stores.ts';
import { tappedStores } from './support/tapped-stores.ts';

/** Not those to the ledger. */
const APPENDS = { query: 'comp=appendblock', path: /\.csv$/ };

const here = tappedStores();
let journal: string;
let service = 0;

beforeEach(() => {
  here.reset();
  here.tap.requests.length = 0;
  journal = newFolder();
  service += 1;
});

function collectorWith(options: ModelDataCollectorOptions = {}) {
  const issues: CollectorIssue[] = [];
  const collector = new ModelDataCollector('best_model', {
    ...identityOf(`refused-${service}`),
    designation: 'inputs',
    featureNames: ['x', 'y'],
    storage: { connectionString: here.tap.connectionString },
    journal: { directory: journal },
    flushIntervalMs: 60_000,
    onError: (issue) => issues.push(issue),
    ...options,
  });
  return { collector, issues };
}

function give(collector: ModelDataCollector, count: number, first = 0): void {
  for (const x of countUp(count, first)) {
    collector.collect([x, 'a']);
  }
}

const stored = async () => column(allRows(await blobFiles(here.stores.account, `refused-${service}`)), 'x');

/** Waits after failures that are over at once, and how long they were asked to be. */
function hurriedClock(): { clock: Clock; delays: number[] } {
  const delays: number[] = [];
  const clock: Clock = {
    ...systemClock,
    setTimeout: (callback, delayMs) => {
      delays.push(delayMs);
      return systemClock.setTimeout(callback, isRoutine(delayMs) ? delayMs : 20);
    },
  };
  return { clock, delays };
}

/** Timers that have nothing to do with failures: encoding, signs of life, looks for others, the flush interval. */
function isRoutine(delayMs: number): boolean {
  return [100, 5_000, 30_000].includes(delayMs) || delayMs > 50_000;
}

describe('a store that refuses', () => {
  it('because the key is wrong: rows are kept, the key is not shown, and who has the right one stores them', async () => {
    const wrong = Buffer.alloc(64, 1).toString('base64');
    const { collector, issues } = collectorWith({
      storage: { connectionString: here.tap.connectionString.replace(/AccountKey=[^;]+/, `AccountKey=${wrong}`) },
    });
    give(collector, 20);
    const failure = await collector.flush().then(
      () => undefined,
      (error: unknown) => error as Error,
    );
    expect(failure).toMatchObject({ code: 'FLUSH_FAILED', keptRows: 20, lostRows: 0 });
    expect(issues).toHaveLength(1);
    expect(issues[0]?.message).toMatch(/AuthorizationFailure|AuthenticationFailed/);
    expect(issues[0]?.message).toContain('check the key in AML_MODEL_DC_STORAGE');
    await expect(collector.close()).rejects.toMatchObject({ keptRows: 20, lostRows: 0 });
    for (const text of [issues[0]?.message, failure?.message, collector.stats().lastError]) {
      expect(text).not.toContain(wrong);
    }
    const next = collectorWith();
    await setImmediate();
    await next.collector.flush();
    expect(next.collector.stats().recovered).toEqual({ stored: 20, pending: 0 });
    await next.collector.close();
    expect(await stored()).toEqual(countUp(20));
  });

  it('because the container is not there and may not be made: says so, and stores once somebody has made it', async () => {
    // A signature that is for blobs only, in an account of its own address.
    const address = /BlobEndpoint=([^;]+)/.exec(here.tap.connectionString)?.[1] ?? '';
    await here.stores.account.send('DELETE', 'modeldata', 'restype=container');
    const storage = { accountUrl: `${address}?${here.stores.account.sas({ resources: 'o' })}` };
    const { collector, issues } = collectorWith({ storage });
    give(collector, 3);
    await expect(collector.flush()).rejects.toMatchObject({ keptRows: 3 });
    expect(issues.map(({ code }) => code)).toEqual(['CONTAINER_MISSING']);
    expect(issues[0]?.message).toContain('modeldata does not exist and this identity may not create it');
    expect(issues[0]?.message).not.toContain('sig=');
    await here.stores.account.must('PUT', 'modeldata', 'restype=container');
    await collector.flush();
    await collector.close();
    expect(await stored()).toEqual(countUp(3));
  });

  it.each([
    [429, '7', 7_000],
    [503, '11', 11_000],
    [503, '0', 0],
    [503, 'nonsense', 0],
  ])('for a time, with %s and Retry-After %s: waits for at least so long', async (status, retryAfter, leastMs) => {
    const { clock, delays } = hurriedClock();
    const { collector, issues } = collectorWith({ clock });
    const headers = { 'retry-after': retryAfter };
    here.stores.proxy.inject({ kind: 'answer', status, errorCode: 'ServerBusy', headers, ...APPENDS, times: 3 });
    give(collector, 10);
    delays.length = 0;
    await collector.flush();
    // Growing and jittered, and never less than was asked for.
    const waits = delays.filter((delayMs) => !isRoutine(delayMs));
    expect(waits).toHaveLength(3);
    waits.forEach((delayMs, index) => {
      expect(delayMs).toBeGreaterThanOrEqual(Math.max(leastMs, 250 * 2 ** index));
      expect(delayMs).toBeLessThanOrEqual(Math.max(leastMs, 500 * 2 ** index));
    });
    expect(issues.map(({ code }) => code)).toEqual(['ServerBusy']);
    expect(await stored()).toEqual(countUp(10));
    await collector.close();
  });

  it.each([500, 408])('with %s although it has done the work: the rows are there once', async (status) => {
    const { collector } = collectorWith({ clock: hurriedClock().clock });
    give(collector, 10);
    await collector.flush();
    // The append is done, and its answer replaced by the refusal of another one.
    here.stores.proxy.inject({ kind: 'answer', status, errorCode: 'OperationTimedOut', ...APPENDS, times: 1 });
    let writes = 0;
    here.tap.decide = ({ write, body }) => {
      writes += write > 0 ? 1 : 0;
      return write > 0 ? { before: () => here.stores.account.append(modelBlob(), body.toString()) } : undefined;
    };
    give(collector, 10, 10);
    await collector.flush();
    expect(writes).toBe(1);
    expect(await stored()).toEqual(countUp(20));
    await collector.close();
  });
});

function modelBlob(): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  return `modeldata/sub/rg/ws/refused-${service}/best_model/1/inputs/${day}/data.csv`;
}
