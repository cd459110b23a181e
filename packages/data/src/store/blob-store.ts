import type { BlobDownloadResponseParsed, ContainerClient } from '@azure/storage-blob';
import { AzuremlError, backoffDelayMs, sleep, statusOf } from '@azureml-ts/common';
import type { FileStore, StoredFile } from './file-store.ts';
import { type StorageAttempt, storageFailure } from './storage-failure.ts';

/** How often in a row a broken download is taken up again without a single new byte. */
const MAX_RESUMES = 5;

/** Collected rows in a blob container. */
export class BlobStore implements FileStore {
  readonly place: string;
  readonly name: string;
  readonly #container: ContainerClient;

  /**
   * @param container The container.
   * @param place Where it is, without secrets.
   */
  constructor(container: ContainerClient, place: string) {
    this.#container = container;
    this.place = place;
    this.name = `The container ${container.containerName}`;
  }

  /** See {@link FileStore.list}. */
  async *list(
    prefix: string,
    abortSignal: AbortSignal | undefined,
    options: { readonly pageSize?: number } = {},
  ): AsyncGenerator<StoredFile, void, undefined> {
    try {
      const pages = this.#container
        .listBlobsFlat({ prefix, ...withSignal(abortSignal) })
        .byPage(options.pageSize === undefined ? {} : { maxPageSize: options.pageSize });
      for await (const page of pages) {
        for (const blob of page.segment.blobItems) {
          yield { path: blob.name, size: blob.properties.contentLength ?? 0 };
        }
      }
    } catch (error) {
      if (statusOf(error) !== 404) {
        throw storageFailure(error, this.#attempt(`"${prefix}" could not be listed`, abortSignal));
      }
    }
  }

  /** See {@link FileStore.folders}. */
  async folders(prefix: string, abortSignal: AbortSignal | undefined): Promise<string[] | undefined> {
    const names: string[] = [];
    try {
      const items = this.#container.listBlobsByHierarchy('/', { prefix, ...withSignal(abortSignal) });
      for await (const item of items) {
        if (item.kind === 'prefix') {
          names.push(item.name.slice(prefix.length, -1));
        }
      }
    } catch (error) {
      if (statusOf(error) === 404) {
        return undefined;
      }
      throw storageFailure(error, this.#attempt(`"${prefix}" could not be listed`, abortSignal));
    }
    return names;
  }

  /**
   * See {@link FileStore.read}. A download that breaks is taken up where it broke.
   *
   * The client could do that itself, but binds it to the blob's tag, which changes with every append: reading the file of
   * a running service would fail. What stands in an append blob never changes, so being the same blob is enough there.
   */
  async *read(path: string, abortSignal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, undefined> {
    const client = this.#container.getBlobClient(path);
    const attempt = this.#attempt(`The file ${path} could not be read`, abortSignal);
    let first: BlobDownloadResponseParsed | undefined;
    let offset = 0;
    let resumes = 0;
    for (;;) {
      try {
        const end: number | undefined = first?.contentLength;
        const response: BlobDownloadResponseParsed = await client.download(
          offset,
          end === undefined ? undefined : end - offset,
          {
            maxRetryRequests: 0,
            ...(first?.etag === undefined || isSameAppendBlob(first, first)
              ? {}
              : { conditions: { ifMatch: first.etag } }),
            ...withSignal(abortSignal),
          },
        );
        if (first !== undefined && isSameAppendBlob(first, first) && !isSameAppendBlob(first, response)) {
          (response.readableStreamBody as { destroy?(): void } | undefined)?.destroy?.();
          throw replaced(path);
        }
        first ??= response;
        for await (const piece of response.readableStreamBody ?? []) {
          offset += piece.length;
          resumes = 0;
          yield piece as Buffer;
        }
        if (offset >= (first.contentLength ?? 0)) {
          return;
        }
        throw new Error('the connection ended early');
      } catch (error) {
        const canResume = first !== undefined && statusOf(error) === undefined && !(error instanceof AzuremlError);
        if (!canResume || abortSignal?.aborted || resumes >= MAX_RESUMES) {
          throw storageFailure(error, attempt);
        }
        if (offset >= (first?.contentLength ?? 0)) {
          return;
        }
        resumes += 1;
        await sleep(backoffDelayMs(resumes), { abortSignal, keepAlive: true });
      }
    }
  }

  /** See {@link FileStore.urlOf}. */
  urlOf(path: string): string {
    return this.#container.getBlobClient(path).url.split('?')[0] ?? '';
  }

  #attempt(what: string, abortSignal: AbortSignal | undefined): StorageAttempt {
    return { what, place: this.place, abortSignal };
  }
}

function isSameAppendBlob(first: BlobDownloadResponseParsed, now: BlobDownloadResponseParsed): boolean {
  return (
    first.blobType === 'AppendBlob' &&
    now.blobType === 'AppendBlob' &&
    first.createdOn !== undefined &&
    first.createdOn.getTime() === now.createdOn?.getTime()
  );
}

function replaced(path: string): AzuremlError {
  return new AzuremlError(
    'STORAGE_READ_FAILED',
    `The file ${path} was replaced by another while it was being read: read again.`,
    { retryable: true },
  );
}

function withSignal(abortSignal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return abortSignal === undefined ? {} : { abortSignal };
}
