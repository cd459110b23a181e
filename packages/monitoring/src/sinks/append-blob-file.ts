import type { AppendBlobClient, ContainerClient } from '@azure/storage-blob';
import { AzuremlError, statusOf } from '@azureml-ts/common';
import type { Batch } from '../engine/batch.ts';
import { type DataFileName, dataFilePath, type StreamIdentity } from '../format/blob-path.ts';
import type { RowSchema } from '../rows/row-schema.ts';

/** Blocks that an append blob can have. Source: Azure Storage scale targets; Azurite enforces the same. */
const MAX_BLOCKS = 50_000;
/** Codes of a blob that takes no more rows. */
const FULL = new Set(['BlockCountExceedsLimit', 'BlobIsSealed']);
/** How often another writer may take the place before the append is left to a later try. */
const MAX_CONFLICTS = 20;

/** Statuses after which nothing was written, whatever the cause. */
const NOTHING_WRITTEN = new Set([400, 401, 403, 404, 409, 412, 413, 429]);

interface Attempt {
  readonly batch: Batch;
  readonly client: AppendBlobClient;
  readonly position: number;
  readonly bytes: Buffer;
}

interface Place {
  readonly client: AppendBlobClient;
  readonly name: DataFileName;
  position: number;
}

/**
 * Appends batches of one day and one schema to its append blob, each exactly once, also beside other writers.
 *
 * Every append is bound to the position that the blob must have. When the answer is lost, the blob itself tells what
 * became of it: a batch can only be at its own position, so the bytes there are compared. Bytes of two writers never
 * agree, because each row carries the id of its call.
 */
export class AppendBlobFile {
  readonly #container: ContainerClient;
  readonly #stream: StreamIdentity;
  readonly #day: string;
  readonly #schema: RowSchema;
  #place: Place | undefined;
  #unsettled: Attempt | undefined;

  /** @param options The container, the stream, the day and the columns. */
  constructor(options: { container: ContainerClient; stream: StreamIdentity; day: string; schema: RowSchema }) {
    this.#container = options.container;
    this.#stream = options.stream;
    this.#day = options.day;
    this.#schema = options.schema;
  }

  /** Whether it is known what became of every append. */
  get isSettled(): boolean {
    return this.#unsettled === undefined;
  }

  /** Appends a batch; given again after a failure, the same batch is still stored once. */
  async append(batch: Batch, abortSignal: AbortSignal): Promise<void> {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      const earlier = this.#unsettled;
      if (earlier !== undefined && (await this.#wasStored(earlier, abortSignal)) && earlier.batch === batch) {
        return;
      }
      const place = await this.#locate(abortSignal);
      // The first append brings the header along: no reader and no other writer ever sees rows without it.
      const bytes = place.position === 0 ? Buffer.concat([this.#schema.header, batch.bytes]) : batch.bytes;
      const attempt: Attempt = { batch, client: place.client, position: place.position, bytes };
      this.#unsettled = attempt;
      try {
        await place.client.appendBlock(bytes, bytes.length, {
          conditions: { appendPosition: place.position },
          abortSignal,
        });
        this.#unsettled = undefined;
        place.position += bytes.length;
        return;
      } catch (error) {
        await this.#settle(error, place, abortSignal);
      }
    }
    throw new AzuremlError(
      'APPEND_CONFLICT',
      `Other writers took the end of ${this.#place?.client.name ?? 'the blob'} ${MAX_CONFLICTS} times in a row. Nothing is lost; use fewer writers for one blob, or a longer flushIntervalMs.`,
      { retryable: true },
    );
  }

  /** After a failed append: returns when the loop should go on, throws when the queue should try again later. */
  async #settle(error: unknown, place: Place, abortSignal: AbortSignal): Promise<void> {
    const status = statusOf(error);
    if (status === 412 && codeOf(error) === 'AppendPositionConditionNotMet') {
      // An earlier copy of this very append may have taken the place: the next round looks.
      return;
    }
    if (status !== undefined && NOTHING_WRITTEN.has(status)) {
      this.#unsettled = undefined;
      this.#place = undefined;
      if (status === 404) {
        return;
      }
      if (status === 409 && FULL.has(String(codeOf(error)))) {
        this.#place = await this.#open(nextPart(place.name), abortSignal);
        return;
      }
    }
    throw error;
  }

  /** Finds out what became of an append whose answer is unknown. */
  async #wasStored(attempt: Attempt, abortSignal: AbortSignal): Promise<boolean> {
    const end = attempt.position + attempt.bytes.length;
    const length = await this.#lengthOf(attempt.client, abortSignal);
    if (length !== undefined && length >= end) {
      const there = await attempt.client.downloadToBuffer(attempt.position, attempt.bytes.length, { abortSignal });
      if (there.equals(attempt.bytes)) {
        this.#unsettled = undefined;
        if (this.#place?.client === attempt.client) {
          this.#place.position = length;
        }
        return true;
      }
    }
    if (length !== attempt.position) {
      // Another writer took the place, or the blob is gone: this attempt can never succeed any more.
      // Its header is looked at again, because it may be another blob by now.
      this.#unsettled = undefined;
      this.#place = undefined;
    }
    return false;
  }

  async #lengthOf(client: AppendBlobClient, abortSignal: AbortSignal): Promise<number | undefined> {
    try {
      return (await client.getProperties({ abortSignal })).contentLength ?? 0;
    } catch (error) {
      if (statusOf(error) === 404) {
        return undefined;
      }
      throw error;
    }
  }

  async #locate(abortSignal: AbortSignal): Promise<Place> {
    this.#place ??= await this.#open({}, abortSignal);
    return this.#place;
  }

  /** Finds the file whose header fits and that has room, and makes it when it is not there. */
  async #open(start: DataFileName, abortSignal: AbortSignal): Promise<Place> {
    let name = start;
    for (;;) {
      const client = this.#container.getAppendBlobClient(dataFilePath(this.#stream, this.#day, name));
      const found = await this.#inspect(client, abortSignal);
      if (found === 'missing') {
        await this.#create(client, abortSignal);
        continue;
      }
      if (found === 'full') {
        name = nextPart(name);
        continue;
      }
      if (found.fits) {
        return { client, name, position: found.length };
      }
      name = name.schema === undefined ? { schema: this.#schema.hash } : nextPart(name);
    }
  }

  async #inspect(
    client: AppendBlobClient,
    abortSignal: AbortSignal,
  ): Promise<'missing' | 'full' | { fits: boolean; length: number }> {
    try {
      const properties = await client.getProperties({ abortSignal });
      const length = properties.contentLength ?? 0;
      // A day that was rewritten as a block blob takes no more rows either.
      const isFull = properties.isSealed === true || (properties.blobCommittedBlockCount ?? 0) >= MAX_BLOCKS;
      if (properties.blobType !== 'AppendBlob' || isFull) {
        return 'full';
      }
      if (length === 0) {
        return { fits: true, length };
      }
      const start = await client.downloadToBuffer(0, Math.min(length, this.#schema.probeBytes), { abortSignal });
      return { fits: this.#schema.fitsStart(start), length };
    } catch (error) {
      if (statusOf(error) === 404) {
        return 'missing';
      }
      throw error;
    }
  }

  async #create(client: AppendBlobClient, abortSignal: AbortSignal): Promise<void> {
    try {
      // Never without this condition: creating over an existing append blob empties it.
      await client.create({ conditions: { ifNoneMatch: '*' }, blobHTTPHeaders: CSV_HEADERS, abortSignal });
    } catch (error) {
      // Somebody else made it. Any other conflict, a container that is being deleted for example, takes time.
      if (statusOf(error) === 409 && codeOf(error) === 'BlobAlreadyExists') {
        return;
      }
      if (statusOf(error) !== 404) {
        throw error;
      }
      await this.#createContainer(error, abortSignal);
    }
  }

  async #createContainer(missing: unknown, abortSignal: AbortSignal): Promise<void> {
    try {
      await this.#container.createIfNotExists({ abortSignal });
    } catch (error) {
      throw statusOf(error) === 403
        ? new AzuremlError(
            'CONTAINER_MISSING',
            `The container ${this.#container.containerName} does not exist and this identity may not create it. Create it, or give the identity the role Storage Blob Data Contributor on the account.`,
            { cause: missing, statusCode: 403 },
          )
        : error;
    }
  }
}

const CSV_HEADERS = { blobContentType: 'text/csv; charset=utf-8' };

function nextPart(name: DataFileName): DataFileName {
  return { ...name, part: (name.part ?? 1) + 1 };
}

function codeOf(error: unknown): unknown {
  const facts = error as { code?: unknown; details?: { errorCode?: unknown } } | null;
  return facts?.code ?? facts?.details?.errorCode;
}
