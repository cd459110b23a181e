import { join } from 'node:path';
import { predict } from '../model.ts';
import { errorsOf, fitRidge, solve } from '../ridge.ts';
import { readPatients } from '../steps/patients.ts';

const { featureNames, all } = readPatients(join(__dirname, '..'));
const data = { featureNames, rows: all.map(({ features }) => features), targets: all.map((each) => each.progression) };

describe('the training', () => {
  it('finds the coefficients that scikit-learn finds by ordinary least squares', () => {
    const model = fitRidge(data, 0);
    // scikit-learn's load_diabetes() divides by the standard deviation times the square root of the number of rows.
    const coefficients = model.weights.map((weight) => weight * Math.sqrt(all.length));
    const expected = [
      -10.0098663, -239.81564367, 519.84592005, 324.3846455, -792.17563855, 476.73902101, 101.04326794, 177.06323767,
      751.27369956, 67.62669218,
    ];
    for (const [index, value] of expected.entries()) {
      expect(coefficients[index]).toBeCloseTo(value, 3);
    }
    expect(model.intercept).toBeCloseTo(152.13348416, 6);
  });

  it('leaves no direction in which the squares and the ridge together would get smaller', () => {
    const ridge = 10;
    const model = fitRidge(data, ridge);
    const residuals = data.rows.map((row, index) => (data.targets[index] ?? 0) - predict(model, row));
    expect(Math.abs(residuals.reduce((sum, value) => sum + value, 0))).toBeLessThan(1e-6);
    for (const [column, weight] of model.weights.entries()) {
      const slope = data.rows.reduce((sum, row, index) => {
        const scaled = ((row[column] ?? 0) - (model.means[column] ?? 0)) / (model.scales[column] ?? 1);
        return sum + scaled * (residuals[index] ?? 0);
      }, 0);
      expect(slope).toBeCloseTo(ridge * weight, 5);
    }
  });

  it('refuses features that depend on each other, unless a ridge decides between them', () => {
    const twice = {
      featureNames: ['a', 'b'],
      rows: [1, 2, 4, 7].map((value) => [value, value]),
      targets: [1, 2, 3, 4],
    };
    expect(() => fitRidge(twice, 0)).toThrow('The features depend on each other');
    const { weights } = fitRidge(twice, 1);
    expect(weights[0]).toBeCloseTo(weights[1] ?? 0, 12);
    expect(() => fitRidge({ featureNames: [], rows: [], targets: [] }, 1)).toThrow('There are 0 rows');
  });

  it('solves a system, and tells how far predictions are off', () => {
    expect(
      solve(
        [
          [4, 2],
          [2, 3],
        ],
        [2, 5],
      ).map((value) => Number(value.toFixed(12))),
    ).toEqual([-0.5, 2]);
    expect(errorsOf([1, 2, 3], [1, 4, 0])).toEqual({ rmse: Math.sqrt(13 / 3), mae: 5 / 3 });
    const model = fitRidge(data, 1);
    expect(() => predict(model, [1, 2])).toThrow('The row has 2 values, but the model 10 features.');
  });
});
