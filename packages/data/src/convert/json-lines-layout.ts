import { createHash } from 'node:crypto';
import {
  deploymentSource,
  RecordLines,
  recordDataPath,
  recordFilePath,
  type StreamIdentity,
  withoutLargeData,
} from '@azureml-ts/monitoring/format';
import { UNNAMED_VERSION } from '../files/collected-file.ts';
import { collectionFolder } from '../files/stream-selection.ts';
import { type CallRecord, callRecords } from './call-records.ts';
import { jsonText, storedJsonText } from './cell-text.ts';
import type { ConvertLayout, ConvertWriting } from './convert-layout.ts';
import type { ConversionFile } from './convert-options.ts';
import { ItemCursor } from './item-cursor.ts';

/**
 * Records as lines of JSON. Every file that is read has a number within its day, and a file for each hour of its rows:
 * files of one hour are read in the order of these numbers.
 */
export const JSON_LINES: ConvertLayout = {
  folder: collectionFolder,
  selection: (stream) => ({
    ...stream,
    modelVersion: UNNAMED_VERSION,
    layout: 'json-lines',
    folder: collectionFolder(stream),
  }),
  text: jsonText,
  loss: (value, text) =>
    text === 'null' || value instanceof Date || typeof value === 'bigint' ? 'otherValues' : undefined,
  stored: { types: 'strings', cellText: () => storedJsonText },
  async *write(rows, writing) {
    const { target, stream, abortSignal } = writing;
    const instance = createHash('sha256').update(JSON.stringify(stream)).digest('hex').slice(0, 32);
    const records = new ItemCursor(callRecords(rows.rest()));
    let before: CallRecord | undefined;
    let part = 0;
    for (let first = await records.peek(); first !== undefined; first = await records.peek()) {
      if (before?.file !== first.file) {
        part = before?.file.day === first.file.day ? part + 1 : 1;
      }
      before = first;
      const hour = { day: first.file.day, hour: first.hour };
      const written = new RecordFile(records, first, writing, (id) => recordDataPath(stream, hour, id));
      const path = recordFilePath(stream, hour, instance, part);
      const options = { contentType: 'application/x-ndjson', ifNotExists: true, abortSignal };
      const { bytes, sha256 } = await target.files.sink.write(path, written.bytes(), options);
      yield* written.large;
      yield { path, bytes, sha256, rows: written.rows, sources: [first.file.path] };
    }
  },
};

/** One file while it is written. */
class RecordFile {
  /** Rows in its lines so far. */
  rows = 0;
  /** Files with the rows of records that are too large for a line. */
  readonly large: ConversionFile[] = [];
  readonly #records: ItemCursor<CallRecord>;
  readonly #first: CallRecord;
  readonly #writing: ConvertWriting;
  readonly #dataPath: (id: string) => string;

  constructor(
    records: ItemCursor<CallRecord>,
    first: CallRecord,
    writing: ConvertWriting,
    dataPath: (id: string) => string,
  ) {
    this.#records = records;
    this.#first = first;
    this.#writing = writing;
    this.#dataPath = dataPath;
  }

  async *bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    const { stream, target, modelVersion } = this.#writing;
    const { file, hour } = this.#first;
    const lines = linesOf({ ...stream, modelVersion: modelVersion ?? file.modelVersion });
    while ((await this.#records.peek()) !== undefined) {
      const records = this.#records.take((record) => record.file === file && record.hour === hour);
      if (records.length === 0) {
        return;
      }
      const text = records.map(({ parts }) => lines.line(parts)).join('');
      const { bytes, large } = withoutLargeData(Buffer.from(text, 'latin1'), (id) =>
        target.store.urlOf(this.#dataPath(id)),
      );
      const sizes = new Map(records.map(({ parts, rows }) => [parts.id, rows]));
      for (const { id, data } of large) {
        const rows = sizes.get(id) ?? 0;
        sizes.delete(id);
        await this.#writeLarge(this.#dataPath(id), data, rows);
      }
      for (const rows of sizes.values()) {
        this.rows += rows;
      }
      yield bytes;
    }
  }

  async #writeLarge(path: string, data: Buffer, rows: number): Promise<void> {
    const { target, abortSignal } = this.#writing;
    const options = { contentType: 'application/json', ifNotExists: true, abortSignal };
    const { bytes, sha256 } = await target.files.sink.write(path, data, options);
    this.large.push({ path, bytes, sha256, rows, sources: [this.#first.file.path] });
  }
}

function linesOf({ workspace, webserviceName, modelName, modelVersion, designation }: StreamIdentity): RecordLines {
  const source = deploymentSource(workspace, webserviceName, modelName);
  return new RecordLines({ collection: designation, modelVersion, source });
}
