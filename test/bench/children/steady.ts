import { monitorEventLoopDelay, PerformanceObserver, performance } from 'node:perf_hooks';
import { answer } from '../support/child.ts';
import { type ContenderName, makeTaker, type Taker } from '../support/contenders.ts';
import { atRate } from '../support/pace.ts';
import { makeRows } from '../support/rows.ts';

/** What to measure. */
export interface SteadyInput {
  /** Who takes the rows; `idle` ticks alike and gives them to nobody. */
  readonly contender: ContenderName | 'idle';
  readonly rowsPerSecond: number;
  readonly seconds: number;
}

/** How a process was that took rows at a steady rate. */
export interface SteadyOutput {
  /** Largest delay of the event loop, in milliseconds. */
  readonly delayMost: number;
  /** Its 99.9th percentile. */
  readonly delayP999: number;
  /** Most processor time that the thread took between two ticks, in milliseconds: a wait for a core is not in it. */
  readonly cpuMost: number;
  /** Longest time that the event loop was busy between two ticks, by the clock. */
  readonly busyMost: number;
  /** Garbage collections of all kinds. */
  readonly collections: number;
  /** Milliseconds that they took. */
  readonly collectionMs: number;
  /** Processor time of all threads, as a share of one core. */
  readonly cpuPercent: number;
  /** Rows that were taken in fact. */
  readonly rows: number;
}

/** The delay is measured with a timer of this period, and a histogram that counts it in. */
const RESOLUTION_MS = 1;
const WARM_UP_MS = 1500;

const nobody: Taker = {
  take: () => undefined,
  settle: async () => undefined,
  finish: async () => undefined,
  arrived: () => 0,
  dispose: async () => undefined,
};

answer<SteadyInput, SteadyOutput>(async ({ contender, rowsPerSecond, seconds }) => {
  // Few rows: each full collection has to look at all of them, and that would count as the contender's pause.
  const rows = makeRows('mix10', 2048);
  const taker = contender === 'idle' ? nobody : await makeTaker(contender, 'mix10', rows);
  const take = (index: number) => taker.take(index % rows.length);
  await atRate(rowsPerSecond, WARM_UP_MS, take);
  await taker.finish();
  const collections: number[] = [];
  const observer = new PerformanceObserver((list) => {
    collections.push(...list.getEntries().map(({ duration }) => duration));
  });
  observer.observe({ entryTypes: ['gc'] });
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const cpu = process.cpuUsage();
  const start = performance.now();
  delay.enable();
  let busyMost = 0;
  let cpuMost = 0;
  let utilization = performance.eventLoopUtilization();
  let thread = threadCpuMs();
  const taken = await atRate(rowsPerSecond, seconds * 1000, take, () => {
    const [utilizationNow, threadNow] = [performance.eventLoopUtilization(), threadCpuMs()];
    busyMost = Math.max(busyMost, utilizationNow.active - utilization.active);
    cpuMost = Math.max(cpuMost, threadNow - thread);
    utilization = utilizationNow;
    thread = threadNow;
  });
  delay.disable();
  const { user, system } = process.cpuUsage(cpu);
  const elapsed = performance.now() - start;
  collections.push(...observer.takeRecords().map(({ duration }) => duration));
  observer.disconnect();
  await taker.dispose();
  return {
    delayMost: delay.max / 1e6 - RESOLUTION_MS,
    delayP999: delay.percentile(99.9) / 1e6 - RESOLUTION_MS,
    cpuMost,
    busyMost,
    collections: collections.length,
    collectionMs: collections.reduce((sum, duration) => sum + duration, 0),
    cpuPercent: (user + system) / 10 / elapsed,
    rows: taken,
  };
});

/** Processor time of the main thread; collecting garbage beside it, and the pool of threads, are not in it. */
function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
