import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@azureml-ts/common';
import type { InsightsOptions } from '../../src/index.ts';
import { Bench, balanced } from '../support.ts';

const HOUR = 3_600_000;

describe('spool', () => {
  let bench: Bench;
  let directory: string;

  beforeEach(async () => {
    bench = await Bench.open();
    directory = mkdtempSync(join(tmpdir(), 'azureml-spool-'));
  });

  afterEach(async () => {
    await bench.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const start = (options: InsightsOptions = {}) =>
    bench.start({ spool: { directory }, flushIntervalMs: 5, ...options });
  const messages = () => bench.standIn.items({ baseType: 'MessageData' }).map(({ data }) => data['message']);
  const folder = () => join(directory, readdirSync(directory)[0] ?? '');
  const files = () => (readdirSync(directory).length === 0 ? [] : readdirSync(folder()));

  /** Leaves these messages on disk, one file a batch. */
  async function leave(texts: readonly string[], options: InsightsOptions = {}) {
    bench.standIn.respondWith({ status: 503, retryAfter: 3600 });
    const insights = start(options);
    for (const message of texts) {
      insights.trackTrace({ message });
    }
    const stats = await insights.close();
    bench.standIn.respondWith(null);
    bench.standIn.clear();
    bench.log.length = 0;
    return stats;
  }

  it('keeps what cannot be sent at close, and the next start sends it and removes it', async () => {
    expect(await leave(['a', 'b'])).toMatchObject({ tracked: 2, sent: 0, spooled: 2, dropped: { failed: 0 } });
    expect(files()).toHaveLength(1);

    const next = start();
    await bench.standIn.waitFor((items) => items.length === 2);
    await next.flush();

    expect(messages()).toEqual(['a', 'b']);
    expect(files()).toEqual([]);
    // Items of the former process are counted by the one that sends them.
    expect(balanced(next)).toMatchObject({ tracked: 2, sent: 2, spooled: 0 });
    expect(bench.log).toEqual([]);
  });

  it('is of this user alone, and shows neither key nor address', async () => {
    await leave(['a']);
    const [file = ''] = files();

    expect(statSync(folder()).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder(), file)).mode & 0o777).toBe(0o600);
    expect(folder()).toMatch(/\/[0-9a-f]{16}$/);
    expect(readFileSync(join(folder(), file), 'utf8')).toMatch(/^\{"ver":1,.*\}\n$/);
  });

  it('removes a file only when the service has taken what is in it', async () => {
    await leave(['a', 'b', 'c']);
    bench.standIn.respondWith({ status: 503, retryAfter: 3600 });
    await start().close({ timeoutMs: 500 });
    expect(files()).toHaveLength(1);

    bench.standIn.respondWith({
      itemErrors: [
        { index: 1, statusCode: 500, message: 'later' },
        { index: 2, statusCode: 400, message: 'never' },
      ],
      times: 1,
    });
    const next = start();
    await next.close();

    expect(messages()).toEqual(['a', 'b']);
    expect(balanced(next)).toMatchObject({ tracked: 3, sent: 2, dropped: { rejected: 1 } });
    expect(files()).toEqual([]);
  });

  it('sends to a destination only what was meant for it', async () => {
    await leave(['a']);
    const key = '5ca1ab1e-0000-4000-8000-0000c0ffee01';
    const other = start({
      connectionString: `InstrumentationKey=${key};IngestionEndpoint=${bench.standIn.url}`,
    });
    await other.close();

    expect(bench.standIn.requests()).toEqual([]);
    await start().close();
    expect(messages()).toEqual(['a']);
  });

  it('gives each file to one of many that start at the same time', async () => {
    await leave(['a', 'b', 'c', 'd', 'e', 'f'], { maxBatchItems: 1 });
    expect(files()).toHaveLength(6);
    const all = [start(), start(), start(), start()];
    await Promise.all(all.map((insights) => insights.close()));

    expect(messages().toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(all.reduce((sum, insights) => sum + balanced(insights).sent, 0)).toBe(6);
  });

  it('takes what the queue cannot hold, and sends it when the service is back', async () => {
    bench.standIn.respondWith({ status: 503, retryAfter: 0 });
    const insights = start({ maxQueueItems: 20, maxBatchItems: 5 });
    insights.trackTrace({ message: 'm0' });
    await insights.flush({ timeoutMs: 50 });
    for (let index = 1; index < 200; index++) {
      insights.trackTrace({ message: `m${index}` });
      if (index % 5 === 0) {
        // A program that goes on: the disk gets its turn.
        while (insights.stats().pending > 12) {
          await new Promise(setImmediate);
        }
      }
    }
    const during = balanced(insights);
    expect(during).toMatchObject({ tracked: 200, sent: 0, dropped: { queueFull: 0 } });
    expect(during.spooled).toBeGreaterThan(150);

    bench.standIn.respondWith(null);
    await insights.flush({ timeoutMs: 20_000 });
    expect(balanced(insights)).toMatchObject({ sent: 200, pending: 0, spooled: 0 });
    expect(new Set(messages()).size).toBe(200);
    expect(files()).toEqual([]);
  }, 30_000);

  it('is bounded: what has no room is lost, counted and told', async () => {
    const message = 'x'.repeat(30_000);
    const stats = await leave([message, message, message, message], {
      maxBatchItems: 1,
      spool: { directory, maxBytes: 70_000 },
    });

    expect(stats).toMatchObject({ tracked: 4, spooled: 2, dropped: { failed: 2 } });
    expect(files().reduce((sum, file) => sum + statSync(join(folder(), file)).size, 0)).toBeLessThanOrEqual(70_000);
  });

  it('that is full leaves the items in memory, and they are sent from there', async () => {
    bench.standIn.respondWith({ status: 503, retryAfter: 0 });
    const insights = start({ maxQueueItems: 10, maxBatchItems: 1, spool: { directory, maxBytes: 70_000 } });
    insights.trackTrace({ message: 'first' });
    await insights.flush({ timeoutMs: 20 });
    for (let index = 0; index < 9; index++) {
      insights.trackTrace({ message: `m${index} ${'x'.repeat(30_000)}` });
    }
    while (!bench.log.some((line) => line.includes('the spool is full'))) {
      await new Promise(setImmediate);
    }
    expect(balanced(insights)).toMatchObject({ tracked: 10, dropped: { queueFull: 0, failed: 0 } });

    bench.standIn.respondWith(null);
    await insights.flush({ timeoutMs: 20_000 });
    expect(balanced(insights)).toMatchObject({ sent: 10, pending: 0, spooled: 0 });
    expect(new Set(messages()).size).toBe(10);
  });

  it('does not send what is older than 48 hours', async () => {
    await leave(['old']);
    const later = { ...systemClock, now: () => Date.now() + 49 * HOUR };
    const next = start({ clock: later });
    await next.close();

    expect(bench.standIn.requests()).toEqual([]);
    expect(files()).toEqual([]);
    expect(balanced(next)).toMatchObject({ tracked: 1, sent: 0, dropped: { failed: 1 } });
    expect(bench.log).toEqual([expect.stringContaining('older than 48 hours')]);
  });

  it('counts what it cannot read, and sends the rest', async () => {
    await leave(['a', 'b']);
    const path = join(folder(), files()[0] ?? '');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^./, '#'));
    const next = start();
    await next.close();

    expect(messages()).toEqual(['b']);
    expect(balanced(next)).toMatchObject({ tracked: 2, sent: 1, dropped: { failed: 1 } });
  });

  it('does not touch files that are not its own', async () => {
    await leave(['a']);
    writeFileSync(join(folder(), 'notes.txt'), 'mine');
    mkdirSync(join(folder(), '1764000000000-1-10-aaaaaaaaaaaa.items.d'));
    await start().close();

    expect(files().toSorted()).toEqual(['1764000000000-1-10-aaaaaaaaaaaa.items.d', 'notes.txt']);
  });

  it('is not used, and says so, when others could read or write it', async () => {
    await leave(['a']);
    chmodSync(folder(), 0o755);
    const next = start();
    bench.standIn.respondWith({ status: 503, retryAfter: 3600 });
    next.trackTrace({ message: 'b' });
    const stats = await next.close();

    expect(stats).toMatchObject({ tracked: 1, spooled: 0, dropped: { failed: 1 } });
    expect(bench.log.join('\n')).toContain('can be read or changed by others');
    expect(files()).toHaveLength(1);
  });

  it('that cannot be made does not stop the sending', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    const insights = start({ spool: { directory: join(file, 'below') } });
    insights.trackTrace({ message: 'm' });

    expect(await insights.close()).toMatchObject({ sent: 1, dropped: { failed: 0 } });
    expect(existsSync(join(file, 'below'))).toBe(false);
  });

  it.each([{ directory: '' }, {}, { directory: 'x', maxBytes: 10 }, 'spool'])('refuses %j', (spool) => {
    expect(() => start({ spool: spool as never })).toThrow(expect.objectContaining({ code: 'VALIDATION' }));
  });
});
