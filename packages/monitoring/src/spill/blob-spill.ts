import type { ContainerClient } from '@azure/storage-blob';
import { statusOf } from '@azureml-ts/common';
import { createContainer } from '../sinks/blob-container.ts';
import { errorCodeOf } from '../sinks/blob-failure.ts';
import { openContainer } from '../storage/open-container.ts';
import type { StorageTarget } from '../storage/storage-target.ts';
import { pathTaken } from './path-taken.ts';
import type { NamedDocument, SpillPlace } from './spill-document.ts';

/** Tries of one request, in all, and how long they are apart at most: a trace waits meanwhile. */
const RETRY = { maxTries: 3, retryDelayInMs: 500, maxRetryDelayInMs: 2_000 };

/** Stores documents as block blobs. */
export class BlobSpill implements SpillPlace {
  readonly #target: Exclude<StorageTarget, { directory: string }>;
  #container: Promise<ContainerClient> | undefined;

  /** @param target The account or container. Nothing is opened before the first document. */
  constructor(target: Exclude<StorageTarget, { directory: string }>) {
    this.#target = target;
  }

  /** See {@link SpillPlace.store}. */
  async store(document: NamedDocument, abortSignal: AbortSignal | undefined): Promise<string> {
    const container = await this.#open();
    for (const path of document.paths) {
      if (await upload(container, path, document, abortSignal ?? new AbortController().signal)) {
        // Without the signature that an address may carry.
        return container.getBlockBlobClient(path).url.split('?')[0] ?? '';
      }
    }
    throw pathTaken(document);
  }

  async #open(): Promise<ContainerClient> {
    this.#container ??= openContainer(this.#target, { retryOptions: RETRY });
    try {
      return await this.#container;
    } catch (error) {
      this.#container = undefined;
      throw error;
    }
  }
}

/** @returns Whether the document is there now; `false` when another one is. */
async function upload(
  container: ContainerClient,
  path: string,
  { content, contentType, sha256, kind }: NamedDocument,
  abortSignal: AbortSignal,
): Promise<boolean> {
  const client = container.getBlockBlobClient(path);
  const write = () =>
    client.upload(content, content.byteLength, {
      abortSignal,
      conditions: { ifNoneMatch: '*' },
      blobHTTPHeaders: { blobContentType: contentType },
      metadata: { sha256, kind },
    });
  try {
    await write().catch(async (error: unknown) => {
      if (statusOf(error) !== 404) {
        throw error;
      }
      await createContainer(container, error, abortSignal);
      await write();
    });
    return true;
  } catch (error) {
    // An earlier try of this one may have arrived after all.
    if (statusOf(error) === 409 && errorCodeOf(error) === 'BlobAlreadyExists') {
      const { metadata } = await client.getProperties({ abortSignal });
      return metadata?.['sha256'] === sha256;
    }
    throw error;
  }
}
