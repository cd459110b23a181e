import {
  LEDGER_FILE_NAME,
  PYTHON_TELEMETRY_FILE_NAME,
  parseDataFilePath,
  parsePythonFilePath,
  type UtcDay,
} from '@azureml-ts/monitoring/format';
import type { StoredFile } from '../store/file-store.ts';
import { type CollectionPlace, collectionPlace } from './collection-place.ts';
import { CSV_LAYOUTS, type FileLayout, type StreamRoot } from './stream-selection.ts';

/** Version of rows whose paths name none. */
export const UNNAMED_VERSION = 'default';
const JSON_LINES_NAME = /^[^._/][^/]*\.jsonl$/;

/** Options of {@link CollectedData.files}. */
export interface FilesOptions {
  /** Ends the work: the iteration rejects with the signal's reason. */
  readonly abortSignal?: AbortSignal | undefined;
}

/** One file of collected rows. */
export interface CollectedFile {
  /** Path in the container, or below `<directory>/modeldata` (of JSON Lines: below the directory), with slashes. */
  readonly path: string;
  /** UTC day of the scoring, `yyyy-mm-dd`. */
  readonly day: UtcDay;
  /** Last part of the path, for example `data.csv`. */
  readonly fileName: string;
  /** Size in bytes when it was listed; a file of today grows. */
  readonly size: number;
  /** Who calls files like that; it also says how cells and line ends are written. */
  readonly layout: FileLayout;
  /** Version of the model; `default` for JSON Lines, whose paths have none. */
  readonly modelVersion: string;
  /**
   * UTC hour of the scoring, `00` to `23`: of JSON Lines, and where the Python package was set to a folder for each hour.
   */
  readonly hour?: string | undefined;
  /** Name of the collection in the layouts `python-v1`, where inputs, predictions and labels have none, and `json-lines`. */
  readonly collectionName?: string | undefined;
  /** Hash of the header in the file's name, when the file has other columns than `data.csv` of that day. */
  readonly schema?: string | undefined;
  /** Number of the file, from 2, when the one before it was full. */
  readonly part?: number | undefined;
  /** Name of the writing instance, when each has files of its own. */
  readonly instance?: string | undefined;
  /** Address of the blob without signature, or `file:` URL. */
  readonly url: string;
  /** The blob's ETag when it was listed; of a file what stands for it. Changes whenever the file does. */
  readonly etag?: string | undefined;
}

/** What a listed file is, or `undefined` when it holds no collected rows of these layouts. */
export function asCollectedFile(
  stored: StoredFile,
  url: string,
  { layouts, prefix }: Pick<StreamRoot, 'layouts' | 'prefix'> = { layouts: CSV_LAYOUTS, prefix: '' },
): CollectedFile | undefined {
  const { path, size, etag } = stored;
  if (layouts.includes('json-lines')) {
    const place = collectionPlace(path, prefix);
    const fileName = place?.rest ?? '';
    return place?.hour === undefined || !JSON_LINES_NAME.test(fileName)
      ? undefined
      : {
          path,
          day: place.day,
          fileName,
          size,
          layout: 'json-lines',
          modelVersion: UNNAMED_VERSION,
          hour: place.hour,
          collectionName: prefix.split('/').at(-2),
          instance: fileName.slice(0, -'.jsonl'.length),
          url,
          etag,
        };
  }
  const ours = layouts.includes('documented') ? parseDataFilePath(path) : undefined;
  if (ours !== undefined) {
    const { day, fileName, modelVersion, schema, part, instance } = ours;
    return { path, day, fileName, size, layout: 'documented', modelVersion, schema, part, instance, url, etag };
  }
  const theirs = layouts.includes('python-v1') ? parsePythonFilePath(path) : undefined;
  if (theirs === undefined) {
    return undefined;
  }
  const { day, fileName, modelVersion, hour, collectionName, schema, part, instance } = theirs;
  const name = { fileName, hour, collectionName, schema, part, instance };
  return { path, day, size, layout: 'python-v1', modelVersion, ...name, url, etag };
}

/** A file that stands beside rows and tells of them. */
export interface CompanionFile {
  /** Path in the store. */
  readonly path: string;
  /** UTC day of the rows. */
  readonly day: UtcDay;
  /**
   * The ledger of a day, the note of the Python package on where it runs, or another file in a folder of JSON Lines: the
   * rows of a record that were too large for it.
   */
  readonly kind: 'ledger' | 'telemetry' | 'payload';
  /** Size in bytes. */
  readonly size: number;
}

/** What a listed file is when it is no file of rows but belongs to them. */
export function asCompanionFile(
  { path, size }: StoredFile,
  { layouts, prefix }: Pick<StreamRoot, 'layouts' | 'prefix'> = { layouts: CSV_LAYOUTS, prefix: '' },
): CompanionFile | undefined {
  if (layouts.includes('json-lines')) {
    const place = collectionPlace(path, prefix);
    return place === undefined ? undefined : { path, day: place.day, kind: companionKind(place), size };
  }
  const slash = path.lastIndexOf('/');
  const fileName = path.slice(slash + 1);
  if (fileName !== LEDGER_FILE_NAME && fileName !== PYTHON_TELEMETRY_FILE_NAME) {
    return undefined;
  }
  // It stands where a file of rows might stand; of any designation, so the name must be one that all take.
  const folders = path.slice(0, slash);
  const isLedger = fileName === LEDGER_FILE_NAME;
  // What tells of rows of another layout is left alone like these rows.
  if (!layouts.includes(isLedger ? 'documented' : 'python-v1')) {
    return undefined;
  }
  const parsed = isLedger
    ? parseDataFilePath(`${folders}/data.csv`)
    : parsePythonFilePath(`${folders}/${folders.split('/')[6]}.csv`);
  return parsed === undefined ? undefined : { path, day: parsed.day, kind: isLedger ? 'ledger' : 'telemetry', size };
}

function companionKind({ hour, rest }: CollectionPlace): CompanionFile['kind'] {
  return hour === undefined && rest === LEDGER_FILE_NAME ? 'ledger' : 'payload';
}

/**
 * Order of files: by day, then version (by number where both have one), then layout and hour. Within these `data.csv`
 * comes before its numbered parts, these by number; then other columns and instances.
 */
export function compareFiles(a: CollectedFile, b: CollectedFile): number {
  return (
    compareTexts(a.day, b.day) ||
    compareVersions(a.modelVersion, b.modelVersion) ||
    compareTexts(a.layout, b.layout) ||
    compareTexts(a.hour ?? '', b.hour ?? '') ||
    compareTexts(a.instance ?? '', b.instance ?? '') ||
    compareTexts(a.schema ?? '', b.schema ?? '') ||
    (a.part ?? 1) - (b.part ?? 1) ||
    compareTexts(a.path, b.path)
  );
}

/** Order of versions: whole numbers by their value and before all others, which go by text. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [isWhole(a), isWhole(b)];
  if (left && right) {
    // Not as numbers: a version may have more digits than those hold.
    const [x, y] = [a.replace(/^0+(?=\d)/, ''), b.replace(/^0+(?=\d)/, '')];
    return x.length - y.length || compareTexts(x, y) || compareTexts(a, b);
  }
  return left === right ? compareTexts(a, b) : left ? -1 : 1;
}

/** Tells whether a version is a whole number. */
export function isWhole(version: string): boolean {
  return /^\d+$/.test(version);
}

// By code unit, as the store sorts names; never by the locale of the machine.
function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
