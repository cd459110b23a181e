import type { CallPlace } from '../engine/collection-engine.ts';
import type { WaitingCall } from '../engine/row-file.ts';
import type { RowLayout } from '../engine/row-layout.ts';
import type { UtcDay } from '../format/blob-path.ts';

/** A call as its collector's store takes it, whatever its rows are. */
export interface StoredCall extends WaitingCall, CallPlace {
  /** UTC day of the scoring. */
  readonly day: UtcDay;
  /** The columns of its rows, and how they are written; `undefined` when it has none. */
  readonly schema: RowLayout | undefined;
  /** About how many bytes its rows will be. */
  readonly bytes: number;
  /** The same with those of {@link StoredCall.more}. */
  readonly allBytes: number;
  /** Rows of the same call that belong to other files. */
  readonly more: readonly StoredCall[] | undefined;
  /** One for each row, when the rows brought the ids of other calls along. */
  readonly correlations: readonly unknown[] | undefined;
}
