import type { JsonValue } from '@azureml-ts/common';
import type { EncodedLines } from '../../format/encode-rows.ts';
import { asciiLines } from '../ascii-lines.ts';
import { plainText } from '../frame/json-text.ts';
import type { CollectedRecord } from '../record.ts';
import { noFiles, RecordLayout, type Unfit } from '../record-layout.ts';
import { contextHeaders } from './sidecar-request.ts';

/** There are no files: records go over HTTP. */
const NO_FILES = noFiles('sidecar', 'application/json');

/** Records for the collection sidecar of a deployment: each as a line that says what it is, and its body. */
export class SidecarLayout extends RecordLayout {
  readonly files = NO_FILES;
  /** Name of the collection. */
  readonly collection: string;
  /** Version of the model that the records name. */
  readonly modelVersion: string;

  /**
   * @param collection Name of the collection.
   * @param modelVersion Version of the model that the records name.
   */
  constructor(collection: string, modelVersion: string) {
    super(JSON.stringify([collection, modelVersion]));
    this.collection = collection;
    this.modelVersion = modelVersion;
  }

  /** Makes one from what a journal kept; `undefined` when it holds something else. */
  static read({ collection, modelVersion }: Readonly<Record<string, unknown>>): SidecarLayout | undefined {
    return typeof collection === 'string' && typeof modelVersion === 'string'
      ? new SidecarLayout(collection, modelVersion)
      : undefined;
  }

  /** See {@link RecordLayout.toRecord}. */
  toRecord(): { readonly [field: string]: JsonValue } {
    return { layout: NO_FILES.name, collection: this.collection, modelVersion: this.modelVersion };
  }

  /** See {@link RecordLayout.unfit}. */
  unfit({ id, headers }: CollectedRecord['context']): Unfit {
    const { leftOut, isTooLong } = contextHeaders({ correlationId: id, headers }, this);
    return { headers: leftOut, isTooLong };
  }

  protected write(records: readonly CollectedRecord[]): EncodedLines {
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
