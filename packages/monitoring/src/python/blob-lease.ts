import { randomUUID } from 'node:crypto';
import type { BlobLeaseClient, BlockBlobClient } from '@azure/storage-blob';
import { backoffDelayMs, sleep, statusOf } from '@azureml-ts/common';

/** How long a lease lasts when its holder dies, in seconds. Source: azureml-monitoring. */
const LEASE_SECONDS = 30;
/** Time for giving it back, in milliseconds. */
const RELEASE_TIMEOUT_MS = 5_000;
/** Tries of giving it back: one that is lost would hold up all writers for as long as it lasts. */
const RELEASE_TRIES = 4;

/** A lease of a blob: the writers of one blob take turns by it, those of the Python package too. */
export class BlobLease {
  readonly #client: BlobLeaseClient;
  /** Goes along with what is written. */
  readonly id: string;
  /** State that the blob had when the lease began. */
  readonly etag: string | undefined;

  private constructor(client: BlobLeaseClient, id: string, etag: string | undefined) {
    this.#client = client;
    this.id = id;
    this.etag = etag;
  }

  /**
   * Takes the lease.
   *
   * @returns `busy` when another writer has it; `undefined` when there is no blob (yet).
   */
  static async acquire(blob: BlockBlobClient, abortSignal: AbortSignal): Promise<BlobLease | 'busy' | undefined> {
    // Of our own choice, so that it can be given back also when the answer is lost.
    const id = randomUUID();
    const client = blob.getBlobLeaseClient(id);
    try {
      const { etag } = await client.acquireLease(LEASE_SECONDS, { abortSignal });
      return new BlobLease(client, id, etag);
    } catch (error) {
      switch (statusOf(error)) {
        case 404:
          return undefined;
        case 409:
          return 'busy';
        default:
          await release(client);
          throw error;
      }
    }
  }

  /** Gives it back; when that fails, it ends by itself. */
  async release(): Promise<void> {
    await release(this.#client);
  }
}

async function release(client: BlobLeaseClient): Promise<void> {
  const abortSignal = AbortSignal.timeout(RELEASE_TIMEOUT_MS);
  for (let tries = 1; ; tries += 1) {
    try {
      await client.releaseLease({ abortSignal });
      return;
    } catch (error) {
      const status = statusOf(error);
      // 404, 409: it is not ours any more.
      if ((status !== undefined && status < 500) || tries === RELEASE_TRIES || abortSignal.aborted) {
        return;
      }
    }
    await sleep(backoffDelayMs(tries, { initialDelayMs: 20, maxDelayMs: 200 }), { keepAlive: true });
  }
}
