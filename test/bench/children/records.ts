import { type Cell, Collector } from '@azureml-ts/monitoring';
import { answer } from '../support/child.ts';

/** What to collect. */
export interface RecordsInput {
  readonly port: number;
  readonly records: readonly Readonly<Record<string, Cell>>[];
  readonly count: number;
}

/** What became of it. */
export interface RecordsOutput {
  readonly refused: number;
}

answer<RecordsInput, RecordsOutput>(async ({ port, records, count }) => {
  const collector = new Collector({ name: 'model_inputs', sink: { port } });
  let refused = 0;
  for (let index = 0; index < count; index += 1) {
    refused += collector.collect(records[index % records.length] ?? {}).isSuccess() ? 0 : 1;
  }
  await collector.close({ timeoutMs: 60_000 });
  return { refused };
});
