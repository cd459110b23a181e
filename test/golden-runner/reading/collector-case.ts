import { anyObject, type Json, strictList, strictObject, strictText, UnreadableCase } from '../strict.ts';
import { type PythonCell, type PythonRows, pythonCell, pythonRows } from './python-cells.ts';

/** A blob that the Python collector left. */
export interface RecordedBlob {
  /** Path as recorded, with a placeholder for the day of the run. */
  readonly recordedPath: string;
  /** Path with a day in its place. */
  readonly path: string;
  readonly bytes: Buffer;
}

/** One recorded case, as far as reading goes. */
export interface CollectorCase {
  readonly name: string;
  readonly designation: string;
  /** Whether rows have names: of their own, or of the constructor. */
  readonly hasNames: boolean;
  /** Rows of each call that the collector took, with the columns of the call where it appended them. */
  readonly calls: readonly PythonRows[];
  readonly blobs: readonly RecordedBlob[];
}

const FIELDS = [
  ...['name', 'environment', 'fixed', 'constructor', 'calls', 'warnings', 'stdout', 'end', 'blobs'],
  ...['constructor_error', 'note'],
];
const CALL_FIELDS = ['method', 'input', 'user_correlation_id', 'correlations', 'augmented', 'returned', 'error'];
const BLOB_FIELDS = ['path', 'blob_type', 'content_type', 'blocks', 'uncommitted', 'bytes', 'base64'];
/** The columns that the collector appends to inputs, in its order. */
export const CALL_COLUMNS: readonly string[] = [
  '$aml_dc_correlation_id',
  '$aml_dc_scoring_timestamp',
  '$aml_dc_boundary',
  '$aml_workspace',
  '$aml_service_name',
  '$aml_model_name',
  '$aml_model_version',
  '$aml_request_id',
];

/** Whether a file is a recording of the Python collector, whatever it is called. */
export function isCollectorCase(content: unknown): boolean {
  return (
    typeof content === 'object' &&
    content !== null &&
    ['constructor', 'calls', 'blobs', 'fixed'].every((field) => Object.hasOwn(content, field))
  );
}

/**
 * Reads a case.
 *
 * @param today UTC day that stands for the day of the run, `yyyy-mm-dd`.
 * @throws UnreadableCase when it has something that this runner does not know.
 */
export function readCollectorCase(content: unknown, today: string): CollectorCase {
  const fields = strictObject(content, 'the case', FIELDS, ['name', 'constructor', 'calls', 'blobs']);
  const settings = anyObject(fields['constructor'], 'constructor');
  const given = (settings['designation'] ?? 'default') as string;
  const designation = given === 'default' ? 'general' : given;
  const calls = strictList(fields['calls'], 'calls').map((call) =>
    strictObject(call, 'a call', CALL_FIELDS, ['input']),
  );
  const rows = calls.flatMap((call) => rowsOf(call, designation) ?? []);
  return {
    name: strictText(fields['name'], 'name'),
    designation,
    hasNames: (settings['feature_names'] ?? null) !== null || rows.some(({ columns }) => columns !== undefined),
    calls: rows,
    blobs: strictList(fields['blobs'], 'blobs').map((blob) => readBlob(blob, today)),
  };
}

function rowsOf(call: Json, designation: string): PythonRows | undefined {
  const rows = call['error'] === undefined ? pythonRows(call['augmented'] ?? call['input']) : undefined;
  if (rows === undefined || designation !== 'inputs' || (call['returned'] ?? null) === null) {
    return rows;
  }
  const returned = anyObject(call['returned'], 'returned');
  const appended: PythonCell[] = CALL_COLUMNS.map((name) => pythonCell(returned[name]));
  return {
    ...rows,
    columns: rows.columns === undefined ? undefined : [...rows.columns, ...CALL_COLUMNS],
    rows: rows.rows.map((row) => [...row, ...appended]),
  };
}

function readBlob(blob: unknown, today: string): RecordedBlob {
  const { path, base64 } = strictObject(blob, 'a blob', BLOB_FIELDS, ['path', 'base64']);
  const recordedPath = strictText(path, 'path');
  const placed = recordedPath.replace('{today:yyyy/mm/dd}', today.replaceAll('-', '/'));
  if (placed.includes('{')) {
    throw new UnreadableCase(`a path has a placeholder that this runner does not know: ${recordedPath}`);
  }
  return { recordedPath, path: placed, bytes: Buffer.from(strictText(base64, 'base64'), 'base64') };
}

/** Text of a column of the call in a row; these columns are the last ones. */
function callCell(row: readonly PythonCell[], name: string): string | undefined {
  const cell = row.at(CALL_COLUMNS.indexOf(name) - CALL_COLUMNS.length);
  return cell?.kind === 'text' ? cell.text : cell?.kind === 'integer' ? cell.digits : undefined;
}

/**
 * Where the collector stores a row that carries the columns of its call: below the folder of that call's day. Only
 * predictions, labels and signals are routed so.
 *
 * @returns Start of the path, or `undefined` for a row without these columns.
 */
export function routeOf(row: readonly PythonCell[], designation: string): string | undefined {
  const time = callCell(row, '$aml_dc_scoring_timestamp') ?? '';
  const parts = ['$aml_workspace', '$aml_service_name', '$aml_model_name', '$aml_model_version'];
  const [workspace, ...names] = parts.map((name) => callCell(row, name));
  const isRouted =
    ['predictions', 'labels', 'signals'].includes(designation) &&
    row.length >= CALL_COLUMNS.length &&
    /^\d{4}-\d\d-\d\dT/.test(time) &&
    workspace?.split('/').length === 3;
  return isRouted ? [workspace, ...names, designation, ...time.slice(0, 10).split('-'), ''].join('/') : undefined;
}
