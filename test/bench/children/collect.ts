import { answer } from '../support/child.ts';
import { type ContenderName, makeTaker, rowsFor } from '../support/contenders.ts';
import { largest, mean, median, quantile } from '../support/statistics.ts';

/** What to measure. */
export interface CollectInput {
  readonly contender: ContenderName;
  /** Blocks to time, and as many blocks of single calls. */
  readonly blocks: number;
}

/** Nanoseconds of one call. */
export interface CollectOutput {
  /** Median of the single calls, less what the timer takes. */
  readonly single: number;
  readonly mean: number;
  readonly p999: number;
  readonly most: number;
  /** Median of the blocks, divided by their calls. */
  readonly block: number;
  /** What two readings of the timer take with nothing between them. */
  readonly timer: number;
}

/** Calls that are timed together. */
const BLOCK = 64;
const WARM_UP_BLOCKS = 600;

// A call takes about as long as reading the timer. So each is timed in two ways that have different errors. Single calls
// give the distribution (the call in 256 that encodes a slice is the tail), and what two readings with nothing between
// them take is subtracted. Blocks of 64 calls read the timer twice only, and are the check on the subtraction. Between
// blocks the event loop turns, so that timers and streams of every contender go on as in a server; that is not timed,
// because it is not in the caller's way.
answer<CollectInput, CollectOutput>(async ({ contender, blocks }) => {
  const rows = rowsFor('mix10');
  const taker = await makeTaker(contender, 'mix10', rows);
  let next = 0;
  const step = () => {
    next = next + 1 === rows.length ? 0 : next + 1;
    return next;
  };
  const block = () => {
    const start = performance.now();
    for (let call = 0; call < BLOCK; call += 1) {
      taker.take(step());
    }
    return ((performance.now() - start) * 1e6) / BLOCK;
  };
  const singles = (times: Float64Array, offset: number) => {
    for (let call = 0; call < BLOCK; call += 1) {
      const index = step();
      const start = performance.now();
      taker.take(index);
      times[offset + call] = (performance.now() - start) * 1e6;
    }
  };
  const blockTimes = new Float64Array(blocks);
  const times = new Float64Array(blocks * BLOCK);
  for (let count = 0; count < WARM_UP_BLOCKS; count += 1) {
    block();
    singles(times, 0);
    await taker.settle();
  }
  for (let count = 0; count < blocks; count += 1) {
    blockTimes[count] = block();
    await taker.settle();
    singles(times, count * BLOCK);
    await taker.settle();
  }
  await taker.finish();
  const expected = 2 * BLOCK * (WARM_UP_BLOCKS + blocks);
  if (taker.arrived() !== expected) {
    throw new Error(`${contender} was given ${expected} rows, and ${taker.arrived()} arrived.`);
  }
  await taker.dispose();
  const timer = timerCost();
  return {
    single: median(times) - timer,
    mean: mean(times) - timer,
    p999: quantile(times, 0.999) - timer,
    most: largest(times) - timer,
    block: median(blockTimes),
    timer,
  };
});

function timerCost(): number {
  const times = new Float64Array(50_000);
  for (let index = 0; index < times.length; index += 1) {
    const start = performance.now();
    times[index] = (performance.now() - start) * 1e6;
  }
  return median(times);
}
