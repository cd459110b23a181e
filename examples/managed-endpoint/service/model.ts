import { readFileSync } from 'node:fs';

/** One regression tree as arrays over its nodes: node 0 is the root, a leaf has feature -1. */
export interface Tree {
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly value: readonly number[];
}

/** What `train.py` exports: a gradient boosting regressor. */
export interface BoostedModel {
  readonly format: typeof FORMAT;
  readonly trainedWith: string;
  readonly featureNames: readonly string[];
  readonly init: number;
  readonly learningRate: number;
  readonly trees: readonly Tree[];
}

const FORMAT = 'gradient-boosting-regressor/1';
const LEAF = -1;

/** Reads a model that `train.py` wrote. */
export function loadModel(path: string): BoostedModel {
  const model = JSON.parse(readFileSync(path, 'utf8')) as BoostedModel;
  if (model.format !== FORMAT) {
    throw new Error(`${path} is of the format ${JSON.stringify(model.format)}, not ${FORMAT}: write it with train.py.`);
  }
  return model;
}

/**
 * Predicts one row, equal to scikit-learn in every bit.
 *
 * scikit-learn keeps features as 32-bit floats and thresholds as doubles, and adds the trees in their order, each times
 * the learning rate; any other order or precision gives other last digits.
 */
export function predict(model: BoostedModel, row: readonly number[]): number {
  let result = model.init;
  for (const tree of model.trees) {
    result += model.learningRate * leafValue(tree, row);
  }
  return result;
}

function leafValue(tree: Tree, row: readonly number[]): number {
  let node = 0;
  let feature = at(tree.feature, node);
  while (feature !== LEAF) {
    const below = Math.fround(at(row, feature)) <= at(tree.threshold, node);
    node = at(below ? tree.left : tree.right, node);
    feature = at(tree.feature, node);
  }
  return at(tree.value, node);
}

function at(values: readonly number[], index: number): number {
  const value = values[index];
  if (value === undefined) {
    throw new RangeError(
      `There is no value ${index} among ${values.length}: the model and the row do not fit together.`,
    );
  }
  return value;
}
