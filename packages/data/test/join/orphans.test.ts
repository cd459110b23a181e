import fc from 'fast-check';
import { CollectedData, type JoinDuplicate, type JoinOrphan } from '../../src/index.ts';
import { CallReader } from '../../src/join/call-reader.ts';
import { joinCalls } from '../../src/join/join-calls.ts';
import type { SideChunk } from '../../src/join/join-side.ts';
import { JoinCounts } from '../../src/join/join-summary.ts';
import { SeenCalls } from '../../src/join/seen-calls.ts';
import { all, stream, temporaryFolder } from '../support/stream.ts';
import { storeSides } from './side-files.ts';

type Row = { x: string | number };
const DAY = '2026-03-04';

function shown(rows: readonly { left: Row | null; right: Row | null; correlationId: string; position: number }[]) {
  return rows
    .map(({ left, right, correlationId, position }) => `${left?.x}-${right?.x}@${correlationId}/${position}`)
    .sort();
}

const LEFT = ['a@w-1', 'b@w-1', 'c@w-2', 'd@w-3', 'again@w-1', 'n@'];
const RIGHT = ['A@w-1', 'D@w-3', 'D2@w-3', 'F@w-9', 'again@w-3', 'again@w-3'];

describe('rows without a partner', () => {
  it('are given with nothing beside them where that is asked for, and counted and told all the same', async () => {
    const [inputs, predictions] = await storeSides({ [DAY]: LEFT }, { [DAY]: RIGHT });
    const inner = await all(inputs.join<Row, Row>(predictions));
    // The types say which side may be missing.
    const [first] = inner;
    const text: string = String(first?.left.x ?? '') + String(first?.right.x ?? '');
    expect(text).toBe('aA');
    expect(shown(inner)).toEqual(['a-A@w-1/0', 'd-D@w-3/0']);

    const left = await all(inputs.join<Row, Row>(predictions, { how: 'left' }));
    expect(left.map(({ left: { x }, right }) => `${x}${right?.x ?? ''}`).sort()).toEqual(['aA', 'b', 'c', 'dD', 'n']);

    const orphans: JoinOrphan[] = [];
    const duplicates: JoinDuplicate[] = [];
    const joined = inputs.join<Row, Row>(predictions, {
      how: 'outer',
      onOrphan: (orphan) => orphans.push(orphan),
      onDuplicate: (duplicate) => duplicates.push(duplicate),
    });
    expect(shown(await all(joined))).toEqual([
      'a-A@w-1/0',
      'b-undefined@w-1/1',
      'c-undefined@w-2/0',
      'd-D@w-3/0',
      'n-undefined@/0',
      'undefined-D2@w-3/1',
      'undefined-F@w-9/0',
    ]);
    expect(
      orphans.map(({ side, correlationId, position, rowCount }) => [side, correlationId, position, rowCount]).sort(),
    ).toEqual([
      ['left', '', 0, 1],
      ['left', 'w-1', 1, 1],
      ['left', 'w-2', 0, 1],
      ['right', 'w-3', 1, 1],
      ['right', 'w-9', 0, 1],
    ]);
    expect(duplicates.map(({ side, correlationId, rowCount }) => [side, correlationId, rowCount])).toEqual(
      expect.arrayContaining([
        ['left', 'w-1', 1],
        ['right', 'w-3', 2],
      ]),
    );
    expect(duplicates[0]?.path).toMatch(/2026\/03\/04\/data\.csv$/);
    expect(joined.summary).toMatchObject({
      leftRows: 6,
      rightRows: 6,
      matched: 2,
      leftOnly: 3,
      rightOnly: 2,
      unequalCalls: 2,
      duplicateCalls: 2,
      duplicateRows: 3,
    });
  });

  it('are told beyond the hundred that the summary names', async () => {
    const [inputs, predictions] = await storeSides(
      { [DAY]: Array.from({ length: 150 }, (_, index) => `v@w-${index + 1}`) },
      { [DAY]: [] },
    );
    const told: string[] = [];
    const joined = inputs.join(predictions, { onOrphan: ({ correlationId }) => told.push(correlationId) });
    expect(await all(joined)).toEqual([]);
    expect(told).toEqual(Array.from({ length: 150 }, (_, index) => `w-${index + 1}`));
    expect(joined.summary.ids.leftOnly).toHaveLength(100);
  });

  it('are known two days later, so that a side that is missing for long does not fill memory', async () => {
    const days = Array.from({ length: 10 }, (_, index) => `2026-03-${String(index + 1).padStart(2, '0')}`);
    const known = new Map<string, string>();
    let reading = '';
    async function* side(name: string, rowsOf: (day: string) => string[]): AsyncGenerator<SideChunk<Row>> {
      for (const day of days) {
        reading = name === 'left' ? day : reading;
        const rows = rowsOf(day).map((id) => ({
          features: { x: 1 },
          call: { id, userCorrelationId: '', scoringTimestamp: `${day}T00:00:00.000Z`, requestId: '' },
        }));
        if (rows.length > 0) {
          yield { path: `${name}/${day}`, day, modelVersion: '1', rows };
        }
      }
    }
    const counts = new JoinCounts();
    const rows = joinCalls<Row, Row>(
      () => side('left', (day) => [`orphan-of-${day}`, `w-${day.slice(-2)}`]),
      () => side('right', (day) => (day === '2026-03-10' ? ['w-10'] : [])),
      counts,
      { onOrphan: ({ correlationId }) => known.set(correlationId, reading) },
    );
    expect((await all(rows)).map(({ correlationId }) => correlationId)).toEqual(['w-10']);
    expect(known.get('orphan-of-2026-03-01')).toBe('2026-03-03');
    expect(known.get('orphan-of-2026-03-07')).toBe('2026-03-09');
    expect(known.size).toBe(19);
    expect(counts.snapshot()).toMatchObject({ leftRows: 20, rightRows: 1, matched: 1, leftOnly: 19 });
  });

  it('are no orphans when the other side is stored in the day after, or the day before', async () => {
    const [inputs, predictions] = await storeSides(
      { '2026-03-04': ['a@w-1'], '2026-03-05': ['b@w-2'], '2026-03-09': ['z@w-9'] },
      { '2026-03-04': ['B@w-2'], '2026-03-05': ['A@w-1'], '2026-03-09': ['Z@w-9'] },
    );
    expect(shown(await all(inputs.join<Row, Row>(predictions)))).toEqual(['a-A@w-1/0', 'b-B@w-2/0', 'z-Z@w-9/0']);
  });
});

describe('the counts of a join', () => {
  it('account for every row of both sides, whatever is stored', async () => {
    const id = fc.constantFrom('w-1', 'w-2', 'w-3', 'w-4', 'x-1', 'u', '');
    const side = fc.array(fc.array(id, { maxLength: 6 }), { maxLength: 3 });
    const days = (side: string[][]) =>
      Object.fromEntries(side.map((ids, index) => [`2026-03-0${index + 1}`, ids.map((each) => `v@${each}`)]));
    await fc.assert(
      fc.asyncProperty(side, side, fc.constantFrom('inner', 'left', 'outer' as const), async (left, right, how) => {
        fc.pre(left.length > 0 && right.length > 0);
        const [inputs, predictions] = await storeSides(days(left), days(right));
        let orphanRows = 0;
        let duplicateRows = 0;
        const joined = inputs.join<Row, Row>(predictions, {
          how,
          onOrphan: ({ rowCount }) => {
            orphanRows += rowCount;
          },
          onDuplicate: ({ rowCount }) => {
            duplicateRows += rowCount;
          },
        });
        const rows = await all(joined);
        const { summary } = joined;
        expect(summary.leftRows).toBe(left.flat().length);
        expect(summary.rightRows).toBe(right.flat().length);
        expect(summary.leftRows + summary.rightRows).toBe(
          2 * summary.matched + summary.leftOnly + summary.rightOnly + summary.duplicateRows,
        );
        expect(orphanRows).toBe(summary.leftOnly + summary.rightOnly);
        expect(duplicateRows).toBe(summary.duplicateRows);
        expect(rows).toHaveLength(
          summary.matched + (how === 'inner' ? 0 : summary.leftOnly) + (how === 'outer' ? summary.rightOnly : 0),
        );
        // A call whose sides are stored days apart is an orphan on both. An id that no collector made may come again
        // days later, and is another call then.
        const places = rows
          .filter((row) => /^[wx]-/.test(row.correlationId))
          .map((row) => `${row.correlationId}/${row.position}${row.left === null}${row.right === null}`);
        expect(new Set(places).size).toBe(places.length);
      }),
      { numRuns: 60 },
    );
  });
});

describe('options of a join', () => {
  it('are checked at once', async () => {
    const [inputs, predictions] = await storeSides({ [DAY]: ['a@w-1'] }, { [DAY]: ['A@w-1'] });
    expect(() => inputs.join(predictions, { how: 'right' as 'left' })).toThrow(
      /how must be one of 'inner', 'left', 'outer'/,
    );
    expect(() => inputs.join(predictions, { orderBy: 'id' as 'time' })).toThrow(/orderBy must be one of/);
    expect(() => inputs.join(predictions, { onOrphan: 1 as never })).toThrow(/onOrphan must be a function/);
    expect(() => inputs.join(predictions, { left: { types: 'x' as 'infer' } })).toThrow(/left\.types/);
  });

  it('give the error of a missing side', async () => {
    const directory = await temporaryFolder();
    const [inputs] = await storeSides({ [DAY]: ['a@w-1'] }, {});
    const nothing = await CollectedData.open({ ...stream, storage: { directory } });
    await expect(all(inputs.join(nothing))).rejects.toMatchObject({ code: 'COLLECTED_DATA_NOT_FOUND' });
  });
});

describe('long ids', () => {
  it('are forgotten with their day, a collector’s never', () => {
    const seen = new SeenCalls();
    const uuid = '3f2c0a4e-0000-4000-8000-000000000001';
    expect([seen.add(uuid, '2026-03-04'), seen.add('w-1', '2026-03-04')]).toEqual([true, true]);
    seen.forgetBefore('2026-03-04');
    expect([seen.add(uuid, '2026-03-05'), seen.add('w-1', '2026-03-05')]).toEqual([false, false]);
    seen.forgetBefore('2026-03-06');
    expect([seen.add(uuid, '2026-03-06'), seen.add('w-1', '2026-03-06')]).toEqual([true, false]);
  });

  it('are those that look like a collector’s too, when they are UUIDs', () => {
    const seen = new SeenCalls();
    const uuid = 'user-3f2c0a4e-0000-4000-8000-123456789012';
    expect([seen.add(uuid, '2026-03-04'), seen.add(uuid, '2026-03-05')]).toEqual([true, false]);
    seen.forgetBefore('2026-03-06');
    expect(seen.add(uuid, '2026-03-06')).toBe(true);
  });

  it('close their reader when nobody reads on', async () => {
    let isClosed = false;
    async function* chunks(): AsyncGenerator<SideChunk<Row>> {
      try {
        yield { path: 'p', day: DAY, modelVersion: '1', rows: [] };
      } finally {
        isClosed = true;
      }
    }
    const reader = new CallReader(chunks());
    await reader.next();
    await reader.close();
    expect(isClosed).toBe(true);
  });
});
