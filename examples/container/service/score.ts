import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModelDataCollector } from '@azureml-ts/monitoring';

interface LinearModel {
  readonly features: readonly string[];
  readonly weights: readonly number[];
  readonly bias: number;
}

let model: LinearModel;
let inputs: ModelDataCollector;

/** Called once, before the port opens. */
export function init(): void {
  model = JSON.parse(readFileSync(join(process.env['AZUREML_MODEL_DIR'] ?? 'model', 'model.json'), 'utf8'));
  inputs = new ModelDataCollector('house-prices', { designation: 'inputs', featureNames: [...model.features] });
}

/** Called for each request: `{"data": [[3, 70]]}` gives `{"prices": [134000]}`. */
export function run(rawData: string): { prices: number[] } {
  const rows = (JSON.parse(rawData) as { data: number[][] }).data;
  inputs.collect(rows);
  const price = (row: number[]) =>
    row.reduce((sum, value, index) => sum + value * (model.weights[index] ?? 0), model.bias);
  return { prices: rows.map(price) };
}
