import {
  checkStream,
  type DataFileName,
  dataFilePath,
  dayPrefix,
  type StreamIdentity,
  type UtcDay,
} from './blob-path.ts';
import { MODEL_DATA_CONTAINER } from './columns.ts';
import { ledgerPath } from './ledger.ts';

/** Whose rows a file holds, and of which time. */
export interface FilePeriod {
  /** What the rows are called. */
  readonly stream: StreamIdentity;
  /** UTC day of the rows. */
  readonly day: UtcDay;
  /** UTC hour of the rows, two digits, in layouts with a folder an hour. */
  readonly hour?: string | undefined;
}

/** How a store lays files out: their names and kinds, whatever is in them. */
export interface FileLayout {
  /** Name of the layout: `documented` is that of `ModelDataCollector` unless it is told otherwise. */
  readonly name: string;
  /** Below the folder of `{ directory }`: what stands for the container of blobs; empty when there is nothing. */
  readonly root: string;
  /** Content type of blobs. */
  readonly contentType: string;
  /** Kind that blobs must have; `undefined` when the collector's setting decides. */
  readonly blobKind?: 'append' | 'block' | 'python-block' | undefined;
  /**
   * Name of the first file that is tried.
   *
   * @param instance Name of the writing instance, when each has files of its own.
   */
  firstName(instance: string | undefined): DataFileName;
  /**
   * Checks that a stream can be part of a path.
   *
   * @throws ValidationError (`VALIDATION`) when it cannot.
   */
  checkStream(stream: StreamIdentity): void;
  /** Path of the folder of a period, with a slash at the end. */
  folder(period: FilePeriod): string;
  /** Path of a file. */
  path(period: FilePeriod, name: DataFileName): string;
  /** Path of the ledger of a day; `undefined` when the layout has none. */
  ledgerPath(stream: StreamIdentity, day: UtcDay): string | undefined;
}

/** The layout of the documentation: one CSV file a day below `modeldata`. */
export const DOCUMENTED_FILES: FileLayout = {
  name: 'documented',
  root: MODEL_DATA_CONTAINER,
  contentType: 'text/csv; charset=utf-8',
  firstName: (instance) => (instance === undefined ? {} : { instance }),
  checkStream,
  folder: ({ stream, day }) => dayPrefix(stream, day),
  path: ({ stream, day }, name) => dataFilePath(stream, day, name),
  ledgerPath,
};
