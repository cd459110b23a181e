const LONGEST_QUOTE = 40;

/**
 * Reads the rows out of a request body: `{"data": [[...], ...]}`, one number for each feature.
 *
 * @throws Error with one sentence that tells the caller what is wrong with the request.
 */
export function parseRows(rawData: string, featureNames: readonly string[]): number[][] {
  if (rawData.trim() === '') {
    throw new Error(`The request is empty: send {"data": [[...]]} with ${featureNames.length} numbers a row.`);
  }
  const data = dataOf(parseJson(rawData));
  if (!Array.isArray(data)) {
    throw new Error(`"data" is ${quote(data)}, not a list of rows with ${featureNames.length} numbers each.`);
  }
  if (data.length === 0) {
    throw new Error('"data" holds no rows: send at least one.');
  }
  return data.map((row: unknown, index) => checkedRow(row, index, featureNames));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`The request is not valid JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

function dataOf(request: unknown): unknown {
  if (typeof request !== 'object' || request === null || !('data' in request)) {
    throw new Error(`The request ${quote(request)} has no "data": send {"data": [[...]]}.`);
  }
  return request.data;
}

function checkedRow(row: unknown, index: number, featureNames: readonly string[]): number[] {
  if (!Array.isArray(row)) {
    throw new Error(`Row ${index} of "data" is ${quote(row)}, not a list of ${featureNames.length} numbers.`);
  }
  if (row.length !== featureNames.length) {
    const wanted = `${featureNames.length} features (${featureNames.join(', ')})`;
    throw new Error(`Row ${index} of "data" has ${row.length} values, but the model has ${wanted}.`);
  }
  return row.map((value: unknown, column) => {
    // What a 32-bit float cannot hold, scikit-learn refuses as well.
    if (typeof value !== 'number' || !Number.isFinite(Math.fround(value))) {
      const problem = typeof value === 'number' ? 'too large a number' : 'not a number';
      throw new Error(`Row ${index} of "data": ${featureNames[column]} is ${quote(value)}, ${problem}.`);
    }
    return value;
  });
}

function quote(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'undefined');
  return text.length <= LONGEST_QUOTE ? text : `${text.slice(0, LONGEST_QUOTE)}…`;
}
