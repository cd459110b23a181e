import { createHash } from 'node:crypto';
import type { JsonValue } from '@azureml-ts/common';
import type { LayoutCall, RowLayout } from '../engine/row-layout.ts';
import type { EncodedLines } from '../format/encode-rows.ts';
import type { FileLayout } from '../format/file-layout.ts';
import type { ReadContext } from './correlation-context.ts';
import { type CollectedRecord, RecordCall } from './record.ts';

/** What of a context cannot go along with a record. */
export interface Unfit {
  /** Names of its headers that are left out. */
  readonly headers: readonly string[];
  /** Whether the record as a whole cannot go, because its correlation id is too long. */
  readonly isTooLong: boolean;
}

/** What the layouts of records share: there is no header, and no columns that the file as a whole has. */
export abstract class RecordLayout implements RowLayout {
  abstract readonly files: FileLayout;
  readonly names = undefined;
  readonly width = 0;
  readonly header = Buffer.alloc(0);
  readonly probeBytes = 0;
  readonly hash: string;

  /** @param identity What makes records go to a file of their own. */
  constructor(identity: string) {
    this.hash = createHash('sha256').update(identity).digest('hex').slice(0, 8);
  }

  /** See {@link RowLayout.fitsStart}. */
  fitsStart(): boolean {
    return true;
  }

  /** See {@link RowLayout.toRecord}. */
  abstract toRecord(): { readonly [field: string]: JsonValue };

  /** See {@link RowLayout.encode}. */
  encode(calls: readonly LayoutCall[]): EncodedLines {
    return this.write(RecordCall.recordsOf(calls));
  }

  /** What of a context does not fit into a record. */
  abstract unfit(context: ReadContext): Unfit;

  /** The bytes of records, in order. */
  protected abstract write(records: readonly CollectedRecord[]): EncodedLines;
}

/** For records that are sent or printed, and never in a file. */
export function noFiles(name: string, contentType: string): FileLayout {
  return {
    name,
    root: '',
    contentType,
    firstName: () => ({}),
    checkStream: () => undefined,
    folder: () => `${name}/`,
    path: () => `${name}/records`,
    ledgerPath: () => undefined,
  };
}
