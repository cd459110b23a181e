import type { MemoryInput, MemoryOutput } from './children/memory.ts';
import type { Bench } from './support/bench.ts';
import { runChild } from './support/child.ts';
import { atMostTimes } from './support/figure.ts';
import { formatValue } from './support/format.ts';
import { interleave } from './support/rounds.ts';
import { medianOf } from './support/statistics.ts';

const ROWS = 100_000;
/** Rows that may wait as cells: those of a slice that is not full. */
const SLICE_ROWS = 256;

/** What waiting rows hold. */
export const memory: Bench = {
  name: 'memory',
  title: 'Memory of rows that wait',
  about:
    '100,000 rows of 10 mixed cells wait for a store that never answers. What they hold is heap and buffers after garbage collection, less what the process held before. The bound is 1.1 times the bytes of their lines (four correlation columns included), and 256 rows as they came.',
  async run({ progress }) {
    const measure = (kept: MemoryInput['kept']) => () =>
      runChild<MemoryInput, MemoryOutput>('memory.ts', { kept, rows: ROWS }, { execArgv: ['--expose-gc'] });
    const results = await interleave(3, { ours: measure('ours'), arrays: measure('arrays') }, progress);
    const ours = (pick: (result: MemoryOutput) => number) => medianOf(results.ours, pick);
    const held = ours((result) => result.held);
    const encoded = ours((result) => result.encoded);
    const arrays = medianOf(results.arrays, (result) => result.held);
    const raw = (arrays / ROWS) * SLICE_ROWS;
    const dropped = ours((result) => result.dropped);
    const count = ROWS.toLocaleString('en-US');
    return {
      figures: [
        {
          name: `held by ${count} rows, less ${SLICE_ROWS} raw rows`,
          unit: 'bytes',
          ours: held - raw,
          peer: encoded,
          peerName: 'the bytes of their lines',
          compare: 'cost',
          target: atMostTimes(1.1),
        },
        {
          name: `held by ${count} rows`,
          unit: 'bytes',
          ours: held,
          peer: arrays,
          peerName: 'the same rows as arrays',
          compare: 'cost',
        },
        {
          name: 'what `stats()` says that it holds',
          unit: 'bytes',
          ours: ours((result) => result.stated),
          peer: held,
          peerName: 'what it holds',
          compare: 'cost',
        },
      ],
      remarks: [
        `A row is ${Math.round(encoded / ROWS)} bytes as a line and ${Math.round(arrays / ROWS)} as an array; ${SLICE_ROWS} raw rows are ${formatValue(raw, 'bytes')}. ${dropped === 0 ? 'No row was dropped.' : `${dropped} rows were dropped.`}`,
      ],
    };
  },
};
