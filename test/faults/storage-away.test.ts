import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { ModelDataCollectorOptions } from '@azureml-ts/monitoring';
import { type CollectionSidecar, type SidecarRecord, startAzurite, startCollectionSidecar } from '@azureml-ts/testing';
import { BlobAccount } from './support/blob-account.ts';
import { startChild } from './support/children.ts';
import { newFolder } from './support/folders.ts';
import { expectOnce } from './support/law.ts';
import { openPlan, type PlanOptions } from './support/plan.ts';
import './support/quiet.ts';
import { countUp } from './support/stored-rows.ts';
import { openSink, type SinkKind, type TestSink } from './support/test-sink.ts';

/** One for each way of storing over a network: block blobs are reached as append blobs are. */
const KINDS: readonly SinkKind[] = ['append blobs', 'python blobs', 'sidecar', 'JSON Lines in blobs'];

/** What can go away, and comes back with all that it had. */
interface Service {
  comeBack(): Promise<void>;
  goAway(): Promise<void>;
}

let blobs: Service & { readonly connectionString: string; readonly account: BlobAccount };
let sidecar: Service & { readonly port: number; records(): SidecarRecord[] };
let away: Service;
let sink: TestSink;
let journal: string;
let test = 0;

async function startBlobs(): Promise<typeof blobs> {
  const directory = newFolder();
  let azurite: Awaited<ReturnType<typeof startAzurite>> | undefined = await startAzurite({ directory });
  const { connectionString, url } = azurite;
  return {
    connectionString,
    account: new BlobAccount(connectionString),
    async comeBack() {
      azurite ??= await startAzurite({ directory, port: Number(new URL(url).port) });
    },
    async goAway() {
      await azurite?.close();
      azurite = undefined;
    },
  };
}

async function startSidecar(): Promise<typeof sidecar> {
  let now: CollectionSidecar | undefined = await startCollectionSidecar();
  const { port } = now;
  const before: SidecarRecord[] = [];
  return {
    port,
    records: () => [...before, ...(now?.records() ?? [])],
    async comeBack() {
      now ??= await startCollectionSidecar({ port });
    },
    async goAway() {
      before.push(...(now?.records() ?? []));
      await now?.close();
      now = undefined;
    },
  };
}

beforeAll(async () => {
  blobs = await startBlobs();
  sidecar = await startSidecar();
});
afterAll(async () => {
  blobs.account.close();
  await blobs.goAway();
  await sidecar.goAway();
});

function prepare(kind: SinkKind): void {
  test += 1;
  journal = newFolder();
  away = kind === 'sidecar' ? sidecar : blobs;
  const { account, connectionString } = blobs;
  sink = openSink(kind, `away ${test}`, { account, connectionString, sidecar, port: sidecar.port });
}

function collectorWith(options: PlanOptions = {}) {
  const issues: { readonly code: string; readonly message: string }[] = [];
  const told = new AbortController();
  const plan = sink.plan(['x', 'y'], { journal: { directory: journal }, flushIntervalMs: 50, ...options });
  const collector = openPlan(plan, {
    onError: (issue) => {
      issues.push(issue);
      told.abort(new Error('it is told'));
    },
  });
  return { collector, issues, told: told.signal };
}

const rowsFrom = (first: number, count: number) => countUp(count, first).map((x) => [x, 'a']);

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

describe.each(KINDS)('a store that is away, of %s', (kind) => {
  const cause = kind === 'sidecar' ? 'SIDECAR_UNREACHABLE' : 'ECONNREFUSED';
  const advice = kind === 'sidecar' ? 'AZUREML_MDC_PORT say where' : 'Check the address in AML_MODEL_DC_STORAGE';
  beforeEach(() => prepare(kind));

  it('at the start: rows wait, trouble is told once, and all are stored when it has come', async () => {
    await away.goAway();
    const { collector, issues, told } = collectorWith();
    expect(collector.giveEach(rowsFrom(0, 500))).toBe(500);
    await expect(collector.flush({ abortSignal: told })).rejects.toMatchObject({ code: 'FLUSH_FAILED', keptRows: 500 });
    expect(issues.map(({ code }) => code)).toEqual([cause]);
    expect(issues[0]?.message).toContain(advice);
    expect(collector.stats()).toMatchObject({ collected: 500, stored: 0, pending: 500, journal: 'disk' });
    await away.comeBack();
    await collector.flush();
    await collector.close();
    expect(collector.stats()).toMatchObject({ stored: 500, pending: 0 });
    await expectOnce(sink, 500);
    expect(issues).toHaveLength(1);
  });

  it('in between: rows go on being taken, and are stored in order after those before', async () => {
    await away.comeBack();
    const { collector, issues } = collectorWith();
    let given = 0;
    const give = (count: number) => {
      collector.giveEach(rowsFrom(given, count));
      given += count;
    };
    for (let outage = 0; outage < 2; outage += 1) {
      give(300);
      await collector.flush();
      await away.goAway();
      give(300);
      await expect(collector.flush({ timeoutMs: 400 })).rejects.toMatchObject({ keptRows: 300, lostRows: 0 });
      give(300);
      await away.comeBack();
    }
    await collector.flush();
    await expectOnce(sink, given);
    // Within a minute the second outage is no news.
    const codes = issues.map(({ code }) => code);
    expect(codes).toHaveLength(new Set(codes).size);
    await collector.close();
  });

  it('at the end: close says how many rows the journal keeps, and the next collector stores them', async () => {
    await away.comeBack();
    const { collector } = collectorWith();
    collector.giveEach(rowsFrom(0, 100));
    await collector.flush();
    await away.goAway();
    collector.giveEach(rowsFrom(100, 700));
    await expect(collector.close({ timeoutMs: 300 })).rejects.toMatchObject({
      code: 'FLUSH_FAILED',
      keptRows: 700,
      lostRows: 0,
      message: expect.stringContaining('700 rows are kept in the journal for the next process'),
    });
    expect(collector.stats()).toMatchObject({ collected: 800, stored: 100, pending: 700, dropped: { failed: 0 } });
    expect(collector.give([1, 'late'])).toBe(0);
    expect(collector.stats()).toMatchObject({ collected: 801, dropped: { closed: 1 } });

    // One that finds the store away too passes the rows on.
    const next = collectorWith();
    await setImmediate();
    await next.collector.close({ timeoutMs: 300 });
    expect(next.collector.stats().recovered).toEqual({ stored: 0, pending: 700 });
    await away.comeBack();
    const last = collectorWith();
    await setImmediate();
    await last.collector.flush();
    expect(last.collector.stats()).toMatchObject({ collected: 0, stored: 0, recovered: { stored: 700, pending: 0 } });
    await last.collector.close();
    await expectOnce(sink, 800);
  });

  it('at the end, without a journal: what is lost is counted and said', async () => {
    await away.goAway();
    const { collector } = collectorWith({ journal: false });
    collector.giveEach(rowsFrom(0, 50));
    await expect(collector.close({ timeoutMs: 200 })).rejects.toMatchObject({ keptRows: 0, lostRows: 50 });
    expect(collector.stats()).toMatchObject({ collected: 50, stored: 0, pending: 0, dropped: { failed: 50 } });
    await away.comeBack();
    await expectOnce(sink, 0);
  });
});
