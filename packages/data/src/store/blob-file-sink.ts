import { createHash, randomBytes } from 'node:crypto';
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import { statusOf } from '@azureml-ts/common';
import type { FileSink, WriteOptions, WrittenFile } from './file-sink.ts';
import { checkSinkPath } from './sink-path.ts';
import { asBlocks, fileExists } from './sink-pieces.ts';
import { storageFailure } from './storage-failure.ts';

/** Bytes of a block. A blob has at most 50,000, so 195 GiB. */
const BLOCK_BYTES = 4 * 1_048_576;

/** Files as block blobs: their blocks are staged, and become the blob all at once. */
export class BlobFileSink implements FileSink {
  readonly place: string;
  readonly #container: ContainerClient;
  readonly #prefix: string;

  /**
   * @param container The container; made by the first write when it is not there.
   * @param prefix Folder in it, empty or with a slash at the end.
   * @param place Where it is, without secrets.
   */
  constructor(container: ContainerClient, prefix: string, place: string) {
    this.#container = container;
    this.#prefix = prefix;
    this.place = prefix === '' ? place : `${place}, folder ${prefix}`;
  }

  /** See {@link FileSink.write}. */
  async write(
    path: string,
    pieces: AsyncIterable<Uint8Array> | Uint8Array,
    options: WriteOptions = {},
  ): Promise<WrittenFile> {
    const { abortSignal } = options;
    const client = this.#clientOf(path);
    abortSignal?.throwIfAborted();
    const upload = new BlockUpload(client, this.#container, options, (error) =>
      options.ifNotExists && (error as { code?: unknown }).code === 'InvalidBlobType'
        ? fileExists(path, this.place)
        : storageFailure(error, {
            what: `The file ${path} could not be written`,
            place: this.place,
            abortSignal,
            isWrite: true,
          }),
    );
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      for await (const block of asBlocks(pieces, BLOCK_BYTES)) {
        abortSignal?.throwIfAborted();
        hash.update(block);
        bytes += block.length;
        await upload.add(block);
      }
    } finally {
      await upload.settle();
    }
    abortSignal?.throwIfAborted();
    if (!(await upload.commit())) {
      throw fileExists(path, this.place);
    }
    return { path, url: client.url.split('?')[0] ?? '', bytes, sha256: hash.digest('hex') };
  }

  /** See {@link FileSink.remove}. */
  async remove(path: string, abortSignal?: AbortSignal): Promise<boolean> {
    const client = this.#clientOf(path);
    try {
      const answer = await client.deleteIfExists({ deleteSnapshots: 'include', ...withSignal(abortSignal) });
      return answer.succeeded;
    } catch (error) {
      if (statusOf(error) === 404) {
        return false;
      }
      const what = `The file ${path} could not be removed`;
      throw storageFailure(error, { what, place: this.place, abortSignal, isWrite: true });
    }
  }

  #clientOf(path: string): BlockBlobClient {
    return this.#container.getBlockBlobClient(`${this.#prefix}${checkSinkPath(path)}`);
  }
}

/** The blocks of one blob on their way. One is sent while the next is filled. */
class BlockUpload {
  readonly #client: BlockBlobClient;
  readonly #container: ContainerClient;
  readonly #options: WriteOptions;
  readonly #failure: (error: unknown) => unknown;
  /** Two uploads to one path must not mix their blocks. */
  readonly #id = randomBytes(12).toString('hex');
  readonly #blocks: string[] = [];
  #sending: Promise<unknown> = Promise.resolve();

  constructor(
    client: BlockBlobClient,
    container: ContainerClient,
    options: WriteOptions,
    failure: (error: unknown) => unknown,
  ) {
    this.#client = client;
    this.#container = container;
    this.#options = options;
    this.#failure = failure;
  }

  /** Sends a block, after the one before it. */
  async add(block: Uint8Array): Promise<void> {
    await this.#sent();
    const id = Buffer.from(`${this.#id}-${String(this.#blocks.length).padStart(6, '0')}`).toString('base64');
    this.#blocks.push(id);
    this.#sending = this.#stage(id, block);
    // Who waits for it hears of a failure.
    this.#sending.catch(() => undefined);
  }

  /** Waits for what is on its way, whatever becomes of it. */
  async settle(): Promise<void> {
    await this.#sending.catch(() => undefined);
  }

  /**
   * Makes the blob of its blocks.
   *
   * @returns Whether it is there now; `false` when it must not be replaced and another one is there.
   */
  async commit(): Promise<boolean> {
    await this.#sent();
    const { contentType = 'application/octet-stream', ifNotExists = false, abortSignal } = this.#options;
    const commit = () =>
      this.#client.commitBlockList(this.#blocks, {
        blobHTTPHeaders: { blobContentType: contentType },
        ...(ifNotExists ? { conditions: { ifNoneMatch: '*' } } : {}),
        ...withSignal(abortSignal),
      });
    try {
      await this.#inContainer(commit);
      return true;
    } catch (error) {
      // The answer to the first try may have been lost: then the blob that is there is ours.
      if (ifNotExists && (statusOf(error) === 409 || statusOf(error) === 412)) {
        return await this.#isThere();
      }
      throw this.#failure(error);
    }
  }

  async #sent(): Promise<void> {
    try {
      await this.#sending;
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #stage(id: string, block: Uint8Array): Promise<unknown> {
    return this.#inContainer(() =>
      this.#client.stageBlock(id, Buffer.from(block.buffer, block.byteOffset, block.length), block.length, {
        ...withSignal(this.#options.abortSignal),
      }),
    );
  }

  /** Makes the container when it turns out not to be there. */
  async #inContainer<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ContainerNotFound') {
        throw error;
      }
      await this.#container.createIfNotExists({ ...withSignal(this.#options.abortSignal) });
      return work();
    }
  }

  async #isThere(): Promise<boolean> {
    try {
      const list = await this.#client.getBlockList('committed', { ...withSignal(this.#options.abortSignal) });
      const names = list.committedBlocks?.map(({ name }) => name) ?? [];
      return this.#blocks.length > 0 && names.join() === this.#blocks.join();
    } catch (error) {
      // A blob of another kind has no blocks.
      if (statusOf(error) === 409) {
        return false;
      }
      throw this.#failure(error);
    }
  }
}

function withSignal(abortSignal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return abortSignal === undefined ? {} : { abortSignal };
}
