import { setImmediate } from 'node:timers/promises';
import { type Clock, systemClock } from '@azureml-ts/common';
import { newFolder } from './support/folders.ts';
import { expectOnce } from './support/law.ts';
import { type CollectorPlan, openPlan, type PlannedCollector, type PlanParts } from './support/plan.ts';
import './support/quiet.ts';
import { type Network, startSinks } from './support/sinks.ts';
import { column, countUp } from './support/stored-rows.ts';
import { NETWORK_KINDS, openSink, type SinkKind, type TestSink } from './support/test-sink.ts';

/** Kinds that are blobs, and whose key can be wrong. */
const BLOB_KINDS = NETWORK_KINDS.filter((kind) => kind !== 'sidecar');

const here = startSinks();
let journal: string;
let test = 0;
let sink: TestSink;
let network: Network;

function prepare(kind: SinkKind): void {
  test += 1;
  here.reset();
  journal = newFolder();
  sink = here.open(kind, `refused ${test}`, 'through the network');
  network = here.network(kind);
}

function planOf(of = sink): CollectorPlan {
  return of.plan(['x', 'y'], { journal: { directory: journal }, flushIntervalMs: 60_000 });
}

function collectorWith(plan: CollectorPlan = planOf(), { clock }: PlanParts = {}) {
  const issues: { readonly code: string; readonly message: string }[] = [];
  const collector = openPlan(plan, { clock, onError: (issue) => issues.push(issue) });
  return { collector, issues };
}

function give(collector: PlannedCollector, count: number, first = 0): void {
  collector.giveEach(countUp(count, first).map((x) => [x, 'a']));
}

/** The requests that store rows: the last of each batch. Not those to the ledger. */
function storing(kind: SinkKind) {
  if (kind === 'sidecar') {
    return { method: 'POST' };
  }
  const isAppend = kind === 'append blobs' || kind === 'JSON Lines in blobs';
  return { method: 'PUT', query: isAppend ? 'comp=appendblock' : 'comp=blocklist', path: /(?<!_ledger)\.(csv|jsonl)$/ };
}

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

describe.each(BLOB_KINDS)('a store that refuses %s', (kind) => {
  beforeEach(() => prepare(kind));

  it('because the key is wrong: rows are kept, the key is not shown, and who has the right one stores them', async () => {
    const wrong = Buffer.alloc(64, 1).toString('base64');
    const connectionString = network.tap.connectionString.replace(/AccountKey=[^;]+/, `AccountKey=${wrong}`);
    const { account } = here.stores;
    const locked = openSink(kind, `refused ${test}`, { account, connectionString, sidecar: here.sidecar, port: 1 });
    const { collector, issues } = collectorWith(planOf(locked));
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
    await expectOnce(sink, 20);
  });

  it('because the container is not there and may not be made: says so, and stores once somebody has made it', async () => {
    // A signature that is for blobs only, in an account of its own address.
    const address = /BlobEndpoint=([^;]+)/.exec(network.tap.connectionString)?.[1] ?? '';
    await here.stores.account.send('DELETE', 'modeldata', 'restype=container');
    const storage = { accountUrl: `${address}?${here.stores.account.sas({ resources: 'o' })}` };
    const plan = planOf();
    const { collector, issues } = collectorWith(
      'rows' in plan
        ? { ...plan, rows: { ...plan.rows, storage } }
        : { ...plan, records: { ...plan.records, sink: storage } },
    );
    give(collector, 3);
    await expect(collector.flush()).rejects.toMatchObject({ keptRows: 3 });
    expect(issues.map(({ code }) => code)).toEqual(['CONTAINER_MISSING']);
    expect(issues[0]?.message).toContain('modeldata does not exist and this identity may not create it');
    expect(issues[0]?.message).not.toContain('sig=');
    await here.stores.account.must('PUT', 'modeldata', 'restype=container');
    await collector.flush();
    await collector.close();
    await expectOnce(sink, 3);
  });
});

describe.each(NETWORK_KINDS)('%s that are refused for a time', (kind) => {
  beforeEach(() => prepare(kind));

  it.each([
    [429, '7', 7_000],
    [503, '11', 11_000],
    [503, '0', 0],
    [503, 'nonsense', 0],
  ])('with %s and Retry-After %s: waits for at least so long', async (status, retryAfter, leastMs) => {
    const { clock, delays } = hurriedClock();
    const { collector, issues } = collectorWith(planOf(), { clock });
    const headers = { 'retry-after': retryAfter };
    // The sidecar is asked up to four times at once, unless it wants a longer wait.
    const times = kind === 'sidecar' && leastMs === 0 ? 12 : 3;
    network.proxy.inject({ kind: 'answer', status, errorCode: 'ServerBusy', headers, ...storing(kind), times });
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
    expect(issues.map(({ code }) => code)).toEqual([kind === 'sidecar' ? 'SIDECAR_BUSY' : 'ServerBusy']);
    await expectOnce(sink, 10);
    await collector.close();
  });

  it.each([500, 408] as const)('with %s although the work is done: the rows are there once', async (status) => {
    const { collector } = collectorWith(planOf(), { clock: hurriedClock().clock });
    give(collector, 10);
    await collector.flush();
    let refused = 0;
    // What is asked for is done, and its answer replaced by a refusal.
    network.tap.decide = ({ write }) => (write > 0 && refused++ === 0 ? { answer: status } : undefined);
    give(collector, 10, 10);
    await collector.flush();
    expect(refused).toBeGreaterThan(0);
    await expectOnce(sink, 20, { again: kind === 'sidecar' ? 1 : 0 });
    await collector.close();
  });
});

describe('records that the sidecar refuses for good', () => {
  it.each([400, 403, 413])('with %s are counted and told as lost, and those behind them arrive', async (status) => {
    prepare('sidecar');
    const { collector, issues } = collectorWith();
    network.proxy.inject({ kind: 'answer', status, method: 'POST', after: 2, times: 3 });
    give(collector, 10);
    await collector.flush();
    await collector.close();
    expect(column((await sink.files()).flat(), 'x')).toEqual(['0', '1', '5', '6', '7', '8', '9']);
    expect(collector.stats()).toMatchObject({ collected: 10, stored: 7, pending: 0, dropped: { failed: 3 } });
    expect(issues.map(({ code }) => code)).toEqual(['RECORD_REFUSED']);
  });

  it('are refused for good also when another process had left them, and are told', async () => {
    prepare('sidecar');
    const dead = collectorWith();
    network.proxy.inject({ kind: 'cut' });
    give(dead.collector, 10);
    await expect(dead.collector.close({ timeoutMs: 50 })).rejects.toMatchObject({ keptRows: 10, lostRows: 0 });
    network.proxy.clear();
    network.proxy.inject({ kind: 'answer', status: 400, method: 'POST', after: 2, times: 3 });
    const { collector, issues } = collectorWith();
    await setImmediate();
    await collector.flush();
    await collector.close();
    expect(column((await sink.files()).flat(), 'x')).toEqual(['0', '1', '5', '6', '7', '8', '9']);
    expect(collector.stats().recovered).toEqual({ stored: 7, pending: 0 });
    expect(issues.map(({ code }) => code)).toEqual(['RECORD_REFUSED']);
  });
});
