import { ValidationError } from '@azureml-ts/common';
import type { StreamIdentity } from '@azureml-ts/monitoring/format';
import type { CollectedFile } from '../files/collected-file.ts';
import type { DayRange } from '../files/day-range.ts';
import { type CallRow, readCallRows } from '../rows/read-rows.ts';
import type { RowsOptions } from '../rows/rows-options.ts';
import type { FileStore } from '../store/file-store.ts';
import type { JoinSideOptions } from './join-options.ts';
import type { SourceRole, SourceWatch } from './source-watch.ts';

/** What a join needs of opened data. */
export interface JoinSide {
  readonly store: FileStore;
  readonly stream: StreamIdentity;
  readonly range: DayRange;
  list(abortSignal: AbortSignal | undefined): Promise<CollectedFile[]>;
}

/** Rows of one file that were read together. */
export interface SideChunk<T extends object> {
  /** Path of the file. */
  readonly path: string;
  /** Its UTC day. */
  readonly day: string;
  /** Version of the model that its rows are of. */
  readonly modelVersion: string;
  /** The next rows; never empty. */
  readonly rows: readonly CallRow<T>[];
}

const HALF_BUFFER_BYTES = 8 * 1_048_576;

// The class of opened data uses the joins; they find its inside here, without importing it in turn.
const sides = new WeakMap<object, JoinSide>();

/** Tells what a join needs of opened data. */
export function setJoinSide(data: object, side: JoinSide): void {
  sides.set(data, side);
}

/** Whether a value is what `CollectedData.open()` gave. */
export function isCollected(data: unknown): boolean {
  return typeof data === 'object' && data !== null && sides.has(data);
}

/**
 * What a join needs of opened data.
 *
 * @throws ValidationError (`VALIDATION`) when it is anything else.
 */
export function joinSideOf(data: unknown, path: string): JoinSide {
  const side = typeof data === 'object' && data !== null ? sides.get(data) : undefined;
  if (side === undefined) {
    throw new ValidationError({ path, expected: 'what CollectedData.open() gave', received: data });
  }
  return side;
}

/** Reads the rows of a side day by day. */
export async function* readSide<T extends object>(
  side: JoinSide,
  options: JoinSideOptions & Pick<RowsOptions, 'abortSignal'>,
  watch: SourceWatch | undefined,
  role: SourceRole,
): AsyncGenerator<SideChunk<T>, void, undefined> {
  const listed = await side.list(options.abortSignal);
  // Whatever else orders the files (versions, writers), calls are settled day by day.
  const files = listed.toSorted((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
  const store = watch === undefined ? side.store : watch.collected(role, side, files);
  const about = new Map(files.map(({ path, day, modelVersion }) => [path, { day, modelVersion }]));
  // Two sides share the memory of one reading.
  const half = { ...options, concurrency: 2, maxBufferBytes: HALF_BUFFER_BYTES };
  for await (const { path, rows } of readCallRows<T>(store, files, half)) {
    yield { path, ...(about.get(path) ?? { day: '', modelVersion: '' }), rows };
  }
}
