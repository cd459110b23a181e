import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelDataCollector } from '@azureml-ts/monitoring';
import { env, InferenceSession, Tensor } from 'onnxruntime-web';

const FEATURES = ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'];
const CLASSES = ['setosa', 'versicolor', 'virginica'];

let session: InferenceSession;
let inputs: ModelDataCollector;
let labels: ModelDataCollector;
let probabilities: ModelDataCollector;

/** Called once, before the first request. */
export async function init(): Promise<void> {
  const folder = process.env['AZUREML_MODEL_DIR'];
  if (folder === undefined) {
    throw new Error('AZUREML_MODEL_DIR is not set: it names the folder that holds iris.onnx.');
  }
  // The model is small: more threads would only take memory.
  env.wasm.numThreads = 1;
  session = await InferenceSession.create(await readFile(join(folder, 'iris.onnx')));
  const single = (name: string) => ({ name, type: 'float32' as const });
  inputs = new ModelDataCollector('iris', { designation: 'inputs', features: FEATURES.map(single) });
  labels = new ModelDataCollector('iris', { designation: 'predictions', featureNames: ['label'] });
  probabilities = new ModelDataCollector('iris', { designation: 'probabilities', features: CLASSES.map(single) });
}

/** Called for each request: `{ "data": [[5.1, 3.5, 1.4, 0.2]], "ids": ["flower 0"] }`. */
export async function run(body: string): Promise<{ labels: string[]; probabilities: number[][] }> {
  const { data, ids } = JSON.parse(body) as { data: number[][]; ids?: string[] };
  const x = new Tensor('float32', Float32Array.from(data.flat()), [data.length, FEATURES.length]);
  const { label, probabilities: shares } = await session.run({ X: x });
  if (label === undefined || shares === undefined) {
    throw new Error('The model has no outputs called label and probabilities.');
  }
  // The tensors go in as they are; what the caller does with them afterwards does not reach the rows.
  const { correlations } = inputs.collect(x, { correlationId: ids });
  labels.collect(label, { correlations });
  probabilities.collect(shares, { correlations });
  const values = Array.from(shares.data as Float32Array);
  return {
    labels: Array.from(label.data as BigInt64Array, (number) => CLASSES[Number(number)] ?? String(number)),
    probabilities: data.map((_, row) => values.slice(row * CLASSES.length, (row + 1) * CLASSES.length)),
  };
}
