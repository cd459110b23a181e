import type { JsonValue } from '@azureml-ts/common';
import type { EncodedLines } from '../format/encode-rows.ts';
import type { BatchSchema } from '../sinks/row-sink.ts';

/** A call as the engine sees it: what its rows are, only the layout knows. */
export interface LayoutCall {
  /** The rows; their number is what is counted. */
  readonly rows: readonly unknown[];
}

/**
 * What rows look like on their way: how waiting calls become bytes, which files take them, and how a journal remembers
 * both, so that another process can store the rows of one that died.
 *
 * The engine makes a queue and a file for each stream, day, hour and layout.
 */
export interface RowLayout extends BatchSchema {
  /** Number of columns; 0 where that means nothing. */
  readonly width: number;
  /** Turns waiting calls into bytes, in order. What it throws gives the calls up as `failed`. */
  encode(calls: readonly LayoutCall[]): EncodedLines;
  /** What a journal keeps of the layout; `readLayout` makes it again from that. */
  toRecord(): { readonly [field: string]: JsonValue };
}
