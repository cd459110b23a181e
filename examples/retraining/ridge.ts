import { FORMAT, type LinearModel } from './model.ts';

/** Rows to learn from: features, and what is to be predicted of each. */
export interface TrainingRows {
  readonly featureNames: readonly string[];
  readonly rows: readonly (readonly number[])[];
  readonly targets: readonly number[];
}

/**
 * Fits a linear model by least squares.
 *
 * @param ridge Holds the weights down (ridge regression): 0 is ordinary least squares. Features are scaled to a standard
 *   deviation of 1 first, so that it means the same for each.
 */
export function fitRidge({ featureNames, rows, targets }: TrainingRows, ridge: number): LinearModel {
  const count = rows.length;
  if (count === 0 || targets.length !== count) {
    throw new RangeError(`There are ${count} rows and ${targets.length} targets.`);
  }
  const columns = featureNames.map((_, column) => rows.map((row) => row[column] ?? Number.NaN));
  const means = columns.map(mean);
  const scales = columns.map((values, column) => deviation(values, means[column] ?? 0) || 1);
  const scaled = columns.map((values, column) =>
    values.map((value) => (value - (means[column] ?? 0)) / (scales[column] ?? 1)),
  );
  const intercept = mean(targets);
  const centred = targets.map((target) => target - intercept);
  // Normal equations: (X'X + ridge * I) w = X'y, with X scaled and y centred, so that the intercept is not held down.
  const matrix = scaled.map((a, row) => scaled.map((b, column) => dot(a, b) + (row === column ? ridge : 0)));
  const weights = solve(
    matrix,
    scaled.map((values) => dot(values, centred)),
  );
  return { format: FORMAT, featureNames, means, scales, weights, intercept, ridge, trainedOn: count };
}

/** Solves a system with a symmetric, positive definite matrix (Cholesky). */
export function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const size = right.length;
  const lower = Array.from({ length: size }, () => new Float64Array(size));
  const at = (row: number, column: number) => lower[row]?.[column] ?? 0;
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let sum = matrix[row]?.[column] ?? 0;
      for (let k = 0; k < column; k += 1) {
        sum -= at(row, k) * at(column, k);
      }
      if (row === column && !(sum > 0)) {
        throw new RangeError('The features depend on each other: train on more rows, or with a ridge above 0.');
      }
      (lower[row] as Float64Array)[column] = row === column ? Math.sqrt(sum) : sum / at(column, column);
    }
  }
  const half: number[] = [];
  for (let row = 0; row < size; row += 1) {
    half.push(half.reduce((sum, value, k) => sum - at(row, k) * value, right[row] ?? 0) / at(row, row));
  }
  const result = new Array<number>(size).fill(0);
  for (let row = size - 1; row >= 0; row -= 1) {
    let sum = half[row] ?? 0;
    for (let k = row + 1; k < size; k += 1) {
      sum -= at(k, row) * (result[k] ?? 0);
    }
    result[row] = sum / at(row, row);
  }
  return result;
}

/** How far predictions are off: root of the mean square, and mean of the absolute differences. */
export function errorsOf(predictions: readonly number[], targets: readonly number[]): { rmse: number; mae: number } {
  const differences = predictions.map((prediction, index) => prediction - (targets[index] ?? Number.NaN));
  return { rmse: Math.sqrt(dot(differences, differences) / differences.length), mae: mean(differences.map(Math.abs)) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[], center: number): number {
  return Math.sqrt(mean(values.map((value) => (value - center) ** 2)));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}
