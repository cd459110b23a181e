import { CORRELATION_COLUMNS, PYTHON_COLUMNS } from '@azureml-ts/monitoring/format';

/** Those of them that this library has not: they only repeat parts of the path. */
export const PYTHON_EXTRA_COLUMNS: readonly string[] = PYTHON_COLUMNS.filter(
  (name) => !(CORRELATION_COLUMNS as readonly string[]).includes(name),
);

const OWN = new Set<string>([...CORRELATION_COLUMNS, ...PYTHON_COLUMNS]);

/** Whether a column ties a row to its call, and is no feature. */
export function isCallColumn(name: string): boolean {
  return OWN.has(name);
}

const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/;
const BOUNDARY = /^(?:60|1440)$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a record ends with the eight columns of the Python package: a time, 60 or 1440, ..., and a request's id. */
export function endsWithPythonColumns(cells: readonly string[]): boolean {
  const [id = '', time = '', boundary = '', , , , , request = ''] = cells.slice(-PYTHON_COLUMNS.length);
  return (
    cells.length >= PYTHON_COLUMNS.length &&
    id !== '' &&
    TIME.test(time) &&
    BOUNDARY.test(boundary) &&
    UUID.test(request)
  );
}
