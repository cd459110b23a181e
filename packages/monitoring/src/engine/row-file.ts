import type { TimerHandle } from '@azureml-ts/common';
import type { EncodedLines } from '../format/encode-rows.ts';
import { withOneMore } from '../format/with-one-more.ts';
import type { BatchKey } from './batch.ts';
import { BlockBudget } from './block-budget.ts';
import type { FileQueue } from './file-queue.ts';
import { type CallRun, NO_RUNS } from './queued-slice.ts';
import type { LayoutCall } from './row-layout.ts';

/** Rows that wait as cells before the call that fills a slice turns them into bytes. */
const SLICE_ROWS = 256;
/** The same where rows are no inputs: a request that fills the slice of its inputs is not to fill that of its predictions too. */
const OTHER_SLICE_ROWS = 224;
/** Bytes, by estimate, that wait as cells before they are turned into bytes. */
const SLICE_BYTES = 262_144;

/** A call that waits; its rows are let go when they are encoded. */
export interface WaitingCall extends LayoutCall {
  /** The call's own number; 0 when it carries the id of another. */
  readonly number: number;
  /** The rows. */
  rows: readonly unknown[];
}

const NO_ROWS: readonly never[] = [];

/** Calls as bytes. */
export interface EncodedCalls extends EncodedLines {
  /** Which calls they are. */
  readonly runs: readonly CallRun[];
}

function runsOf(calls: readonly WaitingCall[]): readonly CallRun[] {
  let runs: CallRun[] | undefined;
  let latest: { first: number; last: number; rowCount: number } | undefined;
  for (const { number, rows } of calls) {
    if (number > 0 && latest?.last === number - 1) {
      latest.last = number;
      latest.rowCount += rows.length;
    } else if (number > 0) {
      latest = { first: number, last: number, rowCount: rows.length };
      runs = withOneMore(runs, latest);
    }
  }
  return runs ?? NO_RUNS;
}

/** One file of rows on its way: the calls that wait as cells, and the queue of what is encoded. */
export class RowFile {
  /** Which file. */
  readonly key: BatchKey;
  /** What is encoded and not stored. */
  readonly queue: FileQueue;
  /** How often it may be appended to. */
  readonly budget = new BlockBudget();
  /** Calls that wait as cells. */
  calls: WaitingCall[] = [];
  /** Their rows. */
  rowCount = 0;
  /** About their bytes. */
  bytes = 0;
  /** When it is stored next. */
  timer: TimerHandle | undefined;
  readonly #sliceRows: number;

  /**
   * @param key Which file.
   * @param queue Its queue.
   */
  constructor(key: BatchKey, queue: FileQueue) {
    this.key = key;
    this.queue = queue;
    this.#sliceRows = key.stream.designation.endsWith('inputs') ? SLICE_ROWS : OTHER_SLICE_ROWS;
  }

  /** Whether nothing of it waits. */
  get isEmpty(): boolean {
    return this.rowCount === 0 && this.queue.isEmpty;
  }

  /** Whether the calls are to be encoded before so many rows more are added. */
  isFullFor(rowCount: number): boolean {
    return this.rowCount > 0 && this.rowCount + rowCount > this.#sliceRows;
  }

  /** Whether the calls are to be encoded now. */
  get isFull(): boolean {
    return this.rowCount >= this.#sliceRows || this.bytes >= SLICE_BYTES;
  }

  /** Turns the calls into bytes and lets go of their rows, whatever comes of it. */
  encodeCalls(): EncodedCalls {
    const { calls } = this;
    const runs = runsOf(calls);
    this.calls = [];
    this.rowCount = 0;
    this.bytes = 0;
    try {
      return { ...this.key.schema.encode(calls), runs };
    } finally {
      // Somebody may keep the receipt of a call for long.
      for (const call of calls) {
        call.rows = NO_ROWS;
      }
    }
  }
}
