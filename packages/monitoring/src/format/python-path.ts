import {
  type DataFileName,
  type DataFilePath,
  parseDataFilePath,
  parseFileName,
  type StreamIdentity,
  streamPrefix,
} from './blob-path.ts';

/** Name of the file beside the inputs in which the Python package notes where it runs. It holds no rows. */
export const PYTHON_TELEMETRY_FILE_NAME = 'aml_telemetry.csv';

/** Designations whose file is called like them; all others have a file for each collection name. */
const NAMED_LIKE_DESIGNATION = new Set(['inputs', 'predictions', 'labels']);

/** Whether the file of a designation is called like it, and not like its collection. */
export function isNamedLikeDesignation(designation: string): boolean {
  return NAMED_LIKE_DESIGNATION.has(designation);
}

/**
 * A parsed path of a file of rows in the layout of the Python package azureml-monitoring. `instance`, `schema` and `part`
 * are there only where this library wrote the file and its plain name was taken.
 */
export interface PythonFilePath extends DataFileName, Pick<DataFilePath, keyof StreamIdentity | 'day' | 'fileName'> {
  /** UTC hour of the rows, `00` to `23`, where each hour has a folder of its own. */
  readonly hour?: string | undefined;
  /** Name of the collection; `undefined` for inputs, predictions and labels, which have none. */
  readonly collectionName?: string | undefined;
}

/**
 * Path of the folder in which the Python package stores a stream, with a slash at the end: it writes the three parts of
 * the workspace in lower case, and leaves the others as they are.
 */
export function pythonStreamPrefix(stream: StreamIdentity): string {
  const { subscriptionId, resourceGroup, workspaceName } = stream.workspace;
  return streamPrefix({
    ...stream,
    workspace: {
      subscriptionId: subscriptionId.toLowerCase(),
      resourceGroup: resourceGroup.toLowerCase(),
      workspaceName: workspaceName.toLowerCase(),
    },
  });
}

/**
 * Reads the path of a file of rows that the Python package azureml-monitoring wrote:
 * `<stream>/<yyyy>/<mm>/<dd>[/<hh>]/<file>.csv`. The file is called like the designation for inputs, predictions and
 * labels, and else like the collection, `default.csv` when that has no name. Files that this library wrote beside such a
 * file, `inputs-2.csv`, `inputs-<schema>.csv` and `inputs-r<instance>.csv`, are taken too.
 *
 * @param path Path in the container.
 * @returns Its parts, or `undefined` when the path is not one of rows.
 * @example
 * ```ts
 * import { parsePythonFilePath } from '@azureml-ts/monitoring/format';
 *
 * const parsed = parsePythonFilePath('s/rg/ws/svc/best_model/1/inputs/2026/01/02/13/inputs.csv');
 * console.log(parsed?.day, parsed?.hour); // 2026-01-02 13
 * ```
 */
export function parsePythonFilePath(path: string): PythonFilePath | undefined {
  const parts = path.split('/');
  const fileName = parts.at(-1) ?? '';
  const hour = parts.length === 12 ? parts[10] : undefined;
  // The folders down to the day are the same as ours.
  const folders = hour === undefined ? parts.slice(0, -1) : parts.slice(0, 10);
  const parsed = parseDataFilePath([...folders, 'data.csv'].join('/'));
  const name = /^([^.].*)\.csv$/.exec(fileName)?.[1];
  if (
    parsed === undefined ||
    name === undefined ||
    fileName === PYTHON_TELEMETRY_FILE_NAME ||
    (hour !== undefined && !/^([01]\d|2[0-3])$/.test(hour))
  ) {
    return undefined;
  }
  const { workspace, webserviceName, modelName, modelVersion, designation, day } = parsed;
  const stream = { workspace, webserviceName, modelName, modelVersion, designation };
  if (!isNamedLikeDesignation(designation)) {
    return { ...stream, day, hour, fileName, collectionName: name };
  }
  const ours = parseFileName(designation, fileName);
  return ours === undefined ? undefined : { ...stream, day, hour, fileName, collectionName: undefined, ...ours };
}
