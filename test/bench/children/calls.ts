import { type Cell, ModelDataCollector, type RowBatch } from '@azureml-ts/monitoring';
import { answer } from '../support/child.ts';
import { atRate } from '../support/pace.ts';
import { mean, median, quantile } from '../support/statistics.ts';

/** What to do. */
export interface CallsInput {
  /** Where batches of lines are posted to. */
  readonly url: string;
  readonly records: readonly Readonly<Record<string, Cell>>[];
  readonly count: number;
  /** Calls a second; 0 for a burst. */
  readonly rate: number;
  /** `wait` closes the collector; `exit` just lets the process come to its end. */
  readonly mode: 'wait' | 'exit';
}

/** Nanoseconds of an accepted call, timer included, as the Python side measures them. */
export interface CallsOutput {
  readonly median: number;
  readonly mean: number;
  readonly p999: number;
  readonly refused: number;
}

answer<CallsInput, CallsOutput>(
  async ({ url, records, count, rate, mode }) => {
    const collector = new ModelDataCollector('model', {
      designation: 'model_inputs',
      featureNames: Object.keys(records[0] ?? {}),
      sink: {
        name: 'the stand-in',
        async append({ bytes }: RowBatch): Promise<undefined> {
          const response = await fetch(url, { method: 'POST', body: bytes });
          await response.arrayBuffer();
          if (!response.ok) {
            throw new Error(`The stand-in answered ${response.status}.`);
          }
        },
      },
      journal: false,
    });
    let refused = 0;
    const times = new Float64Array(count);
    const call = (index: number) => {
      const record = records[index % records.length] as Record<string, Cell>;
      const start = performance.now();
      const receipt = collector.collect(record);
      times[index] = (performance.now() - start) * 1e6;
      refused += receipt.rejected;
    };
    if (rate === 0) {
      for (let index = 0; index < count; index += 1) {
        call(index);
      }
    } else {
      await atRate(rate, (count * 1000) / rate, call);
    }
    if (mode === 'wait') {
      await collector.close();
    }
    return { median: median(times), mean: mean(times), p999: quantile(times, 0.999), refused };
  },
  { end: 'by itself' },
);
