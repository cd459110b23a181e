import type { ReadingOptions } from '../rows/rows-options.ts';
import type { JsonColumns } from './json-columns.ts';

/** A record that was read; its rows come later. */
export interface SeenRecord {
  /** Number of its line. */
  readonly line: number;
  /** Its place in the file. */
  readonly offset: number;
  /** Its own id; empty when it has none. */
  readonly id: string;
}

/** Options of {@link JsonLinesReader}. */
export interface JsonLinesReading extends Pick<ReadingOptions, 'onBadRecord' | 'abortSignal'> {
  /** Is told of every record, also of one without rows. */
  readonly onRecord?: ((record: SeenRecord) => void) | undefined;
}

/** Where reading begins, when not at the start of the file. */
export interface JsonLinesStart {
  /** Place in the file. */
  readonly offset: number;
  /** Number of the lines before it. */
  readonly line: number;
  /** The columns so far. */
  readonly columns: JsonColumns;
}
