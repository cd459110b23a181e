import { join } from 'node:path';
import { ModelDataCollector } from '@azureml-ts/monitoring';
import { type LinearModel, loadModel, predict } from './model.ts';

let model: LinearModel;
let inputs: ModelDataCollector;
let predictions: ModelDataCollector;

/** Called once, before the first request. */
export function init(): void {
  const folder = process.env['AZUREML_MODEL_DIR'];
  if (folder === undefined) {
    throw new Error('AZUREML_MODEL_DIR is not set: it names the folder that holds model.json.');
  }
  model = loadModel(join(folder, 'model.json'));
  // So often only because whoever runs the example waits for the rows; the default is ten seconds.
  const flushIntervalMs = 500;
  const features = model.featureNames.map((name) => ({ name, type: 'float64' as const }));
  inputs = new ModelDataCollector('progression', { designation: 'inputs', features, flushIntervalMs });
  predictions = new ModelDataCollector('progression', {
    designation: 'predictions',
    features: [{ name: 'predicted_progression', type: 'float64' }],
    flushIntervalMs,
  });
}

/** Called for each request: rows, and the id of each row's patient, by which the outcome is found a year later. */
export function run(rawData: string): { predictions: number[] } {
  const { data, patients } = JSON.parse(rawData) as { data: number[][]; patients: string[] };
  const output = data.map((row) => predict(model, row));
  inputs.collect(data, { correlationId: patients });
  predictions.collect(output);
  return { predictions: output };
}
