import { systemClock } from '@azureml-ts/common';
import { CollectedData } from '@azureml-ts/data';
import {
  BasicCorrelationContext,
  Collector,
  ModelDataCollector,
  type ModelDataCollectorOptions,
} from '@azureml-ts/monitoring';
import fc from 'fast-check';
import { newFolder } from './support/folders.ts';
import './support/quiet.ts';
import { allRows, column, countUp, repeated, rowsOf } from './support/stored-rows.ts';
import {
  type BlobStores,
  identityOf,
  STORE_KINDS,
  startBlobStores,
  type TestStore,
  testStore,
} from './support/stores.ts';
import { rowsOfLines } from './support/test-sink.ts';
import { textsBelow } from './support/texts-below.ts';

const HOUR_MS = 3_600_000;

let stores: BlobStores;
let service = 0;
let now: number;

beforeAll(async () => {
  stores = await startBlobStores();
});
afterAll(() => stores.close());

/** A clock that a test sets; its timers are real. */
const clock = { ...systemClock, now: () => now };

function start(kind: (typeof STORE_KINDS)[number], options: ModelDataCollectorOptions = {}) {
  service += 1;
  const name = `clock-${service}`;
  const store = testStore(kind, name, stores.account, stores.azurite.connectionString);
  const whole = {
    ...identityOf(name),
    ...store.options,
    featureNames: ['x', 'y'],
    journal: { directory: newFolder() },
    flushIntervalMs: 60_000,
    clock,
    ...options,
    designation: 'inputs',
  };
  const { storage } = store.options;
  const stream = { ...identityOf(name), storage, designation: 'inputs', modelName: 'best_model' };
  return { store, stream, options: whole, collector: new ModelDataCollector('best_model', whole) };
}

/** Values by the day of their file. */
async function byDay(store: TestStore): Promise<Record<string, string[]>> {
  const days = [...(await store.files())].map(([name, text]) => [
    /(\d{4}\/\d\d\/\d\d)\/(?:data|inputs)\.csv$/.exec(name)?.[1]?.replaceAll('/', '-') ?? name,
    column(rowsOf(text), 'x'),
  ]);
  return Object.fromEntries(days) as Record<string, string[]>;
}

describe.each(STORE_KINDS)('rows for %s', (kind) => {
  it('of midnight go to the day of their call, each call as a whole', async () => {
    now = Date.parse('2026-12-31T23:59:59.998Z');
    const { store, collector } = start(kind);
    for (const x of countUp(6)) {
      collector.collectRows([
        [x, 'a'],
        [x, 'b'],
      ]);
      now += 1;
    }
    await collector.flush();
    // The day before is not over for those who come late.
    now += HOUR_MS;
    const { correlations } = collector.collect(['new', 'a']);
    collector.collect(['late', 'a'], {
      correlations: { ...correlations, scoringTimestamp: '2026-12-31T23:59:59.999Z' },
    });
    await collector.close();
    // The Python package goes by the time of the call, whatever its correlations say.
    const isPython = kind === 'python blobs';
    expect(await byDay(store)).toEqual({
      '2026-12-31': ['0', '0', '1', '1', ...(isPython ? [] : ['late'])],
      '2027-01-01': ['2', '2', '3', '3', '4', '4', '5', '5', 'new', ...(isPython ? ['late'] : [])],
    });
    const times = column(allRows(await store.files()), '$aml_dc_scoring_timestamp');
    const inOneForm = times.map((time) => new Date(isPython ? `${time}Z` : time).toISOString());
    expect(inOneForm.slice(0, isPython ? 4 : 6)).toEqual([
      '2026-12-31T23:59:59.998Z',
      '2026-12-31T23:59:59.998Z',
      '2026-12-31T23:59:59.999Z',
      '2026-12-31T23:59:59.999Z',
      ...(isPython ? [] : ['2026-12-31T23:59:59.999Z', '2027-01-01T00:00:00.000Z']),
    ]);
  });

  it('are each stored once, in the day that the clock said, although it steps back', async () => {
    now = Date.parse('2026-03-05T00:10:00Z');
    const { store, options, collector } = start(kind, { flushIntervalMs: 20 });
    collector.collect(['1', 'a']);
    await collector.flush();
    now -= HOUR_MS;
    collector.collect(['2', 'a']);
    now -= 24 * HOUR_MS;
    collector.collect(['3', 'a']);
    await collector.flush();
    now += 49 * HOUR_MS;
    collector.collect(['4', 'a']);
    await collector.close();
    // The next process starts before this one began.
    now = Date.parse('2026-03-04T12:00:00Z');
    const next = new ModelDataCollector('best_model', options);
    next.collect(['5', 'a']);
    await next.close();
    expect(await byDay(store)).toEqual({
      '2026-03-03': ['3'],
      '2026-03-04': ['2', '5'],
      '2026-03-05': ['1'],
      '2026-03-06': ['4'],
    });
    const ids = column(allRows(await store.files()), '$aml_dc_correlation_id');
    const form = kind === 'python blobs' ? /^[\da-f-]{36}$/ : /^\w{12}-\d$/;
    expect(ids.filter((id) => !form.test(id))).toEqual([]);
    expect(repeated(ids)).toEqual([]);
    expect(collector.stats()).toMatchObject({ stored: 4, pending: 0 });
  });
});

describe('a clock that jumps about', () => {
  it('never costs a row, a place in its file, or an id', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: -72, max: 72 }), { minLength: 2, maxLength: 12 }), async (jumps) => {
        now = Date.parse('2026-06-15T12:00:00Z');
        const { store, stream, collector } = start('directory', { flushIntervalMs: 10 });
        const expected: Record<string, string[]> = {};
        for (const [index, hours] of jumps.entries()) {
          now += hours * HOUR_MS;
          collector.collect([String(index), 'a']);
          const day = new Date(now).toISOString().slice(0, 10);
          expected[day] = [...(expected[day] ?? []), String(index)];
          if (index % 3 === 0) {
            await collector.flush();
          }
        }
        await collector.close();
        expect(await byDay(store)).toEqual(expected);
        expect(collector.stats()).toMatchObject({ collected: jumps.length, stored: jumps.length, pending: 0 });
        const data = await CollectedData.open(stream);
        let rows = 0;
        for await (const _ of data.rows()) {
          rows += 1;
        }
        expect(rows).toBe(jumps.length);
      }),
      { numRuns: 40 },
    );
  });
});

describe('records whose contexts jump about in time', () => {
  it('are each stored once, in the hour of their context, in the order of their calls', async () => {
    const aroundHours = fc.oneof(fc.integer({ min: -72, max: 72 }), fc.constantFrom(-1 / 3_600, 0, 1 / 3_600));
    await fc.assert(
      fc.asyncProperty(fc.array(aroundHours, { minLength: 2, maxLength: 12 }), async (jumps) => {
        now = Date.parse('2026-06-15T12:00:00Z');
        const directory = newFolder();
        const collector = new Collector({
          name: 'model_inputs',
          sink: { directory },
          journal: { directory: newFolder() },
          flushIntervalMs: 10,
          clock,
        });
        const expected: Record<string, number[]> = {};
        for (const [x, hours] of jumps.entries()) {
          now += hours * HOUR_MS;
          collector.collect([{ x }], new BasicCorrelationContext({ timestamp: now / 1_000 }));
          const hour = new Date(now).toISOString().slice(0, 13).replaceAll(/[-T]/g, '/');
          expected[hour] = [...(expected[hour] ?? []), x];
          if (x % 3 === 0) {
            await collector.flush();
          }
        }
        await collector.close();
        const byHour: Record<string, number[]> = {};
        for (const [file, text] of await textsBelow(directory, '.jsonl')) {
          const hour = /(\d{4}\/\d\d\/\d\d\/\d\d)\/[^/]+$/.exec(file)?.[1] ?? file;
          expect(byHour[hour]).toBeUndefined();
          byHour[hour] = column(rowsOfLines(text), 'x').map(Number);
        }
        expect(byHour).toEqual(expected);
        expect(collector.stats()).toMatchObject({ collected: jumps.length, stored: jumps.length, pending: 0 });
      }),
      { numRuns: 40 },
    );
  });
});
