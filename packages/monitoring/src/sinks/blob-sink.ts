import type { ContainerClient } from '@azure/storage-blob';
import { type Batch, keyText } from '../engine/batch.ts';
import { dayPrefix, type StreamIdentity } from '../format/blob-path.ts';
import { openContainer } from '../storage/open-container.ts';
import type { StorageTarget } from '../storage/storage-target.ts';
import { AppendBlobFile } from './append-blob-file.ts';
import type { AppendOptions, RowSink } from './row-sink.ts';
import { serialize } from './serialize.ts';

/** Stores batches in append blobs of a storage account. */
export class BlobSink implements RowSink {
  readonly #target: Exclude<StorageTarget, { directory: string }>;
  readonly #stream: StreamIdentity;
  readonly #files = new Map<string, AppendBlobFile>();
  #container: Promise<ContainerClient> | undefined;

  /**
   * @param target The account or container.
   * @param stream What the rows are called.
   */
  constructor(target: Exclude<StorageTarget, { directory: string }>, stream: StreamIdentity) {
    this.#target = target;
    this.#stream = stream;
  }

  /** See {@link RowSink.append}. */
  async append(batch: Batch, options: AppendOptions): Promise<void> {
    // One try a call: trying an append again without looking would store rows twice. The engine tries again.
    this.#container ??= openContainer(this.#target, { retryOptions: { maxTries: 1 } });
    const container = await this.#container.catch((error: unknown) => {
      this.#container = undefined;
      throw error;
    });
    const text = keyText(batch.key);
    let file = this.#files.get(text);
    if (file === undefined) {
      file = new AppendBlobFile({ container, stream: this.#stream, day: batch.key.day, schema: batch.key.schema });
      this.#forgetOtherDays(batch.key.day);
      this.#files.set(text, file);
    }
    const known = file;
    const folder = `${container.url}/${dayPrefix(this.#stream, batch.key.day)}`;
    await serialize(folder, options.abortSignal, () => known.append(batch, options.abortSignal));
  }

  #forgetOtherDays(day: string): void {
    // Late rows of yesterday may still come; older ones find their file again when they do.
    for (const [text, file] of this.#files) {
      // What became of a lost answer only this object knows.
      if (file.isSettled && Math.abs(Date.parse(text.slice(0, 10)) - Date.parse(day)) > 2 * 86_400_000) {
        this.#files.delete(text);
      }
    }
  }
}
