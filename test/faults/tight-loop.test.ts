import { newFolder } from './support/folders.ts';
import { openPlan } from './support/plan.ts';
import './support/quiet.ts';
import { startSinks } from './support/sinks.ts';
import { column, misplaced, repeated } from './support/stored-rows.ts';
import { STORE_KINDS } from './support/stores.ts';
import { RECORD_KINDS, type SinkKind } from './support/test-sink.ts';

const here = startSinks();

/** A record takes more memory than a row, and one for the sidecar a request. */
const CASES: readonly (readonly [calls: number, kind: SinkKind])[] = [
  ...STORE_KINDS.map((kind) => [100_000, kind] as const),
  ...RECORD_KINDS.map((kind) => [kind === 'sidecar' ? 5_000 : 20_000, kind] as const),
];

describe('calls of one row in a tight loop, and close()', () => {
  it.each(CASES)('%i of them are as many rows in %s, in order and with ids of their own', async (calls, kind) => {
    const sink = here.open(kind, `loop ${kind}`);
    const issues: string[] = [];
    const plan = sink.plan(['index', 'value', 'text'], { journal: { directory: newFolder() } });
    const collector = openPlan(plan, { onError: ({ message }) => issues.push(message) });
    for (let index = 0; index < calls; index += 1) {
      collector.give([index, index / 7, 'a text']);
    }
    expect(collector.stats().collected).toBe(calls);
    await collector.close({ timeoutMs: 60_000 });
    // While the loop holds the event loop for seconds, the store closes the idle connection: that is told, and tried again.
    expect(issues.filter((issue) => !/ECONNRESET.* kept and tried again/.test(issue))).toEqual([]);
    expect(collector.stats()).toMatchObject({ collected: calls, stored: calls, pending: 0, pendingBytes: 0 });
    const rows = (await sink.files()).flat();
    // Ascending, as many, and the last one the last: all of them, each once.
    expect(rows).toHaveLength(calls);
    expect(misplaced(column(rows, 'index').map(Number))).toEqual([]);
    expect(rows.at(-1)?.['index']).toBe(String(calls - 1));
    expect(await sink.again()).toBe(0);
    if ('rows' in plan) {
      expect(repeated(column(rows, '$aml_dc_correlation_id'))).toEqual([]);
    }
  });
});
