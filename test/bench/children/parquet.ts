import { join } from 'node:path';
import { CollectedData, type CollectedDataOptions } from '@azureml-ts/data';
import { answer } from '../support/child.ts';

/** What to measure. */
export interface ParquetInput {
  /** Folder with the collected rows of two models: `small` and `large`. */
  readonly directory: string;
  /** What the rows are called, but for the model. */
  readonly stream: Omit<CollectedDataOptions, 'modelName' | 'storage'>;
  /** Folder to write to. */
  readonly target: string;
}

/** What it took. */
export interface ParquetOutput {
  readonly rows: number;
  readonly milliseconds: number;
  /** Bytes of the file. */
  readonly bytes: number;
  /** Most memory that the process ever had in use, in bytes. */
  readonly peak: number;
  /** Memory in use before the first row. */
  readonly idle: number;
}

async function exportModel(modelName: string, { directory, stream, target }: ParquetInput) {
  const data = await CollectedData.open({ ...stream, modelName, storage: { directory } });
  return data.toParquet(join(target, modelName), { partition: 'none' });
}

answer<ParquetInput, ParquetOutput>(async (input) => {
  const idle = process.memoryUsage().rss;
  await exportModel('small', input);
  const start = performance.now();
  const { manifest } = await exportModel('large', input);
  const milliseconds = performance.now() - start;
  const bytes = manifest.partitions[0]?.files[0]?.bytes ?? 0;
  return { rows: manifest.rows, milliseconds, bytes, peak: process.resourceUsage().maxRSS * 1024, idle };
});
