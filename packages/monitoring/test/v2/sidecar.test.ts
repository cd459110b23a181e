import { once } from 'node:events';
import { createServer } from 'node:net';
import { type CollectionSidecar, startCollectionSidecar } from '@azureml-ts/testing';
import fc from 'fast-check';
import { BasicCorrelationContext } from '../../src/index.ts';
import { headerValue } from '../../src/v2/sidecar/header-text.ts';
import { temporaryFolder } from '../support/workspace.ts';
import { collecting, logged } from './support.ts';

let sidecar: CollectionSidecar;
beforeEach(async () => {
  sidecar = await startCollectionSidecar();
});
afterEach(() => sidecar.close());

const toSidecar = (options: object = {}) => collecting({ sink: { port: sidecar.port }, ...options });
const numbers = () => sidecar.records().map(({ body }) => JSON.parse(body)[0].index as number);
const countUp = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('a record for the sidecar', () => {
  it('has the headers of the Python collector, in its order', async () => {
    const { collector } = toSidecar({ name: 'sp ace/slash' });
    collector.collect([{ a: 1 }], new BasicCorrelationContext({ id: 'c0', timestamp: 1.5, headers: { tenant: 't1' } }));
    await collector.close();
    const [record] = sidecar.requests();
    expect([record?.method, record?.path, record?.body]).toEqual(['POST', '/modeldata/log', '[{"a":1}]']);
    expect(record?.headers).toEqual([
      ['Host', `127.0.0.1:${sidecar.port}`],
      ['User-Agent', 'azureml-ts'],
      ['Accept-Encoding', 'identity'],
      ['Accept', '*/*'],
      ['Connection', 'keep-alive'],
      ['Content-Type', 'application/json'],
      ['trace-id', expect.stringMatching(/^[0-9a-f-]{36}$/)],
      ['ce-time', '1'],
      ['ce-type', 'azureml.inference.sp ace/slash'],
      ['ce-collect-data-type', 'pandas.DataFrame'],
      ['ce-agent', 'azureml-ai-monitoring/1.0.0'],
      ['ce-x-request-id', 'c0'],
      ['ce-model-version', 'default'],
      ['ce-tenant', 't1'],
      ['Content-Length', '9'],
    ]);
  });

  it('gets there whatever its id and its headers hold, and so do those behind it', async () => {
    const { collector } = toSidecar();
    const ids = ['日本', 'é', 'a\r\nx: y', ' a ', 'half \ud800', '\u007f', 'a%20b'];
    for (const id of ids) {
      collector.collect([{ a: 1 }], new BasicCorrelationContext({ id, headers: { 'x-y': id, 'b d': '1', Time: '2' } }));
    }
    await collector.close();
    expect(sidecar.records().map((record) => record.header('ce-x-request-id'))).toEqual([
      '%E6%97%A5%E6%9C%AC',
      'é',
      'a%0D%0Ax:%20y',
      '%20a%20',
      'half%20%EF%BF%BD',
      '%7F',
      'a%20b',
    ]);
    expect(sidecar.records().every((record) => record.header('ce-x-y') === record.header('ce-x-request-id'))).toBe(
      true,
    );
    expect(sidecar.records().every((record) => record.header('x') === undefined)).toBe(true);
    expect(sidecar.records()[0]?.header('ce-time')).not.toBe('2');
    expect(logged.filter((line) => line.includes('cannot go along'))).toHaveLength(1);
  });

  it('never holds up those behind it, however long its id and its headers are', async () => {
    const { collector, codes, errors } = toSidecar();
    const long = collector.collect([{ index: 0 }], new BasicCorrelationContext({ id: 'x'.repeat(100_000) }));
    expect([long.isSuccess(), codes()]).toEqual([false, ['CONTEXT_TOO_LONG']]);
    expect(errors[0]?.message).toContain('100000 characters');
    const headers = { first: 'a', big: 'x'.repeat(20_000), last: 'b' };
    expect(collector.collect([{ index: 1 }], new BasicCorrelationContext({ headers })).isSuccess()).toBe(true);
    const many = Object.fromEntries(countUp(3_000).map((index) => [`h${index}`, 'v']));
    expect(collector.collect([{ index: 2 }], new BasicCorrelationContext({ headers: many })).isSuccess()).toBe(true);
    collector.collect([{ index: 3 }], new BasicCorrelationContext({ id: '日'.repeat(512) }));
    await collector.close();
    expect(numbers()).toEqual([1, 2, 3]);
    const [first, second] = sidecar.records();
    expect(['ce-first', 'ce-big', 'ce-last'].map((name) => first?.header(name))).toEqual(['a', undefined, 'b']);
    expect(second?.header('ce-h0')).toBe('v');
    expect(collector.stats()).toMatchObject({ stored: 3, dropped: { invalid: 1, failed: 0 } });
    expect(logged.filter((line) => line.includes('cannot go along'))).toHaveLength(1);
  });

  it('is given up when the name of the collection is too long for any request', async () => {
    const { collector, codes } = toSidecar({ name: 'n'.repeat(20_000) });
    collector.collect([{ index: 0 }]);
    await collector.close();
    expect([codes(), collector.stats().dropped.failed, sidecar.requests()]).toEqual([['CONTEXT_TOO_LONG'], 1, []]);
  });

  it('has values that a header can hold, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const value = headerValue(text);
        expect(value).toMatch(/^[\t\x20-\x7e\xa0-\xff]*$/);
        expect(value.trim()).toBe(value);
      }),
    );
  });
});

describe('delivery to the sidecar', () => {
  it('keeps the order of a burst of 5,000 records on one connection, and loses none', async () => {
    const { collector, errors } = toSidecar();
    for (const index of countUp(5_000)) {
      collector.collect([{ index }]);
    }
    await collector.close();
    expect(numbers()).toEqual(countUp(5_000));
    expect(new Set(sidecar.records().map(({ connection }) => connection)).size).toBe(1);
    expect([errors, collector.stats().stored]).toEqual([[], 5_000]);
  });

  it('is tried again after answers that pass, under the same id, in order', async () => {
    sidecar.respondWith([
      { status: 429, headers: { 'retry-after': '0' }, times: 2 },
      { status: 500, times: 1 },
      { status: 200, times: 3 },
      { status: 503, times: 1 },
      { status: 408, times: 1 },
      { cut: 'before', times: 1 },
      {},
    ]);
    const { collector } = toSidecar();
    for (const index of countUp(20)) {
      collector.collect([{ index }]);
    }
    await collector.close();
    expect(numbers()).toEqual(countUp(20));
    const ids = sidecar
      .requests()
      .map((record) => [JSON.parse(record.body)[0].index, record.header('trace-id')].join());
    expect(new Set(ids).size).toBe(20);
    expect(sidecar.requests()).toHaveLength(26);
    expect(collector.stats()).toMatchObject({ stored: 20, pending: 0, dropped: { failed: 0 } });
  });

  it('sends a record whose answer was lost once more, under the same id, and no other', async () => {
    sidecar.respondWith([{ times: 4 }, { cut: 'after', times: 1 }, {}]);
    const { collector } = toSidecar();
    for (const index of countUp(10)) {
      collector.collect([{ index }]);
    }
    await collector.close();
    expect(numbers()).toEqual([0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9]);
    expect(sidecar.records()[4]?.header('trace-id')).toBe(sidecar.records()[5]?.header('trace-id'));
  });

  it('waits as long as the sidecar asks', async () => {
    sidecar.respondWith([{ status: 429, headers: { 'retry-after': '1' }, times: 1 }, {}]);
    const { collector } = toSidecar();
    collector.collect([{ index: 0 }]);
    const start = performance.now();
    await collector.close();
    expect(performance.now() - start).toBeGreaterThan(900);
    expect(numbers()).toEqual([0]);
  });

  it('counts and reports what the sidecar refuses for good, and goes on', async () => {
    sidecar.respondWith([
      { times: 2 },
      { status: 400, times: 1 },
      { status: 302, times: 1 },
      { status: 413, times: 1 },
      {},
    ]);
    const { collector, errors } = toSidecar();
    for (const index of countUp(10)) {
      collector.collect([{ index }]);
    }
    await collector.close();
    expect(numbers()).toEqual([0, 1, 5, 6, 7, 8, 9]);
    expect(collector.stats()).toMatchObject({ collected: 10, stored: 7, pending: 0, dropped: { failed: 3 } });
    expect(errors.map(({ code }) => code)).toEqual(['RECORD_REFUSED']);
    expect(errors[0]?.message).toMatch(/answered with status \d+ to the record/);
  });

  it('takes a sidecar that answers late, and one that never answers for one that is away', async () => {
    sidecar.respondWith([{ delayMs: 60, times: 1 }, { delayMs: 60_000, times: 1 }, {}]);
    const { collector } = collecting({ sink: { port: sidecar.port, requestTimeoutMs: 200 } });
    collector.collect([{ index: 0 }]);
    collector.collect([{ index: 1 }]);
    await collector.close();
    expect(numbers()).toEqual([0, 1]);
  });

  it.each([Number.POSITIVE_INFINITY, 1e12])('waits for an answer up to %d milliseconds', async (requestTimeoutMs) => {
    sidecar.respondWith([{ delayMs: 60, times: 1 }, {}]);
    const { collector, errors } = collecting({ sink: { port: sidecar.port, requestTimeoutMs } });
    collector.collect([{ index: 0 }]);
    await collector.close();
    expect([numbers(), errors]).toEqual([[0], []]);
  });

  it('waits for a sidecar that is not there, and delivers in order when it comes', async () => {
    const reserved = createServer().listen(0, '127.0.0.1');
    await once(reserved, 'listening');
    const { port } = reserved.address() as { port: number };
    reserved.close();
    await once(reserved, 'close');
    const told = Promise.withResolvers<void>();
    const { collector, codes } = collecting({ sink: { port }, onError: () => told.resolve() });
    for (const index of countUp(600)) {
      collector.collect([{ index }]);
    }
    await told.promise;
    expect(collector.stats().lastError).toContain('does not answer');
    expect(codes()).toEqual([]);
    await using late = await startCollectionSidecar({ port });
    await collector.flush();
    expect(late.records().map(({ body }) => JSON.parse(body)[0].index)).toEqual(countUp(600));
    await collector.close();
  });

  it('goes on where it was after the sidecar was started anew', async () => {
    const { collector } = toSidecar();
    for (const index of countUp(300)) {
      collector.collect([{ index }]);
    }
    await sidecar.waitFor(100);
    const { port } = sidecar;
    await sidecar.close();
    const before = numbers();
    for (const index of countUp(300)) {
      collector.collect([{ index: 300 + index }]);
    }
    sidecar = await startCollectionSidecar({ port });
    await collector.close();
    const all = [...before, ...numbers()];
    // At most the record that was under way comes twice.
    expect(all.length).toBeLessThanOrEqual(601);
    expect([...new Set(all)]).toEqual(countUp(600));
    expect(all).toEqual([...all].sort((one, other) => one - other));
  });

  it('keeps what it cannot deliver in the journal, and the next process delivers it', async () => {
    const journal = { directory: await temporaryFolder() };
    sidecar.respondWith({ status: 503 });
    const { collector } = toSidecar({ journal });
    for (const index of countUp(300)) {
      collector.collect([{ index }], new BasicCorrelationContext({ id: `id-${index}`, headers: { h: 'v' } }));
    }
    await expect(collector.close({ timeoutMs: 100 })).rejects.toMatchObject({ keptRows: 300, lostRows: 0 });
    sidecar.respondWith(null);
    sidecar.clear();
    const { collector: next } = toSidecar({ journal });
    await next.flush();
    // The record that was under way when the first one ended may come twice.
    expect([...new Set(numbers())]).toEqual(countUp(300));
    expect(numbers().length).toBeLessThanOrEqual(301);
    const last = sidecar.records().at(-1);
    expect([last?.header('ce-type'), last?.header('ce-x-request-id'), last?.header('ce-h')]).toEqual([
      'azureml.inference.model_inputs',
      'id-299',
      'v',
    ]);
    expect(next.stats().recovered).toEqual({ stored: 300, pending: 0 });
    await next.close();
  });

  it('is bounded in memory: more records are refused, and counted', async () => {
    sidecar.respondWith({ delayMs: 60_000 });
    const { collector, codes } = toSidecar({ maxBufferBytes: 10_000 });
    const taken = countUp(100).filter((index) => collector.collect([{ index, text: 'x'.repeat(200) }]).isSuccess());
    expect(taken.length).toBeGreaterThan(10);
    expect(taken.length).toBeLessThan(50);
    expect(collector.stats().pendingBytes).toBeLessThanOrEqual(10_000);
    expect(codes()).toEqual(Array(100 - taken.length).fill('QUEUE_FULL'));
    await expect(collector.close({ timeoutMs: 50 })).rejects.toMatchObject({ keptRows: 0, lostRows: taken.length });
  });
});
