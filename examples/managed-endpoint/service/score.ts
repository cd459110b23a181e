import { join } from 'node:path';
import { ModelDataCollector } from '@azureml-ts/monitoring';
import { type BoostedModel, loadModel, predict } from './model.ts';
import { parseRows } from './request.ts';

let model: BoostedModel;
let inputs: ModelDataCollector;
let predictions: ModelDataCollector;

/** Called once, before the first request. */
export function init(): void {
  const folder = process.env['AZUREML_MODEL_DIR'];
  if (folder === undefined) {
    throw new Error('AZUREML_MODEL_DIR is not set: it names the folder that holds model.json.');
  }
  model = loadModel(join(folder, 'model.json'));
  inputs = new ModelDataCollector('diabetes', { designation: 'inputs', featureNames: model.featureNames });
  predictions = new ModelDataCollector('diabetes', {
    designation: 'predictions',
    featureNames: ['predicted_progression'],
  });
  console.log(`model initialized: ${model.trees.length} trees, ${model.featureNames.length} features`);
}

/** Called for each request with its body. */
export function run(rawData: string): { predictions: number[] } | { error: string } {
  try {
    const input = parseRows(rawData, model.featureNames);
    const output = input.map((row) => predict(model, row));
    console.log(JSON.stringify({ input, output }));
    inputs.collect(input);
    predictions.collect(output);
    return { predictions: output };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.log(message);
    return { error: message };
  }
}
