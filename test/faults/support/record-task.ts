import type { CollectorOptions } from '@azureml-ts/monitoring';

/** What a process that collects records is to do; its only argument, as JSON. */
export interface RecordTask {
  readonly options: Omit<CollectorOptions, 'onError' | 'clock'>;
  /** How often it was started before: part of each record. */
  readonly life: number;
  /** How many chunks of records to collect. */
  readonly chunks: number;
  /** Records of a chunk. */
  readonly records: number;
  /** After so many chunks it waits until all records are delivered. */
  readonly deliverEvery: number;
}

/** What the process says. */
export type RecordMessage =
  /** The journal has all records before this number. */
  | { readonly journaledTo: number }
  /** All records are delivered. */
  | { readonly isDone: true };
