import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import type { JoinedRow } from '../../src/index.ts';
import { idKey, timeKey } from '../../src/join/call-identity.ts';
import { sortRows } from '../../src/join/sort-rows.ts';
import { all } from '../support/stream.ts';
import { storeSides } from './side-files.ts';

type Row = JoinedRow<Record<string, unknown>, null>;

function row(id: string, ms: number, requestId?: string, left: Record<string, unknown> = {}): Row {
  const scoringTimestamp = new Date(1_772_600_000_000 + ms).toISOString();
  return {
    correlationId: id,
    position: 0,
    userCorrelationId: undefined,
    scoringTimestamp,
    requestId,
    modelVersion: '1',
    left,
    right: null,
  };
}

async function* give<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'azureml-ts-order-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('the order of joined rows', () => {
  it('is that of the scoring, over days and files, with the rows of a call in their places', async () => {
    const [inputs, predictions] = await storeSides(
      { '2026-03-04': ['a@w-10', 'b@w-9', 'c@w-9'], '2026-03-05': ['d@w-11'] },
      { '2026-03-04': ['B@w-9', 'C@w-9', 'A@w-10'], '2026-03-05': ['D@w-11'] },
    );
    const order = async (orderBy: 'stored' | 'time') =>
      (await all(inputs.join<{ x: string }, { x: string }>(predictions, { orderBy }))).map(({ left }) => left.x);
    expect(await order('time')).toEqual(['a', 'b', 'c', 'd']);
    expect((await order('stored')).toSorted()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is the same for rows in memory and in the temporary folder, which is private and gone afterwards', async () => {
    const rows = Array.from({ length: 1200 }, (_, index) =>
      row(`w-${index + 1}`, (index * 7919) % 1013, index % 3 === 0 ? undefined : `r${index % 100}`, {
        number: index % 2 === 0 ? Number.NaN : -0,
        big: BigInt(index),
        date: new Date(index),
        text: 'é'.repeat(index % 5),
        nothing: null,
      }),
    );
    for (const order of ['time', 'requestId'] as const) {
      const inMemory = await all(sortRows(give(rows), order));
      // Less than one row fits: some 1200 runs, merged three levels deep.
      const put = sortRows(give(rows), order, { maxBytes: 500, directory });
      const { value: first } = await put.next();
      const own = readdirSync(directory);
      expect(own).toEqual([expect.stringMatching(/^azureml-ts-rows-/)]);
      const folder = path.join(directory, own[0] ?? '');
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      const modes = readdirSync(folder).map((file) => statSync(path.join(folder, file)).mode & 0o777);
      expect(modes.length).toBeGreaterThan(2);
      expect(new Set(modes)).toEqual(new Set([0o600]));
      expect([first, ...(await all(put))]).toEqual(inMemory);
      expect(readdirSync(directory)).toEqual([]);
      expect(inMemory).toHaveLength(rows.length);
    }
  });

  it('does not depend on the order in which rows are stored', async () => {
    const anyRow = fc.record({
      id: fc.nat(20),
      ms: fc.nat(5),
      request: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(anyRow, { selector: ({ id }) => id, maxLength: 20 }),
        fc.constantFrom('time' as const, 'requestId' as const),
        fc.integer({ min: 1, max: 2000 }),
        async (cases, order, maxBytes) => {
          const rows = cases.map(({ id, ms, request }) => row(`w-${id + 1}`, ms, request));
          const ids = async (given: readonly Row[]) =>
            (await all(sortRows(give(given), order, { maxBytes, directory }))).map(
              ({ correlationId }) => correlationId,
            );
          const expected = rows.toSorted(
            (a, b) =>
              (order === 'requestId' ? compare(a.requestId ?? '', b.requestId ?? '') : 0) ||
              compare(a.scoringTimestamp, b.scoringTimestamp) ||
              Number(a.correlationId.slice(2)) - Number(b.correlationId.slice(2)),
          );
          expect(await ids(rows)).toEqual(expected.map(({ correlationId }) => correlationId));
          expect(await ids(rows.toReversed())).toEqual(await ids(rows));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('ends with the reason of the abort signal, and with an error when nothing can be put aside', async () => {
    const rows = Array.from({ length: 10 }, (_, index) => row(`w-${index + 1}`, index));
    const controller = new AbortController();
    const sorted = sortRows(give(rows), 'time', { abortSignal: controller.signal, maxBytes: 500, directory });
    await sorted.next();
    expect(readdirSync(directory)).toHaveLength(1);
    controller.abort(new Error('enough'));
    await expect(sorted.next()).rejects.toThrow('enough');
    expect(readdirSync(directory)).toEqual([]);
    const missing = path.join(directory, 'none');
    const refused = all(sortRows(give(rows), 'time', { maxBytes: 500, directory: missing }));
    await expect(refused).rejects.toMatchObject({ code: 'TEMPORARY_FOLDER_FAILED' });
    await expect(refused).rejects.toThrow(/none.*name another folder in TMPDIR/s);
  });

  it('leaves nothing behind when the reading ends early', async () => {
    const rows = Array.from({ length: 10 }, (_, index) => row(`w-${index + 1}`, index));
    for await (const { correlationId } of sortRows(give(rows), 'time', { maxBytes: 500, directory })) {
      expect(correlationId).toBe('w-1');
      break;
    }
    expect(readdirSync(directory)).toEqual([]);
  });

  it('knows times of any precision and numbers of calls', () => {
    const times = [
      '2026-03-04T05:06:07Z',
      '2026-03-04T05:06:07.1Z',
      '2026-03-04T05:06:07.123Z',
      '2026-03-04T05:06:07.123456Z',
    ];
    expect(times.toReversed().toSorted((a, b) => compare(timeKey(a), timeKey(b)))).toEqual(times);
    expect(['w-10', 'w-9', 'v-11', 'x'].toSorted((a, b) => compare(idKey(a), idKey(b)))).toEqual([
      'v-11',
      'w-9',
      'w-10',
      'x',
    ]);
  });
});

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
