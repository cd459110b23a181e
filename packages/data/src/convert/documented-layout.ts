import {
  CORRELATION_COLUMNS,
  type DataFileName,
  dataFilePath,
  encodeRows,
  streamPrefix,
} from '@azureml-ts/monitoring/format';
import { inferCell } from '../rows/cell-types.ts';
import { documentedText } from './cell-text.ts';
import type { ConvertLayout } from './convert-layout.ts';
import type { ConvertRow } from './convert-rows.ts';
import type { ItemCursor } from './item-cursor.ts';
import { rowTexts } from './row-account.ts';

/**
 * CSV with a header. A file goes on as long as the rows are of its day and have its columns; the next one has a number, so
 * that rows stay in the order in which they were stored.
 */
export const DOCUMENTED: ConvertLayout = {
  folder: streamPrefix,
  selection: (stream) => ({ ...stream, versions: [stream.modelVersion], layout: 'documented' }),
  text: documentedText,
  loss: (value, text) => {
    if (value === '') {
      return 'emptyTexts';
    }
    return Object.is(inferCell(text), typeof value === 'string' ? text : value) ? undefined : 'otherValues';
  },
  stored: { types: 'strings', cellText: () => (block, cell) => block.text(cell) },
  async *write(rows, { target, stream, abortSignal }) {
    const parts = new Map<string, number>();
    for (let first = await rows.peek(); first !== undefined; first = await rows.peek()) {
      const { day } = first.file;
      const part = (parts.get(day) ?? 0) + 1;
      parts.set(day, part);
      const name: DataFileName = part === 1 ? {} : { part };
      const written = new DocumentedFile(rows, first);
      const options = { contentType: 'text/csv', ifNotExists: true, abortSignal };
      const path = target.root + dataFilePath(stream, day, name);
      const { bytes, sha256 } = await target.files.sink.write(path, written.bytes(), options);
      yield { path, bytes, sha256, rows: written.rows, sources: [...written.sources] };
    }
  },
};

/** One file while it is written. */
class DocumentedFile {
  /** Rows so far. */
  rows = 0;
  /** Where they came from. */
  readonly sources = new Set<string>();
  readonly #cursor: ItemCursor<ConvertRow>;
  readonly #first: ConvertRow;

  constructor(cursor: ItemCursor<ConvertRow>, first: ConvertRow) {
    this.#cursor = cursor;
    this.#first = first;
  }

  async *bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    const { names, file } = this.#first;
    yield encodeRows([[...names, ...CORRELATION_COLUMNS]]);
    while ((await this.#cursor.peek()) !== undefined) {
      const rows = this.#cursor.take((row) => row.names === names && row.file.day === file.day);
      if (rows.length === 0) {
        return;
      }
      this.rows += rows.length;
      for (const { path } of new Set(rows.map((row) => row.file))) {
        this.sources.add(path);
      }
      yield encodeRows(rows.map((row) => rowTexts(row).texts));
    }
  }
}
