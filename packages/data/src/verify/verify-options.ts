import { ValidationError } from '@azureml-ts/common';

/** How far a verification is. */
export interface VerifyProgress {
  /** Designation that is being read. */
  readonly designation: string;
  /** Path of the file that is being read. */
  readonly path: string;
  /** Files that are done, of this designation. */
  readonly fileCount: number;
  /** Files that there are. */
  readonly totalFiles: number;
  /** Bytes that were read. */
  readonly bytes: number;
  /** Bytes that there were when the files were listed. */
  readonly totalBytes: number;
  /** Rows that were read. */
  readonly rows: number;
}

/**
 * Options of {@link CollectedData.verify}.
 *
 * Every file is read once. Memory holds a bit for each call, and the counts of each writer and day; of JSON Lines 32 to
 * 64 bytes for each record, and the longest line (64 MiB at most).
 */
export interface VerifyOptions {
  /** Ends the work: the promise rejects with the signal's reason. */
  readonly abortSignal?: AbortSignal | undefined;
  /** Told about every 8 MiB, and after each file. */
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined;
  /** Whether warnings break the proof, too: every finding is then an `error`. Default `false`. */
  readonly strict?: boolean | undefined;
  /**
   * How long a writer may say nothing, in milliseconds, before it is told as `WRITER_NOT_CLOSED`; 0 or more. A collector
   * adds an entry about every 5 minutes while rows come, and none while none come. Default 86,400,000 (a day).
   */
  readonly openForMs?: number | undefined;
  /** Which designations of the model to verify: their names, or `all` that have a folder. Default: that of the data. */
  readonly designations?: readonly string[] | 'all' | undefined;
  /** Whether the report has the SHA-256 of each file that was read. Default `false`. */
  readonly hashes?: boolean | undefined;
}

const OPEN_FOR_MS = 86_400_000;

/** The same, checked. */
export interface ResolvedVerifyOptions extends VerifyOptions {
  readonly strict: boolean;
  readonly openForMs: number;
  readonly hashes: boolean;
}

/**
 * Checks options.
 *
 * @throws ValidationError (`VALIDATION`) naming the option.
 */
export function resolveVerifyOptions(options: VerifyOptions | undefined): ResolvedVerifyOptions {
  const { strict = false, openForMs = OPEN_FOR_MS, hashes = false, designations, onProgress } = options ?? {};
  for (const [path, received] of [
    ['strict', strict],
    ['hashes', hashes],
  ] as const) {
    if (typeof received !== 'boolean') {
      throw new ValidationError({ path, expected: 'true or false', received });
    }
  }
  if (!(typeof openForMs === 'number' && openForMs >= 0)) {
    throw new ValidationError({ path: 'openForMs', expected: 'milliseconds, 0 or more', received: openForMs });
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new ValidationError({ path: 'onProgress', expected: 'a function', received: onProgress });
  }
  const isNames = Array.isArray(designations) && designations.length > 0;
  if (designations !== undefined && designations !== 'all' && !isNames) {
    throw new ValidationError({
      path: 'designations',
      expected: "'all', or an array of at least one name",
      received: designations,
    });
  }
  return { ...options, strict, openForMs, hashes };
}
