/**
 * The columns that the Python package appends to rows, in its order.
 *
 * Source: azureml-monitoring 0.1.0a21.
 */
export const PYTHON_COLUMNS = [
  '$aml_dc_correlation_id',
  '$aml_dc_scoring_timestamp',
  '$aml_dc_boundary',
  '$aml_workspace',
  '$aml_service_name',
  '$aml_model_name',
  '$aml_model_version',
  '$aml_request_id',
] as const;

/** Name of one of these columns. */
export type PythonColumn = (typeof PYTHON_COLUMNS)[number];

/** Their values in one row. */
export type PythonCells = Readonly<Record<PythonColumn, string | number>>;

const NAMES = new Set<string>(PYTHON_COLUMNS);

/** Whether a column ties a row to its call. */
export function isPythonColumn(name: string): boolean {
  return NAMES.has(name);
}

/** The values in the order of the columns. */
export function inOrder(cells: PythonCells): (string | number)[] {
  return PYTHON_COLUMNS.map((name) => cells[name]);
}
