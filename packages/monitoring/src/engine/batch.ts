import type { RowSchema } from '../rows/row-schema.ts';

/** Which file rows belong to: the day of their scoring and their columns. */
export interface BatchKey {
  /** UTC day, `yyyy-mm-dd`. */
  readonly day: string;
  /** Their columns. */
  readonly schema: RowSchema;
}

/** Finished lines of one file, sent as one piece. Once sealed, the bytes never change: they can be sent again as they are. */
export interface Batch {
  /** Which file they belong to. */
  readonly key: BatchKey;
  /** The lines. */
  readonly bytes: Buffer;
  /** How many rows they are. */
  readonly rowCount: number;
}

/** Text of one key, for maps. */
export function keyText(key: BatchKey): string {
  return `${key.day}/${key.schema.hash}`;
}
