import { ValidationError } from '@azureml-ts/common';

/** The workspace that collected rows belong to; each part is one folder of the path. */
export interface WorkspaceIdentity {
  /** Id of the Azure subscription. */
  readonly subscriptionId: string;
  /** Name of the resource group. */
  readonly resourceGroup: string;
  /** Name of the workspace. */
  readonly workspaceName: string;
}

/** What a stream of collected rows is called: everything in its path but the date. */
export interface StreamIdentity {
  /** The workspace. */
  readonly workspace: WorkspaceIdentity;
  /** Name of the web service. */
  readonly webserviceName: string;
  /** Name of the model. */
  readonly modelName: string;
  /** Version of the model. */
  readonly modelVersion: string;
  /** Name of the stream within the model, for example `inputs` or `predictions`. */
  readonly designation: string;
}

/** A UTC day, `yyyy-mm-dd`. */
export type UtcDay = string;

/** Parts of a file's name, `data[-r<instance>][-<schema8>][-<n>].csv`. */
export interface DataFileName {
  /** First eight hexadecimal digits of the header's hash, when the header does not fit the one at the plain name. */
  readonly schema?: string | undefined;
  /** Number of the file when the one before it was full, from 2. */
  readonly part?: number | undefined;
  /** Name of the writing instance, when each replica has files of its own. */
  readonly instance?: string | undefined;
}

/** A parsed path of a file of collected rows. */
export interface DataFilePath extends StreamIdentity, DataFileName {
  /** UTC day of the rows. */
  readonly day: UtcDay;
  /** The last part of the path. */
  readonly fileName: string;
}

const NAME_PARTS = /^(?:-r([A-Za-z0-9_.]+))?(?:-([0-9a-f]{8}))?(?:-([2-9]|[1-9]\d{1,5}))?\.csv$/;

/**
 * Reads the name of a file of rows.
 *
 * @param first Its first part.
 * @param fileName The name.
 * @returns Its other parts; `undefined` when it is no such name.
 */
export function parseFileName(first: string, fileName: string): DataFileName | undefined {
  const parts = fileName.startsWith(first) ? NAME_PARTS.exec(fileName.slice(first.length)) : null;
  if (parts === null) {
    return undefined;
  }
  const [, instance, schema, part] = parts;
  return { instance, schema, part: part === undefined ? undefined : Number(part) };
}

/** Tells whether a text can be one folder of the path, and says why when it cannot. */
export function segmentFault(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') {
    return 'a text of at least one character';
  }
  if (value.length > 255) {
    return 'at most 255 characters long';
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (/[/\\\u0000-\u001f\u007f]/.test(value)) {
    return 'free of slashes, backslashes and control characters';
  }
  // Text that is not well-formed has no place in a URL.
  if (/\p{Surrogate}/u.test(value)) {
    return 'well-formed text';
  }
  // The service cuts dots off the end of a folder, so two names would meet at one path.
  if (value.endsWith('.')) {
    return 'a text that does not end with a dot';
  }
  return undefined;
}

/**
 * Checks one folder of the path.
 *
 * @param path Name of the setting, for the error.
 * @param value The folder's name.
 * @throws ValidationError (`VALIDATION`) when the name is empty, longer than 255 characters, ends with a dot, or holds a
 *   slash, backslash or control character.
 */
export function checkSegment(path: string, value: unknown): string {
  const fault = segmentFault(value);
  if (fault !== undefined) {
    throw new ValidationError({
      path,
      expected: `${fault}, because it is a folder of the storage path`,
      received: value,
    });
  }
  return value as string;
}

/** Longest name of a blob, in characters. Source: Azure Storage's rules for names. */
const MAX_BLOB_NAME = 1_024;
/** Room for the date and the name of the file at the end of a path, in characters. */
const FILE_ROOM = 64;

/**
 * Checks every folder of a stream's path, and that all together leave room for the date and the file: the service takes
 * names of at most 1,024 characters.
 *
 * @param stream The stream.
 * @throws ValidationError (`VALIDATION`) when a folder is none, see {@link checkSegment}, or the path is too long.
 */
export function checkStream(stream: StreamIdentity): void {
  const { workspace, webserviceName, modelName, modelVersion, designation } = stream;
  for (const [path, value] of Object.entries({
    ...workspace,
    webserviceName,
    modelName,
    modelVersion,
    designation,
  })) {
    checkSegment(path, value);
  }
  const { length } = streamPrefix(stream);
  if (length > MAX_BLOB_NAME - FILE_ROOM) {
    throw new ValidationError({
      path: 'the path of the stream',
      expected: `at most ${MAX_BLOB_NAME - FILE_ROOM} characters long, because the name of a blob has at most ${MAX_BLOB_NAME}`,
      message: `The names of subscription, resource group, workspace, web service, model, version and designation have ${length} characters together; the path of a blob leaves room for ${MAX_BLOB_NAME - FILE_ROOM}. Use shorter names.`,
    });
  }
}

/**
 * Path of a stream's folder in the container, with a slash at the end.
 *
 * @returns `<subscriptionid>/<resourcegroup>/<workspace>/<webservice>/<model>/<version>/<designation>/`, case as given.
 */
export function streamPrefix(stream: StreamIdentity): string {
  const { workspace } = stream;
  return `${[
    workspace.subscriptionId,
    workspace.resourceGroup,
    workspace.workspaceName,
    stream.webserviceName,
    stream.modelName,
    stream.modelVersion,
    stream.designation,
  ].join('/')}/`;
}

/**
 * Path of a day's folder in the container, with a slash at the end: month and day have two digits.
 *
 * @param stream The stream.
 * @param day The day as `yyyy-mm-dd`, UTC.
 */
export function dayPrefix(stream: StreamIdentity, day: UtcDay): string {
  return `${streamPrefix(stream)}${day.replaceAll('-', '/')}/`;
}

/** UTC day of a time, as `yyyy-mm-dd`. */
export function utcDay(time: Date | number): UtcDay {
  return new Date(time).toISOString().slice(0, 10);
}

/**
 * Name of a file of collected rows.
 *
 * @param name Its parts. Characters of `instance` other than letters, digits, `_` and `.` become `_`: a dash would read as
 *   the start of the next part.
 * @throws ValidationError (`VALIDATION`) when a part cannot be read back: an empty `instance`, a `schema` that is not eight
 *   lower-case hexadecimal digits, a `part` that is not an integer from 2 to 999,999.
 */
export function dataFileName(name: DataFileName = {}): string {
  return `data${fileNameParts(name)}.csv`;
}

/** What stands between the first part of a file's name and its ending; see {@link dataFileName}. */
export function fileNameParts(name: DataFileName): string {
  if (name.instance === '') {
    throw new ValidationError({ path: 'instance', expected: 'a text of at least one character', received: '' });
  }
  if (name.schema !== undefined && !/^[0-9a-f]{8}$/.test(name.schema)) {
    throw new ValidationError({
      path: 'schema',
      expected: 'eight lower-case hexadecimal digits',
      received: name.schema,
    });
  }
  if (name.part !== undefined && !(Number.isInteger(name.part) && name.part >= 2 && name.part <= 999_999)) {
    throw new ValidationError({ path: 'part', expected: 'an integer from 2 to 999999', received: name.part });
  }
  const instance = name.instance === undefined ? '' : `-r${name.instance.replaceAll(/[^A-Za-z0-9_.]/g, '_')}`;
  const schema = name.schema === undefined ? '' : `-${name.schema}`;
  const part = name.part === undefined ? '' : `-${name.part}`;
  return instance + schema + part;
}

/**
 * Path of a file of collected rows in the container.
 *
 * @param stream The stream.
 * @param day UTC day of the rows.
 * @param name Parts of the file's name; `data.csv` when left out.
 * @example
 * ```ts
 * import { dataFilePath } from '@azureml-ts/monitoring/format';
 *
 * const workspace = { subscriptionId: 's', resourceGroup: 'rg', workspaceName: 'ws' };
 * const stream = { workspace, webserviceName: 'svc', modelName: 'best_model', modelVersion: '1', designation: 'inputs' };
 * console.log(dataFilePath(stream, '2026-01-02')); // s/rg/ws/svc/best_model/1/inputs/2026/01/02/data.csv
 * ```
 */
export function dataFilePath(stream: StreamIdentity, day: UtcDay, name: DataFileName = {}): string {
  return dayPrefix(stream, day) + dataFileName(name);
}

/**
 * Reads the path of a file of collected rows.
 *
 * Months and days without a leading zero are taken too.
 *
 * @param path Path in the container.
 * @returns Its parts, or `undefined` when the path is not one of collected rows.
 */
export function parseDataFilePath(path: string): DataFilePath | undefined {
  const parts = path.split('/');
  const [subscriptionId, resourceGroup, workspaceName, webserviceName, modelName, modelVersion, designation] = parts;
  const [year, month, day, fileName] = parts.slice(7);
  if (
    parts.length !== 11 ||
    parts.includes('') ||
    subscriptionId === undefined ||
    resourceGroup === undefined ||
    workspaceName === undefined ||
    webserviceName === undefined ||
    modelName === undefined ||
    modelVersion === undefined ||
    designation === undefined ||
    fileName === undefined
  ) {
    return undefined;
  }
  const date = toDay(year, month, day);
  const name = parseFileName('data', fileName);
  if (date === undefined || name === undefined) {
    return undefined;
  }
  return {
    workspace: { subscriptionId, resourceGroup, workspaceName },
    webserviceName,
    modelName,
    modelVersion,
    designation,
    day: date,
    fileName,
    ...name,
  };
}

function toDay(year: string | undefined, month: string | undefined, day: string | undefined): UtcDay | undefined {
  if (!/^\d{4}$/.test(year ?? '') || !/^\d{1,2}$/.test(month ?? '') || !/^\d{1,2}$/.test(day ?? '')) {
    return undefined;
  }
  const text = `${year}-${month?.padStart(2, '0')}-${day?.padStart(2, '0')}`;
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(time) || utcDay(time) !== text ? undefined : text;
}
