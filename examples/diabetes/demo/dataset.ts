import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The table of the example and what scikit-learn predicted for it, row by row. */
export interface Dataset {
  readonly featureNames: readonly string[];
  readonly rows: readonly (readonly number[])[];
  /** scikit-learn's own predictions, in the order of the rows. */
  readonly expected: readonly number[];
}

/** Reads the committed table and predictions. */
export function loadDataset(example: string): Dataset {
  const [header = '', ...lines] = readFileSync(join(example, 'data', 'diabetes.csv'), 'utf8')
    .trimEnd()
    .split('\n');
  const expected = JSON.parse(readFileSync(join(example, 'model', 'sklearn_predictions.json'), 'utf8')) as number[];
  return {
    featureNames: header.split(',').slice(0, -1),
    rows: lines.map((line) => line.split(',').slice(0, -1).map(Number)),
    expected,
  };
}

/** Cuts `0 … count - 1` into batches whose sizes go round and round through `sizes`. */
export function batches(count: number, sizes: readonly number[]): number[][] {
  const result: number[][] = [];
  for (let start = 0; start < count; ) {
    const size = sizes[result.length % sizes.length] ?? 1;
    const end = Math.min(count, start + size);
    result.push(Array.from({ length: end - start }, (_, offset) => start + offset));
    start = end;
  }
  return result;
}
