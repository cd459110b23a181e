import { ModelDataCollector } from '@azureml-ts/monitoring';
import { newFolder } from './support/folders.ts';
import './support/quiet.ts';
import { allRows, column, countUp } from './support/stored-rows.ts';
import { blobFiles, identityOf } from './support/stores.ts';
import type { TappedRequest } from './support/tap.ts';
import { tappedStores } from './support/tapped-stores.ts';

const here = tappedStores();
let service = 0;

beforeEach(() => {
  here.reset();
  service += 1;
});

function collector(): ModelDataCollector {
  return new ModelDataCollector('best_model', {
    ...identityOf(`hung-${service}`),
    designation: 'inputs',
    featureNames: ['x', 'y'],
    storage: { connectionString: here.tap.connectionString },
    journal: { directory: newFolder() },
    flushIntervalMs: 60_000,
  });
}

function give(to: ModelDataCollector, count: number, first = 0): void {
  to.collectRows(countUp(count, first).map((x) => [x, 'a']));
}

const stored = async () => column(allRows(await blobFiles(here.stores.account, `hung-${service}`)), 'x');

describe('a call that hangs', () => {
  it('is ended by the time limit of flush and of close, and its rows are stored once afterwards', async () => {
    const inputs = collector();
    give(inputs, 5);
    await inputs.flush();
    const hang = here.stores.proxy.inject({ kind: 'hang', query: 'comp=appendblock' });
    give(inputs, 5, 5);
    await expect(inputs.flush({ timeoutMs: 200 })).rejects.toMatchObject({ code: 'FLUSH_FAILED', keptRows: 5 });
    expect(hang.hits).toBeGreaterThan(0);
    hang.remove();
    await inputs.flush();
    expect(await stored()).toEqual(countUp(10));
    here.stores.proxy.inject({ kind: 'hang' });
    give(inputs, 5, 10);
    await expect(inputs.close({ timeoutMs: 200 })).rejects.toMatchObject({ keptRows: 5, lostRows: 0 });
  });

  it('is ended by an abort, also when the store has done the work: the rows are there once', async () => {
    const inputs = collector();
    give(inputs, 5);
    await inputs.flush();
    const controller = new AbortController();
    const release = Promise.withResolvers<void>();
    let held = 0;
    here.tap.decide = ({ write }) =>
      write > 0 && held++ === 0
        ? {
            after: () => {
              controller.abort(new Error('enough'));
              return release.promise;
            },
          }
        : undefined;
    give(inputs, 5, 5);
    await expect(inputs.flush({ abortSignal: controller.signal })).rejects.toMatchObject({ keptRows: 5 });
    release.resolve();
    await inputs.flush();
    await inputs.close();
    expect(await stored()).toEqual(countUp(10));
    expect(inputs.stats()).toMatchObject({ collected: 10, stored: 10, pending: 0 });
  });

  it('cannot add its rows when it arrives late, after they were sent again', async () => {
    const inputs = collector();
    give(inputs, 5);
    await inputs.flush();
    // The first copy is on its way for longer than anybody waits for it.
    const arrives = Promise.withResolvers<void>();
    const late = Promise.withResolvers<void>();
    let held = 0;
    here.tap.decide = ({ write }) =>
      write > 0 && held++ === 0 ? { before: () => arrives.promise, after: () => late.resolve() } : undefined;
    give(inputs, 5, 5);
    await expect(inputs.flush({ timeoutMs: 200 })).rejects.toMatchObject({ keptRows: 5 });
    await inputs.flush();
    arrives.resolve();
    await late.promise;
    give(inputs, 5, 10);
    await inputs.flush();
    await inputs.close();
    expect(await stored()).toEqual(countUp(15));
  });

  it('that nobody limits is ended after half a minute, and tried again', async () => {
    const inputs = collector();
    const hang = here.stores.proxy.inject({ kind: 'hang', query: 'comp=appendblock', times: 1 });
    give(inputs, 5);
    await inputs.flush({ timeoutMs: Number.POSITIVE_INFINITY });
    expect(hang.hits).toBe(1);
    await inputs.close();
    expect(await stored()).toEqual(countUp(5));
  });
});

describe('an answer that breaks off', () => {
  const isAppend = ({ write }: TappedRequest) => write > 0;
  /** Not in step with the requests that one try makes. */
  const BROKEN = new Set([1, 2, 4, 9, 11, 12, 16]);
  const isLook = ({ method }: TappedRequest) => method === 'HEAD' || method === 'GET';

  it.each([
    ['to an append', isAppend],
    ['to a look at the blob', isLook],
    ['to either of them', (request: TappedRequest) => isAppend(request) || isLook(request)],
  ])('%s does not store rows twice or leave them out', async (_, isMeant) => {
    const inputs = collector();
    let answers = 0;
    here.tap.decide = (request) => {
      answers += isMeant(request) ? 1 : 0;
      return isMeant(request) && BROKEN.has(answers) ? { answer: 'half' } : undefined;
    };
    for (let chunk = 0; chunk < 4; chunk += 1) {
      give(inputs, 5, chunk * 5);
      await inputs.flush();
    }
    await inputs.close();
    expect(answers).toBeGreaterThan(3);
    expect(await stored()).toEqual(countUp(20));
  });
});
