import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadModel, predict } from '../model.ts';
import { parseRows } from '../request.ts';

const example = join(__dirname, '..');
const model = loadModel(join(example, 'model', 'model.json'));
const [header = [], ...lines] = readFileSync(join(example, 'data', 'diabetes.csv'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split(','));
const rows = lines.map((cells) => cells.slice(0, -1).map(Number));
const expected = JSON.parse(readFileSync(join(example, 'model', 'sklearn_predictions.json'), 'utf8')) as number[];

describe('the exported model', () => {
  it('has the features of the table, in the same order', () => {
    expect(header).toEqual([...model.featureNames, 'target']);
    expect(rows).toHaveLength(442);
    expect(expected).toHaveLength(442);
  });

  it('predicts every row of the table equal to scikit-learn in every bit', () => {
    const different = rows.flatMap((row, index) => {
      const predicted = predict(model, row);
      return Object.is(predicted, expected[index]) ? [] : [{ index, predicted, expected: expected[index] }];
    });

    expect(different).toEqual([]);
  });

  it('compares features as 32-bit floats, as scikit-learn does', () => {
    // As a double 0.1 is below the threshold; rounded to 32 bits it is above.
    const threshold = 0.100000001;
    const tree = { feature: [0, -1, -1], threshold: [threshold, 0, 0], left: [1, -1, -1], right: [2, -1, -1] };
    const small = { ...model, init: 0, learningRate: 1, trees: [{ ...tree, value: [0, 10, 20] }] };

    expect(0.1 <= threshold).toBe(true);
    expect(predict(small, [0.1])).toBe(20);
  });

  it('refuses a row that is too short instead of predicting something', () => {
    expect(() => predict(model, [59, 2])).toThrow('the model and the row do not fit together');
  });

  it('refuses a file of another format, naming both', () => {
    expect(() => loadModel(join(example, 'config.json'))).toThrow(
      /config\.json is of the format undefined, not gradient-boosting-regressor\/1/,
    );
  });
});

describe('a request', () => {
  const row = '[59,2,32.1,101,157,93.2,38,4,4.8598,87]';
  const withCell = (cell: string) => `{"data":[${row},${row.replace('32.1', cell)}]}`;

  it('gives its rows, in order', () => {
    expect(parseRows(`{"data":[${row},${row.replace('59', '-1e-3')}]}`, model.featureNames)).toEqual([
      [59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87],
      [-0.001, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87],
    ]);
  });

  const noBody = 'The request is empty: send {"data": [[...]]} with 10 numbers a row.';
  const tenFeatures = '10 features (age, sex, bmi, bp, s1, s2, s3, s4, s5, s6)';
  it.each([
    ['without a body', '', noBody],
    ['of blanks', ' \n', noBody],
    ['that is null', 'null', 'The request null has no "data": send {"data": [[...]]}.'],
    ['that is a bare list', '[[1,2]]', 'The request [[1,2]] has no "data": send {"data": [[...]]}.'],
    ['without data', '{"rows":[]}', 'The request {"rows":[]} has no "data": send {"data": [[...]]}.'],
    ['with text as data', '{"data":"59,2"}', '"data" is "59,2", not a list of rows with 10 numbers each.'],
    ['without rows', '{"data":[]}', '"data" holds no rows: send at least one.'],
    ['with one flat row', `{"data":${row}}`, 'Row 0 of "data" is 59, not a list of 10 numbers.'],
    [
      'with a row too short',
      `{"data":[${row},[1,2,3]]}`,
      `Row 1 of "data" has 3 values, but the model has ${tenFeatures}.`,
    ],
    ['with a number as text', withCell('"32.1"'), 'Row 1 of "data": bmi is "32.1", not a number.'],
    ['with a missing value', withCell('null'), 'Row 1 of "data": bmi is null, not a number.'],
    ['with a number over 32 bits', withCell('1e39'), 'Row 1 of "data": bmi is 1e+39, too large a number.'],
    ['with a number over 64 bits', withCell('1e999'), 'Row 1 of "data": bmi is Infinity, too large a number.'],
    [
      'with a very long text',
      withCell(`"${'x'.repeat(1000)}"`),
      `Row 1 of "data": bmi is "${'x'.repeat(39)}…, not a number.`,
    ],
  ])('%s is answered with one sentence', (_, body, sentence) => {
    expect(() => parseRows(body, model.featureNames)).toThrow(new Error(sentence));
  });

  it('that is not JSON is answered with the reason', () => {
    expect(() => parseRows('{"data": [[59, 2', model.featureNames)).toThrow(/^The request is not valid JSON: .+\.$/);
  });
});
