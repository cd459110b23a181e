import { ModelDataCollector } from '@azureml-ts/monitoring';

let inputs: ModelDataCollector;
let outputs: ModelDataCollector;

/** Where rows go, and whether at all, the environment says. */
export function init(): void {
  const featureNames = Array.from({ length: 10 }, (_, index) => `feat${index}`);
  inputs = new ModelDataCollector('sum', { designation: 'inputs', featureNames });
  outputs = new ModelDataCollector('sum', { designation: 'outputs', featureNames: ['sum'] });
}

/** The same, and each request's row and result are collected. */
export function run(rawData: string): { readonly sum: number } {
  const { data } = JSON.parse(rawData) as { readonly data: readonly number[] };
  const sum = data.reduce((total, value) => total + value, 0);
  inputs.collect([...data]);
  outputs.collect([sum]);
  return { sum };
}
