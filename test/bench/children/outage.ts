import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CollectorStats, ModelDataCollector } from '@azureml-ts/monitoring';
import { answer } from '../support/child.ts';
import { atRate } from '../support/pace.ts';
import { featureNames, makeRows } from '../support/rows.ts';
import { largest } from '../support/statistics.ts';

/** What to do. */
export interface OutageInput {
  readonly connectionString: string;
  readonly rowsPerSecond: number;
  /** Seconds of quiet before the outage. */
  readonly before: number;
  /** Seconds of the outage. */
  readonly outage: number;
  /** A model name for each collector, with the most that it may hold; `undefined` for the default. */
  readonly collectors: Readonly<Record<string, number | undefined>>;
}

/** What became of the rows of one collector. */
export interface OutageOutput {
  readonly modelName: string;
  /** Rows given to `collect`. */
  readonly given: number;
  /** Most bytes that waited, by `stats()`, looked at every 20 ms. */
  readonly mostPendingBytes: number;
  /** Milliseconds from the end of the outage until everything was stored. */
  readonly catchUpMs: number;
  readonly stats: CollectorStats;
}

/** Tells `down` when the store should go, and `up` when it should come back. */
answer<OutageInput, OutageOutput[]>(async (input, tell) => {
  const { connectionString, rowsPerSecond, before, outage, collectors } = input;
  const rows = makeRows('mix10', 4096);
  const journal = mkdtempSync(join(tmpdir(), 'azureml-ts-bench-'));
  const running = Object.entries(collectors).map(([modelName, maxBufferBytes]) => {
    const collector = new ModelDataCollector(modelName, {
      designation: 'inputs',
      featureNames: featureNames('mix10'),
      storage: { connectionString },
      journal: { directory: journal },
      maxBufferBytes,
      // The outage is what this bench is about; being told of it is of no use.
      onError: () => undefined,
    });
    return { collector, given: 0, mostPendingBytes: 0 };
  });
  const watch = setInterval(() => {
    for (const entry of running) {
      entry.mostPendingBytes = Math.max(entry.mostPendingBytes, entry.collector.stats().pendingBytes);
    }
  }, 20);
  const takeFor = (seconds: number) =>
    atRate(rowsPerSecond, seconds * 1000, (index) => {
      for (const entry of running) {
        entry.given += 1;
        entry.collector.collect(rows[index % rows.length] ?? []);
      }
    });
  await takeFor(before);
  await Promise.all(running.map(({ collector }) => collector.flush()));
  tell('down');
  await takeFor(outage);
  tell('up');
  const back = performance.now();
  const outcomes = await Promise.all(
    running.map(async ({ collector }) => {
      await collector.flush({ timeoutMs: 60_000 });
      await collector.close({ timeoutMs: 30_000 });
      return performance.now() - back;
    }),
  );
  clearInterval(watch);
  rmSync(journal, { recursive: true, force: true });
  return running.map(({ collector, given, mostPendingBytes }) => ({
    modelName: collector.modelName,
    given,
    mostPendingBytes,
    catchUpMs: largest(outcomes),
    stats: collector.stats(),
  }));
});
