import type { Stream } from './collect.ts';

/** Everything that was collected for the checks. */
export interface World {
  /** Folder for what the checks write; removed at the end. */
  readonly folder: string;
  /** Where the rows are. */
  readonly directory: string;
  readonly inputs: Stream;
  readonly predictions: Stream;
  /** Under names full of quotes and wildcards. */
  readonly odd: Stream;
  /** Columns that change. */
  readonly changing: Stream;
  /** The same, with columns that differ only in case. */
  readonly cased: Stream;
  /** Files without header. */
  readonly nameless: Stream;
  /** What the Python package wrote: some recordings, as texts. */
  readonly recorded: readonly Stream[];
}
