import { createHash } from 'node:crypto';
import type { JsonValue } from '@azureml-ts/common';
import type { LayoutCall, RowLayout } from '../../engine/row-layout.ts';
import type { EncodedLines } from '../../format/encode-rows.ts';
import type { FileLayout } from '../../format/file-layout.ts';
import { asciiLines } from '../ascii-lines.ts';
import { plainText } from '../frame/json-text.ts';
import { type CollectedRecord, RecordCall } from '../record.ts';

/** There are no files: records go over HTTP. */
const NO_FILES: FileLayout = {
  name: 'sidecar',
  root: '',
  contentType: 'application/json',
  firstName: () => ({}),
  checkStream: () => undefined,
  folder: () => 'sidecar/',
  path: () => 'sidecar/records',
  ledgerPath: () => undefined,
};

/** Records for the collection sidecar of a deployment: each as a line that says what it is, and its body. */
export class SidecarLayout implements RowLayout {
  readonly files = NO_FILES;
  readonly names = undefined;
  readonly width = 0;
  readonly header = Buffer.alloc(0);
  readonly probeBytes = 0;
  readonly hash: string;
  /** Name of the collection. */
  readonly collection: string;
  /** Version of the model that the records name. */
  readonly modelVersion: string;

  /**
   * @param collection Name of the collection.
   * @param modelVersion Version of the model that the records name.
   */
  constructor(collection: string, modelVersion: string) {
    this.collection = collection;
    this.modelVersion = modelVersion;
    const identity = JSON.stringify([collection, modelVersion]);
    this.hash = createHash('sha256').update(identity).digest('hex').slice(0, 8);
  }

  /** Makes one from what a journal kept; `undefined` when it holds something else. */
  static read({ collection, modelVersion }: Readonly<Record<string, unknown>>): SidecarLayout | undefined {
    return typeof collection === 'string' && typeof modelVersion === 'string'
      ? new SidecarLayout(collection, modelVersion)
      : undefined;
  }

  /** See {@link RowLayout.fitsStart}. */
  fitsStart(): boolean {
    return true;
  }

  /** See {@link RowLayout.toRecord}. */
  toRecord(): { readonly [field: string]: JsonValue } {
    return { layout: NO_FILES.name, collection: this.collection, modelVersion: this.modelVersion };
  }

  /** See {@link RowLayout.encode}. */
  encode(calls: readonly LayoutCall[]): EncodedLines {
    const records = RecordCall.recordsOf(calls);
    return asciiLines(records.map(frameOf).join(''), records.length);
  }
}

function frameOf({ id, context, body }: CollectedRecord): string {
  const headers = context.headers.map(([name, value]) => `[${plainText(name)},${plainText(value)}]`).join();
  const time = String(Math.trunc(context.timestamp));
  return `["${id}","${time}",${plainText(context.id)},${body.length},[${headers}]]\n${body}\n`;
}

/** A record as the sidecar gets it. */
export interface SidecarRecord {
  /** Its own id. */
  readonly id: string;
  /** Time of its context, in seconds since 1970. */
  readonly time: string;
  /** The correlation id. */
  readonly correlationId: string;
  /** Headers of its context. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Its rows as a JSON array. */
  readonly body: Buffer;
}

const LINE_END = 0x0a;

/** Reads the records of a batch, one after the other. */
export function* readSidecarRecords(bytes: Buffer): Generator<SidecarRecord> {
  for (let offset = 0; offset < bytes.length; ) {
    const end = bytes.indexOf(LINE_END, offset);
    const [id, time, correlationId, length, headers] = JSON.parse(bytes.toString('latin1', offset, end)) as [
      string,
      string,
      string,
      number,
      [string, string][],
    ];
    const start = end + 1;
    yield { id, time, correlationId, headers, body: bytes.subarray(start, start + length) };
    offset = start + length + 1;
  }
}
