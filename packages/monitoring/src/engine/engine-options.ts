import type { Clock } from '@azureml-ts/common';
import type { StreamIdentity, UtcDay } from '../format/blob-path.ts';
import type { Journal, JournalCounters } from '../journal/journal-types.ts';
import type { RowSink } from '../sinks/row-sink.ts';
import type { Leaving } from './queued-slice.ts';
import type { StoreFailure } from './store-failure.ts';

/** Settings of `CollectionEngine`. */
export interface EngineOptions {
  /** Where batches go. */
  readonly sink: RowSink;
  /** What the rows are called. */
  readonly stream: StreamIdentity;
  /** What survives the process; `undefined` when rows wait in memory only. */
  readonly journal: Journal | undefined;
  /** Longest time that a row waits before it is sent, in milliseconds. */
  readonly flushIntervalMs: number;
  /** Size that finishes a batch, in bytes. */
  readonly maxBatchBytes: number;
  /** Most bytes that wait in memory. */
  readonly maxBufferBytes: number;
  /** The time. */
  readonly clock: Clock;
  /** Random number from 0 to 1, for jitter. */
  readonly random: () => number;
  /** What the journal keeps of the counts of a day, of whose rows so many are not in it (yet). */
  readonly counters: (day: UtcDay, notInJournal: number) => JournalCounters;
  /** Rows were acknowledged by the store. */
  readonly onStored: (day: UtcDay, rowCount: number) => void;
  /** Rows are given up: the store will never take them, or they cannot be encoded. */
  readonly onRefused: (day: UtcDay, leaving: Leaving, failure: StoreFailure, error: unknown) => void;
  /** Rows were dropped to make room for newer ones. */
  readonly onDropped: (day: UtcDay, leaving: Leaving) => void;
  /** An append failed; the rows are kept. */
  readonly onFailure: (failure: StoreFailure, error: unknown) => void;
}

/** What is left when an engine stops. */
export interface Leftovers {
  /** Rows that the journal has: whoever comes next stores them. */
  readonly keptRows: number;
  /** Rows that are lost. */
  readonly lost: readonly { readonly day: UtcDay; readonly leaving: Leaving }[];
}
