import { randomUUID } from 'node:crypto';
import type { StoredCall } from '../collector/stored-call.ts';
import type { RowLayout } from '../engine/row-layout.ts';
import type { UtcDay } from '../format/blob-path.ts';
import type { ReadContext } from './correlation-context.ts';

/** How the Python collector names the type of what it collects; readers know that name. */
export const DATA_TYPE = 'pandas.DataFrame';
/** How the Python collector calls itself; the sidecar, whose rules nobody has published, gets what it knows. */
export const PYTHON_AGENT = 'azureml-ai-monitoring/1.0.0';
/** First part of the type of a record, before the name of the collection. */
export const TYPE_PREFIX = 'azureml.inference.';

/** One record of a collection: the rows of one `collect`, as text. */
export interface CollectedRecord {
  /** Its own id: the same however often it is sent. */
  readonly id: string;
  /** What ties it to records of other collections. */
  readonly context: ReadContext;
  /** Its rows as a JSON array, in ASCII. */
  readonly body: string;
}

/** Where a record goes: the folder of an hour, or nowhere in particular. */
export interface RecordPlace {
  readonly day: UtcDay;
  readonly hour?: string | undefined;
}

const NO_RECORDS: readonly CollectedRecord[] = [];
/** About the bytes of a record beside its rows. */
const HEAD_BYTES = 160;

/** A record on its way: what the engine counts as one row. */
export class RecordCall implements StoredCall {
  /** Records have no numbers: there is no ledger of them. */
  readonly number = 0;
  readonly day: UtcDay;
  readonly hour: string | undefined;
  readonly schema: RowLayout;
  readonly bytes: number;
  readonly more = undefined;
  readonly correlations = undefined;
  rows: readonly CollectedRecord[];

  /**
   * @param schema How it is written.
   * @param place Which file it belongs to.
   * @param context What ties it to others.
   * @param body Its rows.
   */
  constructor(schema: RowLayout, { day, hour }: RecordPlace, context: ReadContext, body: string) {
    this.schema = schema;
    this.day = day;
    this.hour = hour;
    this.rows = [{ id: randomUUID(), context, body }];
    this.bytes = body.length + HEAD_BYTES + context.id.length;
  }

  /** See {@link StoredCall.allBytes}. */
  get allBytes(): number {
    return this.bytes;
  }

  /** The records of calls, in order. */
  static recordsOf(calls: readonly { readonly rows: readonly unknown[] }[]): CollectedRecord[] {
    return calls.flatMap(({ rows }) => rows as readonly CollectedRecord[]);
  }

  /** Lets go of the record. */
  letGo(): void {
    this.rows = NO_RECORDS;
  }
}
