import { CORRELATION_COLUMNS } from '@azureml-ts/monitoring/format';

/** The columns that the Python package appends to rows, in its order. */
export const PYTHON_CORRELATION_COLUMNS = [
  '$aml_dc_correlation_id',
  '$aml_dc_scoring_timestamp',
  '$aml_dc_boundary',
  '$aml_workspace',
  '$aml_service_name',
  '$aml_model_name',
  '$aml_model_version',
  '$aml_request_id',
] as const;

/** Those of them that this library has not: they only repeat parts of the path. */
export const PYTHON_EXTRA_COLUMNS: readonly string[] = PYTHON_CORRELATION_COLUMNS.filter(
  (name) => !(CORRELATION_COLUMNS as readonly string[]).includes(name),
);

const OWN = new Set<string>([...CORRELATION_COLUMNS, ...PYTHON_CORRELATION_COLUMNS]);

/** Whether a column ties a row to its call, and is no feature. */
export function isCallColumn(name: string): boolean {
  return OWN.has(name);
}

const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/;
const BOUNDARY = /^(?:60|1440)$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a record ends with the eight columns of the Python package: a time, 60 or 1440, ..., and a request's id. */
export function endsWithPythonColumns(cells: readonly string[]): boolean {
  const [id = '', time = '', boundary = '', , , , , request = ''] = cells.slice(-PYTHON_CORRELATION_COLUMNS.length);
  return (
    cells.length >= PYTHON_CORRELATION_COLUMNS.length &&
    id !== '' &&
    TIME.test(time) &&
    BOUNDARY.test(boundary) &&
    UUID.test(request)
  );
}
