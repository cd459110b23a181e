import { readFileSync } from 'node:fs';

/** A linear model: features are centred and scaled, then weighted and added up. */
export interface LinearModel {
  readonly format: typeof FORMAT;
  readonly featureNames: readonly string[];
  /** Mean of each feature in the training rows. */
  readonly means: readonly number[];
  /** Standard deviation of each feature in the training rows; 1 for one that never changes. */
  readonly scales: readonly number[];
  readonly weights: readonly number[];
  readonly intercept: number;
  /** How much the weights were held down. */
  readonly ridge: number;
  /** Number of rows that it was trained on. */
  readonly trainedOn: number;
}

export const FORMAT = 'linear-model/1';

/** Reads a model that was written as JSON. */
export function loadModel(path: string): LinearModel {
  const model = JSON.parse(readFileSync(path, 'utf8')) as LinearModel;
  if (model.format !== FORMAT) {
    throw new Error(`${path} is of the format ${JSON.stringify(model.format)}, not ${FORMAT}.`);
  }
  return model;
}

/** Predicts one row. Terms are added in the order of the features, so that the last digit is the same everywhere. */
export function predict(model: LinearModel, row: readonly number[]): number {
  if (row.length !== model.featureNames.length) {
    throw new RangeError(`The row has ${row.length} values, but the model ${model.featureNames.length} features.`);
  }
  let result = model.intercept;
  for (const [index, value] of row.entries()) {
    result += (model.weights[index] ?? 0) * ((value - (model.means[index] ?? 0)) / (model.scales[index] ?? 1));
  }
  return result;
}
