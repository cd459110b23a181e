import type { CollectorPlan } from './plan.ts';

/** What a writer process is to do; its only argument, as JSON. */
export interface WriterTask {
  /** Name of the writer: first column of its rows. */
  readonly writer: string;
  /** How often the writer was started before: second column. */
  readonly life: number;
  /** Its collector, with {@link WRITER_COLUMNS}. */
  readonly plan: CollectorPlan;
  /** How many chunks of rows to collect. */
  readonly chunks: number;
  /** Rows of each call of a chunk. */
  readonly calls: readonly number[];
  /** After so many chunks it waits until all rows are stored. */
  readonly storeEvery: number;
  /** Whether it also collects something in each chunk that is no row of its columns, and is dropped. */
  readonly dropsRows?: boolean;
  /** Whether others may have taken its journal over: closing then says that rows are left to them. */
  readonly mayBeTaken?: boolean;
}

/** What a writer process says. */
export type WriterMessage =
  /** The journal has all rows before this number. */
  | { readonly journaledTo: number }
  /** All chunks are journaled, and all rows stored. */
  | { readonly isDone: true; readonly steps: number };

/** Columns of the rows of a writer; the text is hard to read back. */
export const WRITER_COLUMNS = ['writer', 'life', 'number', 'text'];

/** Text of a row. */
export function textOf(number: number): string {
  return `row ${number}, "quoted"\nand on${'.'.repeat(number % 40)}`;
}
