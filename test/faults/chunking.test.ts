import { Collector, ModelDataCollector, type RowBatch, type RowSink } from '@azureml-ts/monitoring';
import { CsvScanner } from '@azureml-ts/monitoring/format';
import fc from 'fast-check';
import { newFolder } from './support/folders.ts';
import './support/quiet.ts';
import { countUp } from './support/stored-rows.ts';

/** Keeps each batch as it was given. */
class BatchSink implements RowSink {
  readonly name = 'batches';
  readonly batches: { readonly batch: RowBatch; readonly records: string[][] }[] = [];

  async append(batch: RowBatch): Promise<undefined> {
    const scanner = new CsvScanner();
    this.batches.push({ batch, records: [...scanner.push(batch.bytes), ...scanner.end()] });
    return undefined;
  }
}

/** A call fills a slice when there are so many rows, or bytes by estimate, before it. */
const SLICE_ROWS = 256;
const SLICE_BYTES = 262_144;

const call = fc.record({
  rows: fc.oneof(
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 200, max: 300 }),
    fc.integer({ min: 500, max: 900 }),
  ),
  textBytes: fc.oneof(fc.nat(20), fc.nat(2_000), fc.constant(70_000)),
});

describe('rows on their way to the store', () => {
  it('are cut into batches between calls, in order, each complete at its size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(1, 1_000, 50_000, 1_048_576),
        fc.boolean(),
        async (calls, maxBatchBytes, hasJournal) => {
          const sink = new BatchSink();
          const collector = new ModelDataCollector('best_model', {
            designation: 'inputs',
            featureNames: ['number', 'text'],
            sink,
            maxBatchBytes,
            maxBufferBytes: 1_073_741_824,
            flushIntervalMs: 60_000,
            journal: hasJournal && { directory: newFolder() },
          });
          let number = 0;
          const ids: string[] = [];
          for (const { rows, textBytes } of calls) {
            // Rows of 70,000 bytes are pieces of their own; a few of them do.
            const count = textBytes > 10_000 ? Math.min(rows, 5) : rows;
            const { correlations } = collector.collectRows(
              Array.from({ length: count }, () => [number++, 'ü'.repeat(textBytes / 2)]),
            );
            ids.push(...Array.from({ length: count }, () => correlations.correlationId));
          }
          await collector.close();

          const records = sink.batches.flatMap((batch) => batch.records);
          expect(records.map((record) => record[0])).toEqual(countUp(number));
          expect(records.map((record) => record[2])).toEqual(ids);
          const seen = new Set<string | undefined>();
          for (const { batch, records: own } of sink.batches) {
            expect(batch.rowCount).toBe(own.length);
            const calledHere = new Set(own.map((record) => record[2]));
            expect([...calledHere].filter((id) => seen.has(id))).toEqual([]);
            for (const id of calledHere) {
              seen.add(id);
            }
            // Longer only by its last slice, and that only by its last call.
            const last = own.findLastIndex((record) => record[2] !== own.at(-1)?.[2]) + 1;
            const slice = Math.min(last, SLICE_ROWS) * Math.max(...own.map((record) => byteLength(record)), 0);
            const lastCall = own.slice(last).reduce((sum, record) => sum + byteLength(record), 0);
            expect(batch.bytes.length).toBeLessThan(maxBatchBytes + Math.min(slice, 2 * SLICE_BYTES) + lastCall + 1);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('records on their way to the store', () => {
  it('are cut into batches in order, each complete at its size', async () => {
    const text = fc.oneof(fc.nat(20), fc.nat(2_000), fc.constant(70_000));
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { minLength: 1, maxLength: 600 }),
        fc.constantFrom(1, 1_000, 50_000, 1_048_576),
        fc.boolean(),
        async (sizes, maxBatchBytes, hasJournal) => {
          const batches: RowBatch[] = [];
          const collector = new Collector({
            name: 'model_inputs',
            sink: { name: 'batches', append: async (batch) => void batches.push(batch) },
            maxBatchBytes,
            maxBufferBytes: 1_073_741_824,
            flushIntervalMs: 60_000,
            journal: hasJournal && { directory: newFolder() },
          });
          for (const [number, textBytes] of sizes.entries()) {
            collector.collect([{ number, text: 'x'.repeat(textBytes) }]);
          }
          await collector.close();

          const lines = batches.map(({ bytes }) => bytes.toString().split('\n').slice(0, -1));
          const numbers = lines
            .flat()
            .map((line) => (JSON.parse(line) as { data: [{ number: number }] }).data[0].number);
          expect(numbers.map(String)).toEqual(countUp(sizes.length));
          for (const [index, { bytes, rowCount }] of batches.entries()) {
            const own = lines[index] ?? [];
            expect(rowCount).toBe(own.length);
            // Longer only by its last slice.
            const slice = SLICE_ROWS * Math.max(...own.map((line) => line.length + 1));
            expect(bytes.length).toBeLessThan(maxBatchBytes + Math.min(slice, 2 * SLICE_BYTES));
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

function byteLength(record: readonly string[]): number {
  return Buffer.byteLength(record.join(',')) + 1;
}
