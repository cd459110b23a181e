import { type Cell, ModelDataCollector, type RowSink } from '@azureml-ts/monitoring';
import { answer } from '../support/child.ts';
import { CountingSink, SilentSink } from '../support/counting-sink.ts';
import { featureNames, makeRows } from '../support/rows.ts';

/** What to measure. */
export interface MemoryInput {
  /** `ours`: rows that wait in a collector whose store never answers. `arrays`: the same rows, kept as they come. */
  readonly kept: 'ours' | 'arrays';
  readonly rows: number;
}

/** Bytes. */
export interface MemoryOutput {
  /** Heap and buffers that the rows hold, after garbage collection. */
  readonly held: number;
  /** The same rows as lines: what a store gets. */
  readonly encoded: number;
  /** What the collector says that it holds. */
  readonly stated: number;
  readonly dropped: number;
}

answer<MemoryInput, MemoryOutput>(async ({ kept, rows: count }) => {
  // As text, and parsed for each call: rows come from a request, and share nothing with each other.
  const texts = makeRows('mix10', 4096).map((row) => JSON.stringify(row));
  const parse = (index: number) => JSON.parse(texts[index % texts.length] ?? '') as Cell[];
  const open = (sink: RowSink) =>
    new ModelDataCollector('model', {
      designation: 'inputs',
      featureNames: featureNames('mix10'),
      sink,
      journal: false,
      // This bench closes a collector whose store is silent; that it says so is of no use here.
      onError: () => undefined,
    });
  // The same rows once to a store that counts: what they are as lines, and everything compiled and loaded.
  const counting = new CountingSink();
  const first = open(counting);
  await collectAll(first, parse, count);
  await first.close();
  const before = await heldBytes();
  if (kept === 'arrays') {
    const rows = Array.from({ length: count }, (_, index) => parse(index));
    const held = (await heldBytes()) - before;
    return { held, encoded: counting.bytes, stated: 0, dropped: count - rows.length };
  }
  const collector = open(new SilentSink());
  await collectAll(collector, parse, count);
  const held = (await heldBytes()) - before;
  const { pendingBytes, pending } = collector.stats();
  return { held, encoded: counting.bytes, stated: pendingBytes, dropped: count - pending };
});

async function collectAll(collector: ModelDataCollector, row: (index: number) => Cell[], count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    collector.collect(row(index));
    if (index % 64 === 63) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** What the process holds when nothing is left to collect. */
async function heldBytes(): Promise<number> {
  for (let turn = 0; turn < 4; turn += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  // `external` has the array buffers in it.
  return heapUsed + external;
}
