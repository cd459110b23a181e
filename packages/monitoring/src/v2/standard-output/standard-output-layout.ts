import type { JsonValue } from '@azureml-ts/common';
import type { EncodedLines } from '../../format/encode-rows.ts';
import type { CollectedRecord } from '../record.ts';
import { noFiles, RecordLayout, type Unfit } from '../record-layout.ts';
import { timeText } from '../time-text.ts';

const NO_FILES = noFiles('standard-output', 'text/plain');

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/**
 * Records as the Python collector prints them where there is no sidecar: `time | collection | correlation id | rows`, one
 * a line. The time is that of the context, UTC.
 */
export class StandardOutputLayout extends RecordLayout {
  readonly files = NO_FILES;
  readonly #collection: string;

  /** @param collection Name of the collection. */
  constructor(collection: string) {
    super(collection);
    this.#collection = collection;
  }

  /** See {@link RecordLayout.toRecord}: nothing that is printed is kept in a journal. */
  toRecord(): { readonly [field: string]: JsonValue } {
    return { layout: NO_FILES.name };
  }

  /** See {@link RecordLayout.unfit}: headers are never printed, as the Python collector prints none. */
  unfit(): Unfit {
    return { headers: [], isTooLong: false };
  }

  protected write(records: readonly CollectedRecord[]): EncodedLines {
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
