import { parseDataFilePath, type UtcDay } from '@azureml-ts/monitoring/format';
import type { StoredFile } from '../store/file-store.ts';

/** Options of {@link CollectedData.files}. */
export interface FilesOptions {
  /** Ends the work: the iteration rejects with the signal's reason. */
  readonly abortSignal?: AbortSignal | undefined;
}

/** One file of collected rows. */
export interface CollectedFile {
  /** Path in the container, or below `<directory>/modeldata`, with slashes. */
  readonly path: string;
  /** UTC day of the scoring, `yyyy-mm-dd`. */
  readonly day: UtcDay;
  /** Last part of the path, for example `data.csv`. */
  readonly fileName: string;
  /** Size in bytes when it was listed; a file of today grows. */
  readonly size: number;
  /** Hash of the header in the file's name, when the file has other columns than `data.csv` of that day. */
  readonly schema?: string | undefined;
  /** Number of the file, from 2, when the one before it was full. */
  readonly part?: number | undefined;
  /** Name of the writing instance, when each has files of its own. */
  readonly instance?: string | undefined;
  /** Address of the blob without signature, or `file:` URL. */
  readonly url: string;
}

/** What a listed file is, or `undefined` when it holds no collected rows. */
export function asCollectedFile(file: StoredFile, url: string): CollectedFile | undefined {
  const parsed = parseDataFilePath(file.path);
  return parsed === undefined
    ? undefined
    : {
        path: file.path,
        day: parsed.day,
        fileName: parsed.fileName,
        size: file.size,
        schema: parsed.schema,
        part: parsed.part,
        instance: parsed.instance,
        url,
      };
}

/** Order of files: by day; within a day `data.csv` before its numbered parts, these by number; then other columns and instances. */
export function compareFiles(a: CollectedFile, b: CollectedFile): number {
  return (
    compareTexts(a.day, b.day) ||
    compareTexts(a.instance ?? '', b.instance ?? '') ||
    compareTexts(a.schema ?? '', b.schema ?? '') ||
    (a.part ?? 1) - (b.part ?? 1) ||
    compareTexts(a.path, b.path)
  );
}

// By code unit, as the store sorts names; never by the locale of the machine.
function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
