import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { JsonValue } from '@azureml-ts/common';
import fc from 'fast-check';
import { dataFilePath } from '../../src/format/blob-path.ts';
import { DirectorySink } from '../../src/sinks/directory-sink.ts';
import { temporaryFolder } from '../support/workspace.ts';
import { runWriter, runWriterThread } from './children/run.ts';
import { batchAt, type WriterOrder } from './children/writer-order.ts';
import { batchOf, DAY, Kept, storeAll, streamOf, valuesOf } from './give.ts';

const stream = streamOf('svc');

async function orderIn(base: string, change: Partial<WriterOrder> = {}): Promise<WriterOrder> {
  const writer = change.writer ?? 'w';
  return {
    directory: path.join(base, 'rows'),
    stream,
    day: DAY,
    writer,
    count: 1,
    rows: 3,
    journal: path.join(base, `journal-${writer}.json`),
    ...change,
  };
}

const fileIn = (base: string) => path.join(base, 'rows', 'modeldata', dataFilePath(stream, DAY));

async function storedIn(base: string): Promise<string[]> {
  // Nothing but the rows is left lying.
  expect(await readdir(path.dirname(fileIn(base)))).toEqual(['data.csv']);
  const text = await readFile(fileIn(base), 'utf8');
  expect(text.startsWith('x,$aml_dc_correlation_id')).toBe(true);
  expect(text.split('x,$aml_dc_correlation_id')).toHaveLength(2);
  expect(text.endsWith('\n')).toBe(true);
  return valuesOf(text);
}

/** The values of one writer's batches. */
function valuesFrom(writer: string, count: number, rows: number): string[] {
  return Array.from({ length: count * rows }, (_, at) => `${writer}/${Math.floor(at / rows)}/${at % rows}`);
}

/** Stores what a dead writer was about to store, as its journal has it. */
async function finish(order: WriterOrder): Promise<void> {
  const { index, intent } = existsSync(order.journal)
    ? (JSON.parse(await readFile(order.journal, 'utf8')) as { index: number; intent?: JsonValue })
    : { index: 0 };
  if (index < order.count) {
    const kept = new Kept(batchAt(order, index));
    kept.intent = intent;
    await kept.give(new DirectorySink(order.directory));
  }
}

describe('a process that is killed while it stores rows', () => {
  it.each(['before', 'half'] as const)(
    'leaves no half row, no second copy and nothing locked, at whichever step it dies (%s)',
    async (how) => {
      const tryAt = async (at: number, isFirst: boolean) => {
        const base = await temporaryFolder();
        const sink = new DirectorySink(path.join(base, 'rows'));
        if (!isFirst) {
          await storeAll(sink, [batchOf(stream, ['earlier'])]);
        }
        const order = await orderIn(base, { kill: { at, how } });
        const end = await runWriter(order);
        expect(end.output).toBe('');
        // Somebody who knows nothing of it goes on, then it starts again.
        await storeAll(new DirectorySink(path.join(base, 'rows')), [batchOf(stream, ['other'])]);
        await finish(order);
        const values = await storedIn(base);
        expect([...values].sort()).toEqual([...(isFirst ? [] : ['earlier']), 'other', ...valuesFrom('w', 1, 3)].sort());
        expect(values.filter((value) => value.startsWith('w/'))).toEqual(valuesFrom('w', 1, 3));
        return end.signal;
      };
      let deaths = 0;
      for (const isFirst of [true, false]) {
        for (let at = 1; (await tryAt(at, isFirst)) === 'SIGKILL'; at += 1) {
          deaths += 1;
        }
      }
      // Enough that every step of an append was met, with and without an earlier file.
      expect(deaths).toBeGreaterThan(how === 'before' ? 20 : 6);
    },
    120_000,
  );

  it('may die while it takes over from one that died', async () => {
    const point = fc.record({
      at: fc.integer({ min: 1, max: 26 }),
      how: fc.constantFrom('before' as const, 'half' as const),
    });
    await fc.assert(
      fc.asyncProperty(point, point, async (first, second) => {
        const base = await temporaryFolder();
        const orders = [
          await orderIn(base, { writer: 'a', kill: first }),
          await orderIn(base, { writer: 'b', kill: second }),
        ];
        for (const order of orders) {
          expect((await runWriter(order)).output).toBe('');
        }
        for (const order of orders) {
          await finish(order);
        }
        expect((await storedIn(base)).sort()).toEqual([...valuesFrom('a', 1, 3), ...valuesFrom('b', 1, 3)]);
      }),
      { numRuns: 12 },
    );
  }, 60_000);
});

describe('processes that write one file', () => {
  it('store every row once, in the order of each, however often they are killed', async () => {
    const base = await temporaryFolder();
    const writers = ['a', 'b', 'c'];
    const rounds = await Promise.all(
      writers.map(async (writer, which) => {
        const order = await orderIn(base, { writer, count: 12 });
        let deaths = 0;
        // Every start gets some further before it dies.
        for (let at = 20 + 7 * which; ; at += 23) {
          const how = at % 2 === 0 ? 'before' : 'half';
          const end = await runWriter({ ...order, kill: { at: how === 'half' ? Math.ceil(at / 3) : at, how } });
          expect(end.output).toBe('');
          if (end.signal !== 'SIGKILL') {
            expect(end.code).toBe(0);
            return deaths;
          }
          deaths += 1;
        }
      }),
    );
    expect(Math.min(...rounds)).toBeGreaterThan(2);
    // Drafts of those who died last go with the next who comes.
    await storeAll(new DirectorySink(path.join(base, 'rows')), [batchOf(stream, ['end'])]);
    const values = await storedIn(base);
    expect(values).toHaveLength(3 * 12 * 3 + 1);
    for (const writer of writers) {
      expect(values.filter((value) => value.startsWith(`${writer}/`))).toEqual(valuesFrom(writer, 12, 3));
    }
  }, 120_000);

  it('may be threads of one process too', async () => {
    const base = await temporaryFolder();
    const writers = ['a', 'b'];
    const orders = await Promise.all(writers.map((writer) => orderIn(base, { writer, count: 20 })));
    const sink = new DirectorySink(path.join(base, 'rows'));
    await Promise.all([
      ...orders.map(runWriterThread),
      storeAll(
        sink,
        Array.from({ length: 20 }, (_, index) => batchOf(stream, [`main/${index}`])),
      ),
    ]);
    const values = await storedIn(base);
    expect(values).toHaveLength(2 * 20 * 3 + 20);
    for (const writer of writers) {
      expect(values.filter((value) => value.startsWith(`${writer}/`))).toEqual(valuesFrom(writer, 20, 3));
    }
    expect(values.filter((value) => value.startsWith('main/'))).toEqual(
      Array.from({ length: 20 }, (_, index) => `main/${index}`),
    );
  }, 60_000);
});
