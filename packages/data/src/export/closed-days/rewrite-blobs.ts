import { createHash } from 'node:crypto';
import type { ContainerClient } from '@azure/storage-blob';
import { AzuremlError, isAzuremlError, statusOf } from '@azureml-ts/common';
import { dataFileName, parseDataFilePath } from '@azureml-ts/monitoring/format';
import type { FileSink } from '../../store/file-sink.ts';
import type { FileStore } from '../../store/file-store.ts';
import { storageFailure } from '../../store/storage-failure.ts';
import { folderOf } from './day-files.ts';

const CSV = 'text/csv; charset=utf-8';
/** More files of one day and header than these are not looked for. */
const MAX_PARTS = 100_000;

/** The steps of an exchange, each of which may be done again after a crash. */
export class RewriteBlobs {
  readonly #container: ContainerClient;
  readonly #store: FileStore;
  readonly #sink: FileSink;
  readonly #abortSignal: AbortSignal | undefined;

  /**
   * @param container The container.
   * @param store The same, for reading.
   * @param sink The same, for writing.
   * @param abortSignal Ends the work.
   */
  constructor(container: ContainerClient, store: FileStore, sink: FileSink, abortSignal: AbortSignal | undefined) {
    this.#container = container;
    this.#store = store;
    this.#sink = sink;
    this.#abortSignal = abortSignal;
  }

  /** What a blob is; `undefined` when it is not there. */
  async look(path: string): Promise<{ readonly etag: string; readonly isAppend: boolean } | undefined> {
    const properties = await this.#try(`The file ${path} could not be read`, () =>
      this.#container.getBlobClient(path).getProperties(this.#signal()),
    );
    // A listing shows the tag without its quotes.
    const etag = properties?.etag?.replace(/^"(.*)"$/, '$1') ?? '';
    return properties && { etag, isAppend: properties.blobType === 'AppendBlob' };
  }

  /** Keeps everybody else from writing to a blob, until it is removed or released. `false` when it is not there. */
  async lease(path: string, leaseId: string): Promise<boolean> {
    const answer = await this.#try(`The file ${path} could not be leased`, () =>
      this.#container.getBlobClient(path).getBlobLeaseClient(leaseId).acquireLease(-1, this.#signal()),
    );
    return answer !== undefined;
  }

  /** Lets others write to a blob again; nothing happens when it is not held by this lease. */
  async release(path: string, leaseId: string): Promise<void> {
    await this.#container
      .getBlobClient(path)
      .getBlobLeaseClient(leaseId)
      .releaseLease()
      .catch((error: unknown) => {
        const status = statusOf(error);
        if (status !== 404 && status !== 409 && status !== 412) {
          throw this.#failure(`The lease of the file ${path} could not be given back`, error);
        }
      });
  }

  /** Removes a leased blob, when it is still as it was. */
  async removeSource(path: string, etag: string, leaseId: string): Promise<void> {
    const now = await this.look(path);
    if (now?.etag !== etag) {
      // It was removed before the crash; what is there now, if anything, is of a writer that came later.
      return;
    }
    await this.#try(`The file ${path} could not be removed`, () =>
      this.#container.getBlobClient(path).delete({
        deleteSnapshots: 'include',
        conditions: { leaseId, ifMatch: `"${etag}"` },
        ...this.#signal(),
      }),
    );
  }

  /**
   * Puts a copy in its place, unless it stands there already.
   *
   * @returns Where it is: at its path, or at the next free one, because a writer was faster.
   */
  async place(copy: string, path: string, sha256: string): Promise<string> {
    for (let name = path, tries = 0; tries < MAX_PARTS; name = nextPart(name), tries += 1) {
      try {
        const pieces = this.#store.read(copy, this.#abortSignal);
        await this.#sink.write(name, pieces, { contentType: CSV, ifNotExists: true, abortSignal: this.#abortSignal });
      } catch (error) {
        if (!isAzuremlError(error) || error.code !== 'FILE_EXISTS') {
          throw error;
        }
        if ((await this.look(name))?.isAppend === true || (await this.hash(name)) !== sha256) {
          continue;
        }
      }
      await this.compare(name, sha256);
      return name;
    }
    throw new AzuremlError('FILE_EXISTS', `All names of files beside ${path} are taken. Its rows are in ${copy}.`);
  }

  /** Reads a blob back. */
  async compare(path: string, sha256: string): Promise<void> {
    if ((await this.hash(path)) !== sha256) {
      throw new AzuremlError(
        'REWRITE_DIFFERS',
        `What was read back of ${path} in ${this.#sink.place} is not what was written. Nothing that it was made of has been lost: run this again.`,
        { retryable: true, details: { path } },
      );
    }
  }

  /** SHA-256 of a blob. */
  async hash(path: string): Promise<string> {
    const hash = createHash('sha256');
    for await (const piece of this.#store.read(path, this.#abortSignal)) {
      hash.update(piece);
    }
    return hash.digest('hex');
  }

  /** Writes something beside. */
  write(path: string, pieces: AsyncIterable<Uint8Array> | Uint8Array) {
    return this.#sink.write(path, pieces, { contentType: CSV, abortSignal: this.#abortSignal });
  }

  /** Removes something that was written beside. */
  remove(path: string): Promise<boolean> {
    return this.#sink.remove(path, this.#abortSignal);
  }

  /** Does a request; `undefined` when the blob is not there. */
  async #try<T>(what: string, request: () => Promise<T>): Promise<T | undefined> {
    try {
      return await request();
    } catch (error) {
      if (statusOf(error) === 404) {
        return undefined;
      }
      throw this.#failure(what, error);
    }
  }

  #failure(what: string, error: unknown): unknown {
    return storageFailure(error, { what, place: this.#sink.place, abortSignal: this.#abortSignal, isWrite: true });
  }

  #signal(): { abortSignal?: AbortSignal } {
    return this.#abortSignal === undefined ? {} : { abortSignal: this.#abortSignal };
  }
}

/** The name that a full file is followed by. */
function nextPart(path: string): string {
  const name = parseDataFilePath(path);
  const { instance, schema, part = 1 } = name ?? {};
  return folderOf(path) + dataFileName({ instance, schema, part: part + 1 });
}
