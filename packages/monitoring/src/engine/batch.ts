import type { StreamIdentity, UtcDay } from '../format/blob-path.ts';
import type { RowSchema } from '../rows/row-schema.ts';

/** Which file rows belong to: their stream, the day of their scoring and their columns. */
export interface BatchKey {
  /** What the rows are called. */
  readonly stream: StreamIdentity;
  /** UTC day of the scoring. */
  readonly day: UtcDay;
  /** Their columns. */
  readonly schema: RowSchema;
}

/**
 * Lines that were encoded together: whole calls of one file. It is framed in the journal, sent, stored or dropped as a
 * whole, and its bytes never change.
 */
export interface EncodedSlice {
  /** Number within its writer, from 1, increasing: within one file some are missing. */
  readonly sequence: number;
  /** The lines, in pieces. */
  readonly pieces: readonly Buffer[];
  /** Bytes of all pieces. */
  readonly byteLength: number;
  /** How many rows they are. */
  readonly rowCount: number;
}

/** Text of one key within a stream, for maps. */
export function keyText(key: BatchKey): string {
  return `${key.day}/${key.schema.hash}`;
}
