import type { BlobDownloadResponseParsed, ContainerClient } from '@azure/storage-blob';
import { AzuremlError, backoffDelayMs, sleep, statusOf } from '@azureml-ts/common';
import type { FileStore, ReadRange, StoredFile } from './file-store.ts';
import { type StorageAttempt, storageFailure } from './storage-failure.ts';

/** How often in a row a broken download is taken up again without a single new byte. */
const MAX_RESUMES = 5;
/** Bytes that one reader of a large blob takes. */
const RANGE_BYTES = 4 * 1_048_576;

/** Collected rows in a blob container. */
export class BlobStore implements FileStore {
  readonly place: string;
  readonly name: string;
  readonly rangeBytes = RANGE_BYTES;
  readonly #container: ContainerClient;
  readonly #url: string;

  /**
   * @param container The container.
   * @param place Where it is, without secrets.
   */
  constructor(container: ContainerClient, place: string) {
    this.#container = container;
    this.#url = (container.url.split('?')[0] ?? '').replace(/\/+$/, '');
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
          const { contentLength = 0, etag } = blob.properties;
          yield { path: blob.name, size: contentLength, etag };
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
  async *read(
    path: string,
    abortSignal: AbortSignal | undefined,
    range: ReadRange = {},
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const client = this.#container.getBlobClient(path);
    const attempt = this.#attempt(`The file ${path} could not be read`, abortSignal);
    const { from = 0, to, same = {} } = range;
    let offset = from;
    let end: number | undefined;
    let resumes = 0;
    for (;;) {
      try {
        const last = end ?? to;
        const seen = same.seen as SeenBlob | undefined;
        const response: BlobDownloadResponseParsed = await client.download(
          offset,
          last === undefined ? undefined : last - offset,
          {
            maxRetryRequests: 0,
            ...(seen?.etag === undefined || seen.appendedSince !== undefined
              ? {}
              : { conditions: { ifMatch: seen.etag } }),
            ...withSignal(abortSignal),
          },
        );
        const now = seenBlob(response);
        if (seen?.appendedSince !== undefined && now.appendedSince !== seen.appendedSince) {
          (response.readableStreamBody as { destroy?(): void } | undefined)?.destroy?.();
          throw replaced(path);
        }
        same.seen ??= now;
        end ??= offset + (response.contentLength ?? 0);
        for await (const piece of response.readableStreamBody ?? []) {
          offset += piece.length;
          resumes = 0;
          yield piece as Buffer;
        }
        if (offset >= end) {
          return;
        }
        throw new Error('the connection ended early');
      } catch (error) {
        if (statusOf(error) === 416 && end === undefined) {
          return;
        }
        const canResume = end !== undefined && statusOf(error) === undefined && !(error instanceof AzuremlError);
        if (!canResume || abortSignal?.aborted || resumes >= MAX_RESUMES) {
          throw storageFailure(error, attempt);
        }
        if (end !== undefined && offset >= end) {
          return;
        }
        resumes += 1;
        await sleep(backoffDelayMs(resumes), { abortSignal, keepAlive: true });
      }
    }
  }

  /** See {@link FileStore.remove}. */
  async remove(path: string, abortSignal: AbortSignal | undefined): Promise<boolean> {
    try {
      const client = this.#container.getBlobClient(path);
      return (await client.deleteIfExists({ deleteSnapshots: 'include', ...withSignal(abortSignal) })).succeeded;
    } catch (error) {
      if (statusOf(error) === 404) {
        return false;
      }
      const attempt = this.#attempt(`The file ${path} could not be removed`, abortSignal);
      throw storageFailure(error, { ...attempt, isWrite: true });
    }
  }

  /** See {@link FileStore.urlOf}. */
  urlOf(path: string): string {
    // As the client does it; a client for each of many thousand names takes longer than to list them.
    return `${this.#url}/${path.split('/').map(encodeURIComponent).join('/')}`;
  }

  #attempt(what: string, abortSignal: AbortSignal | undefined): StorageAttempt {
    return { what, place: this.place, abortSignal };
  }
}

/** What tells whether a blob is still the same. */
interface SeenBlob {
  readonly etag: string | undefined;
  /** When an append blob was made: as long as that stays, what stands in it stays. */
  readonly appendedSince: number | undefined;
}

function seenBlob({ etag, blobType, createdOn }: BlobDownloadResponseParsed): SeenBlob {
  return { etag, appendedSince: blobType === 'AppendBlob' ? createdOn?.getTime() : undefined };
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
