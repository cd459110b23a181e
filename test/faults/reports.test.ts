import { setImmediate } from 'node:timers/promises';
import { systemClock } from '@azureml-ts/common';
import {
  BasicCorrelationContext,
  Collector,
  type CollectorIssue,
  type CollectorOptions,
  ModelDataCollector,
  type ModelDataCollectorOptions,
} from '@azureml-ts/monitoring';
import { startCollectionSidecar } from '@azureml-ts/testing';
import { FakeClock, settle } from '../../packages/monitoring/test/support/fake-clock.ts';
import { failingSink } from './support/failing-sink.ts';
import { newFolder } from './support/folders.ts';
import { openPlan } from './support/plan.ts';
import './support/quiet.ts';
import { countUp } from './support/stored-rows.ts';
import { type BlobStores, identityOf, startBlobStores } from './support/stores.ts';
import { openSink, RECORD_KINDS } from './support/test-sink.ts';

let stores: BlobStores;
let service = 0;
beforeAll(async () => {
  stores = await startBlobStores();
});
afterAll(() => stores.close());

function start(options: ModelDataCollectorOptions) {
  service += 1;
  const issues: CollectorIssue[] = [];
  const collector = new ModelDataCollector('best_model', {
    ...identityOf(`reports-${service}`),
    designation: 'inputs',
    featureNames: ['x', 'y'],
    onError: (issue) => issues.push(issue),
    ...options,
  });
  return { collector, issues, codes: () => issues.map(({ code }) => code) };
}

/** Rows, each a call of its own. */
function give(collector: ModelDataCollector, count: number): void {
  for (const x of countUp(count)) {
    collector.collect([x, 'a']);
  }
}

describe('onError', () => {
  it('is told once of 10,000 rows that are no rows, and once of an outage that meets 50 files', async () => {
    const sink = failingSink();
    const { collector, codes } = start({ sink, featureNames: undefined, clock: new FakeClock() });
    for (let call = 0; call < 10_000; call += 1) {
      collector.collect('no row' as never);
    }
    expect(codes()).toEqual(['INVALID_ROWS']);
    sink.failure = Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
    // Each set of keys has a file of its own.
    for (let file = 0; file < 50; file += 1) {
      collector.collect({ [`key${file}`]: 1 });
    }
    await collector.flush({ timeoutMs: 20 }).catch(() => undefined);
    expect(codes()).toEqual(['INVALID_ROWS', 'ECONNREFUSED']);
    sink.failure = undefined;
    await collector.close();
    expect(collector.stats()).toMatchObject({ stored: 50, dropped: { invalid: 10_000 } });
  });

  it('is told of the same trouble again when it was gone, but not within a minute', async () => {
    const sink = failingSink();
    const clock = new FakeClock();
    const { collector, codes } = start({ sink, clock });
    const fail = async () => {
      sink.failure = Object.assign(new Error('away'), { statusCode: 503, code: 'ServerBusy' });
      give(collector, 3);
      await collector.flush({ timeoutMs: 10 }).catch(() => undefined);
    };
    const mend = async () => {
      sink.failure = undefined;
      await collector.flush();
    };
    await fail();
    await fail();
    expect(codes()).toEqual(['ServerBusy']);
    await mend();
    await fail();
    expect(codes()).toEqual(['ServerBusy']);
    await mend();
    await clock.advance(61_000);
    await fail();
    expect(codes()).toEqual(['ServerBusy', 'ServerBusy']);
    await clock.advance(300_000);
    expect(codes()).toEqual(['ServerBusy', 'ServerBusy']);
    await mend();
    await collector.close();
  });

  it('is told once of each of several causes, and once of a full buffer', async () => {
    const sink = failingSink();
    const { collector, codes } = start({ sink, maxBufferBytes: 2_000, clock: new FakeClock() });
    for (const failure of [{ statusCode: 503, code: 'ServerBusy' }, { statusCode: 403 }, { code: 'ECONNRESET' }]) {
      sink.failure = Object.assign(new Error('no'), failure);
      for (let round = 0; round < 3; round += 1) {
        give(collector, 100);
        await collector.flush({ timeoutMs: 10 }).catch(() => undefined);
      }
    }
    expect(codes().sort()).toEqual(['BUFFER_FULL', 'ECONNRESET', 'HTTP_403', 'ServerBusy']);
    sink.failure = undefined;
    await collector.close();
  });

  it('is told once when requests of different kinds are refused for the same reason', async () => {
    const wrong = Buffer.alloc(64, 1).toString('base64');
    const connectionString = stores.proxy.connectionString.replace(/AccountKey=[^;]+/, `AccountKey=${wrong}`);
    const { collector, codes } = start({ storage: { connectionString }, journal: { directory: newFolder() } });
    for (let round = 0; round < 3; round += 1) {
      give(collector, 5);
      await collector.flush({ timeoutMs: 2_000 }).catch(() => undefined);
    }
    expect(codes()).toEqual(['AuthorizationFailure']);
    await collector.close().catch(() => undefined);
    expect(codes().filter((code) => code !== 'LEDGER_FAILED')).toEqual(['AuthorizationFailure']);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('mine');
      },
    ],
    ['rejects', () => Promise.reject(new Error('mine'))],
    ['gives rows itself', undefined],
  ])('has no effect on the rows when it %s', async (_, onError) => {
    const sink = failingSink();
    let calls = 0;
    const { collector } = start({
      sink,
      clock: systemClock,
      onError: () => {
        calls += 1;
        if (onError === undefined) {
          collector.collect(['from onError', 'b']);
          return undefined;
        }
        return onError() as unknown as undefined;
      },
    });
    sink.failure = Object.assign(new Error('busy'), { statusCode: 503, code: 'ServerBusy' });
    give(collector, 10);
    await collector.flush({ timeoutMs: 20 }).catch(() => undefined);
    collector.collect('no row' as never);
    sink.failure = undefined;
    await collector.flush();
    await collector.close();
    expect(calls).toBe(2);
    const own = onError === undefined ? 2 : 0;
    expect(collector.stats()).toMatchObject({ collected: 11 + own, stored: 10 + own, dropped: { invalid: 1 } });
  });

  it('never hears of a store that works, whatever else is told', async () => {
    const { collector, issues } = start({
      storage: { connectionString: stores.azurite.connectionString },
      journal: { directory: newFolder() },
    });
    give(collector, 1_000);
    await collector.flush();
    await setImmediate();
    await collector.close();
    await settle();
    expect(issues).toEqual([]);
    expect(collector.stats().lastError).toBeUndefined();
  });
});

describe('onError of records', () => {
  function startRecords(options: Partial<CollectorOptions>) {
    const codes: string[] = [];
    const collector = new Collector({ name: 'model_inputs', onError: ({ code }) => codes.push(code), ...options });
    return { collector, codes };
  }

  it('is told each time of a call that is refused, and once of an outage that meets 50 files', async () => {
    const sink = failingSink();
    const { collector, codes } = startRecords({ sink, clock: new FakeClock() });
    for (let call = 0; call < 100; call += 1) {
      expect(collector.collect('no row' as never).isSuccess()).toBe(false);
    }
    expect(codes.splice(0)).toEqual(Array<string>(100).fill('UNSUPPORTED_DATA_TYPE'));
    sink.failure = Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
    // Each hour has a file of its own.
    for (let hour = 0; hour < 50; hour += 1) {
      collector.collect([{ hour }], new BasicCorrelationContext({ timestamp: 1_700_000_000 + hour * 3_600 }));
    }
    await collector.flush({ timeoutMs: 20 }).catch(() => undefined);
    expect(codes).toEqual(['ECONNREFUSED']);
    sink.failure = undefined;
    await collector.close();
    expect(collector.stats()).toMatchObject({ stored: 50, dropped: { invalid: 100 } });
  });

  it.each(['throws', 'rejects'])('has no effect on the records when it %s in the background', async (how) => {
    const sink = failingSink();
    let calls = 0;
    const { collector } = startRecords({
      sink,
      onError: () => {
        calls += 1;
        if (how === 'throws') {
          throw new Error('mine');
        }
        return Promise.reject(new Error('mine')) as unknown as undefined;
      },
    });
    sink.failure = Object.assign(new Error('busy'), { statusCode: 503, code: 'ServerBusy' });
    for (const x of countUp(10)) {
      expect(collector.collect([{ x }]).isSuccess()).toBe(true);
    }
    await collector.flush({ timeoutMs: 20 }).catch(() => undefined);
    sink.failure = undefined;
    await collector.flush();
    await collector.close();
    expect(calls).toBe(1);
    expect(collector.stats()).toMatchObject({ collected: 10, stored: 10, pending: 0 });
    expect(sink.records()).toHaveLength(10);
  });

  it.each(RECORD_KINDS)('never hears of %s that works, whatever else is told', async (kind) => {
    service += 1;
    await using sidecar = await startCollectionSidecar();
    const { account, azurite } = stores;
    const reach = { account, connectionString: azurite.connectionString, sidecar, port: sidecar.port };
    const codes: string[] = [];
    const plan = openSink(kind, `reports ${service}`, reach).plan(['x', 'y'], { journal: { directory: newFolder() } });
    const collector = openPlan(plan, { onError: ({ code }) => codes.push(code) });
    collector.giveEach(countUp(1_000).map((x) => [x, 'a']));
    await collector.flush();
    await setImmediate();
    await collector.close();
    await settle();
    expect(codes).toEqual([]);
    expect(collector.stats()).toMatchObject({ stored: 1_000, lastError: undefined });
  });
});
