import { type StreamIdentity, streamPrefix, type UtcDay } from '../format/blob-path.ts';
import { DOCUMENTED_FILES } from '../format/file-layout.ts';
import type { RowLayout } from './row-layout.ts';

/** Which file rows belong to: their stream, the day of their scoring, their columns and how these are written. */
export interface BatchKey {
  /** What the rows are called. */
  readonly stream: StreamIdentity;
  /** UTC day of the scoring. */
  readonly day: UtcDay;
  /** UTC hour of the scoring, two digits, in layouts with a folder an hour. */
  readonly hour?: string | undefined;
  /** Their columns, and how they are written. */
  readonly schema: RowLayout;
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

/** Text of one key within a journal, for maps. */
export function keyText({ stream, day, hour, schema }: BatchKey): string {
  const { name } = schema.files;
  // A journal of the documented layout holds one stream only, and its texts stand in notes on disk.
  return name === DOCUMENTED_FILES.name
    ? `${day}/${schema.hash}`
    : `${name}/${day}/${hour ?? ''}/${schema.hash}/${streamPrefix(stream)}`;
}
