import { answer } from '../support/child.ts';
import { type ContenderName, makeTaker, rowsFor } from '../support/contenders.ts';

/** What to measure. */
export interface PipelineInput {
  readonly contender: ContenderName;
  /** Rows to time. */
  readonly rows: number;
}

/** Nanoseconds of one row, from the call to the bytes at the other end. */
export interface PipelineOutput {
  /** By the clock. */
  readonly elapsed: number;
  /** Of the processor, all threads. */
  readonly cpu: number;
}

const BLOCK = 64;
const WARM_UP_ROWS = 64_000;

answer<PipelineInput, PipelineOutput>(async ({ contender, rows: count }) => {
  const rows = rowsFor('mix10');
  const taker = await makeTaker(contender, 'mix10', rows);
  let next = 0;
  const takeAll = async (many: number) => {
    for (let taken = 0; taken < many; taken += BLOCK) {
      for (let call = 0; call < BLOCK; call += 1) {
        next = next + 1 === rows.length ? 0 : next + 1;
        taker.take(next);
      }
      await taker.settle();
    }
    await taker.finish();
  };
  await takeAll(WARM_UP_ROWS);
  const before = process.cpuUsage();
  const start = performance.now();
  await takeAll(count);
  const elapsed = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  if (taker.arrived() !== WARM_UP_ROWS + count) {
    throw new Error(`${contender} was given ${WARM_UP_ROWS + count} rows, and ${taker.arrived()} arrived.`);
  }
  await taker.dispose();
  return { elapsed: (elapsed * 1e6) / count, cpu: ((user + system) * 1000) / count };
});
