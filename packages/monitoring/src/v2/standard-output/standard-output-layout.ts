import { createHash } from 'node:crypto';
import type { JsonValue } from '@azureml-ts/common';
import type { LayoutCall, RowLayout } from '../../engine/row-layout.ts';
import type { EncodedLines } from '../../format/encode-rows.ts';
import type { FileLayout } from '../../format/file-layout.ts';
import { RecordCall } from '../record.ts';

const NO_FILES: FileLayout = {
  name: 'standard-output',
  root: '',
  contentType: 'text/plain',
  firstName: () => ({}),
  checkStream: () => undefined,
  folder: () => 'standard-output/',
  path: () => 'standard-output/records',
  ledgerPath: () => undefined,
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/**
 * Records as the Python collector prints them where there is no sidecar: `time | collection | correlation id | rows`, one
 * a line. The time is that of the context, UTC.
 */
export class StandardOutputLayout implements RowLayout {
  readonly files = NO_FILES;
  readonly names = undefined;
  readonly width = 0;
  readonly header = Buffer.alloc(0);
  readonly probeBytes = 0;
  readonly hash: string;
  readonly #collection: string;

  /** @param collection Name of the collection. */
  constructor(collection: string) {
    this.#collection = collection;
    this.hash = createHash('sha256').update(collection).digest('hex').slice(0, 8);
  }

  /** See {@link RowLayout.fitsStart}. */
  fitsStart(): boolean {
    return true;
  }

  /** See {@link RowLayout.toRecord}: nothing that is printed is kept in a journal. */
  toRecord(): { readonly [field: string]: JsonValue } {
    return { layout: NO_FILES.name };
  }

  /** See {@link RowLayout.encode}. */
  encode(calls: readonly LayoutCall[]): EncodedLines {
    const records = RecordCall.recordsOf(calls);
    const lines = records.map(({ context, body }) => {
      const time = timeText(context.timestamp).slice(0, 19).replace('T', ' ');
      return `${time} | ${inOneLine(this.#collection)} | ${inOneLine(context.id)} | ${body}\n`;
    });
    const bytes = Buffer.from(lines.join(''));
    return { pieces: [bytes], byteLength: bytes.length, rowCount: records.length };
  }
}

function inOneLine(text: string): string {
  return text.replaceAll(CONTROL, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A time as ISO 8601, UTC; now for one that no calendar has. */
export function timeText(seconds: number): string {
  const time = new Date(Math.trunc(seconds) * 1_000);
  return (Number.isNaN(time.getTime()) ? new Date() : time).toISOString();
}
