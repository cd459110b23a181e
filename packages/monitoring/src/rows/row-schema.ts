import { createHash } from 'node:crypto';
import type { JsonValue } from '@azureml-ts/common';
import type { RowLayout } from '../engine/row-layout.ts';
import { CORRELATION_COLUMNS } from '../format/columns.ts';
import { encodeRow } from '../format/csv-encode.ts';
import { CsvScanner } from '../format/csv-scanner.ts';
import { type CellEncoder, type EncodableCall, type EncodedLines, encodeCalls } from '../format/encode-rows.ts';
import { DOCUMENTED_FILES } from '../format/file-layout.ts';

/** A first line longer than this is taken for one that does not fit: the rows then go to a file of their own. */
const UNNAMED_PROBE_BYTES = 65_536;

/**
 * The feature columns of a collected row.
 *
 * Rows of a stream usually share one schema. A collector without feature names makes one for each set of keys, or for
 * each row length, that it meets.
 */
export class RowSchema implements RowLayout {
  /** See {@link RowLayout.files}. */
  readonly files = DOCUMENTED_FILES;
  /** Names of the features in column order; `undefined` when rows came as arrays and nobody named them. */
  readonly names: readonly string[] | undefined;
  /** Number of features. */
  readonly width: number;
  /** The file's first line as bytes; empty without names. */
  readonly header: Buffer;
  /** Eight hexadecimal digits that tell this header from others. */
  readonly hash: string;

  /** How cells of a declared type become text, by column; `undefined` when all are written as they are. */
  readonly encoders: readonly (CellEncoder | undefined)[] | undefined;

  /**
   * @param features The names, or only their number.
   * @param encoders How cells become text; they are no part of what tells schemas apart.
   */
  constructor(features: readonly string[] | number, encoders?: readonly (CellEncoder | undefined)[]) {
    this.encoders = encoders;
    this.names = typeof features === 'number' ? undefined : [...features];
    this.width = typeof features === 'number' ? features : features.length;
    this.header = Buffer.from(this.names === undefined ? '' : encodeRow([...this.names, ...CORRELATION_COLUMNS]));
    const identity = this.names === undefined ? `${this.width} unnamed features` : this.header;
    this.hash = createHash('sha256').update(identity).digest('hex').slice(0, 8);
  }

  /** See {@link RowLayout.encode}. */
  encode(calls: readonly EncodableCall[]): EncodedLines {
    return encodeCalls(calls, this.encoders);
  }

  /** See {@link RowLayout.toRecord}. */
  toRecord(): { readonly [field: string]: JsonValue } {
    return this.names === undefined ? { width: this.width } : { names: this.names };
  }

  /** How many bytes from the start of a file {@link fitsStart} needs at most. */
  get probeBytes(): number {
    return this.names === undefined ? UNNAMED_PROBE_BYTES : this.header.length;
  }

  /**
   * Tells whether rows of this schema may follow in a file that starts like this.
   *
   * @param start The first {@link probeBytes} of the file, or all of it when it is shorter.
   */
  fitsStart(start: Buffer): boolean {
    if (this.names !== undefined) {
      return start.equals(this.header);
    }
    const firstRecord = new CsvScanner().push(start)[0];
    return (
      firstRecord?.length === this.width + CORRELATION_COLUMNS.length && !firstRecord.includes(CORRELATION_COLUMNS[0])
    );
  }
}
