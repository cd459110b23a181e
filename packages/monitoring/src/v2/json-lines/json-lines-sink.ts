import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { BlobSink } from '../../sinks/blob-sink.ts';
import { DirectorySink } from '../../sinks/directory-sink.ts';
import type { AppendContext, AppendOutcome, RowBatch, RowSink } from '../../sinks/row-sink.ts';
import { type StorageTarget, storageAddress } from '../../storage/storage-target.ts';
import { newInstance } from './json-lines-files.ts';
import { JsonLinesLayout } from './json-lines-layout.ts';
import { withoutLargeData } from './large-records.ts';
import { writeDataFile } from './write-data-file.ts';

/** Stores what is apart from its record. */
interface DataStore {
  /** Address of a file. */
  urlOf(path: string): string;
  /** Stores a file; once it is there it is not written again. */
  write(path: string, data: Buffer, abortSignal: AbortSignal): Promise<void>;
}

/**
 * Stores records as lines of JSON in the layout of the platform, each exactly once; rows of more than 4 MiB as files of
 * their own, before the records that point to them.
 */
export class JsonLinesSink implements RowSink {
  /** See {@link RowSink.name}. Journals of records are apart from those of rows in the same place. */
  readonly name: string;
  readonly #sink: BlobSink | DirectorySink;
  readonly #data: DataStore;

  /**
   * @param target The account, container or folder. Nothing is opened before the first batch.
   * @param containerName Name of the container, where the target names none.
   */
  constructor(target: StorageTarget, containerName: string | undefined) {
    const instance = newInstance();
    const address = storageAddress(target, containerName);
    this.name = `${address} (JSON Lines)`;
    if ('directory' in target) {
      this.#sink = new DirectorySink(target.directory, { instance });
      this.#data = {
        urlOf: (file) => pathToFileURL(path.join(address, file)).href,
        write: (file, data) => writeDataFile(path.join(address, file), data),
      };
    } else {
      const sink = new BlobSink(target, { instance, containerName });
      this.#sink = sink;
      this.#data = {
        urlOf: (file) => `${address}/${file.split('/').map(encodeURIComponent).join('/')}`,
        write: (file, data, abortSignal) => sink.writeFile(file, data, 'application/json', abortSignal),
      };
    }
  }

  /** See {@link RowSink.append}. */
  async append(batch: RowBatch, context: AppendContext): Promise<AppendOutcome | undefined> {
    const { schema } = batch;
    if (!(schema instanceof JsonLinesLayout)) {
      return this.#sink.append(batch, context);
    }
    const placeOf = (id: string) => schema.files.dataPath(batch, id);
    const { bytes, large } = withoutLargeData(batch.bytes, (id) => this.#data.urlOf(placeOf(id)));
    for (const { id, data } of large) {
      await this.#data.write(placeOf(id), data, context.abortSignal);
    }
    return this.#sink.append({ ...batch, bytes }, context);
  }
}
