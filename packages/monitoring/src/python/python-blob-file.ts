import type { ContainerClient } from '@azure/storage-blob';
import { sleep, statusOf } from '@azureml-ts/common';
import { createContainer } from '../sinks/blob-container.ts';
import { blobFailure, errorCodeOf } from '../sinks/blob-failure.ts';
import type { BlobFile } from '../sinks/blob-file.ts';
import { locate } from '../sinks/blob-places.ts';
import { nextPart, otherName } from '../sinks/file-place.ts';
import type { AppendContext, AppendOutcome, RowBatch } from '../sinks/row-sink.ts';
import { decodeIntent, encodeIntent, type SinkIntent } from '../sinks/sink-intent.ts';
import { WriteRounds } from '../sinks/write-rounds.ts';
import { BlobLease } from './blob-lease.ts';
import { type BlobBlock, type PythonPlace, type PythonPlaces, readPlace } from './python-blob-place.ts';
import { HEADER_BLOCK, newBlockId } from './python-block-ids.ts';

/** Wait for the lease of another writer, in milliseconds. */
const RETAKE_MS = 50;

/** What one round came to: the blob that has the batch, or why another round is needed. */
type Round = { readonly stored: PythonPlace } | 'conflict' | 'full' | 'misfit';

/**
 * Stores batches as blocks of a block blob, each exactly once, by the protocol of the Python package, so that both can
 * write to one blob: under a lease the batch is staged, the list of all blocks is read, and committed as it is with the
 * batch at its end. What others have only staged is committed with it, as the Python package does too: dropping it would
 * cost them their rows.
 *
 * The id of a batch's block is kept as an intent before anything is sent. Whether the batch is stored is seen from the
 * list: its id is there or not, whoever committed it.
 */
export class PythonBlobFile implements BlobFile {
  readonly #container: ContainerClient;
  readonly #places: PythonPlaces;
  readonly #maxBlocks: number;
  #place: PythonPlace | undefined;

  /**
   * @param container The container, which is made when it is not there.
   * @param places Where its rows may go.
   * @param maxBlocks Blocks that a blob may have.
   */
  constructor(container: ContainerClient, places: PythonPlaces, maxBlocks: number) {
    this.#container = container;
    this.#places = places;
    this.#maxBlocks = maxBlocks;
  }

  /** See {@link RowSink.append}. */
  async append(batch: RowBatch, context: AppendContext): Promise<AppendOutcome> {
    const { abortSignal } = context;
    const rounds = new WriteRounds(this.#place?.client.name ?? `the blob of ${batch.day}`, abortSignal);
    let intent = decodeIntent(context.intent, batch);
    const id = intent?.blockId ?? newBlockId();
    // What is refused here, because another process has the batch, must not be tried again.
    const refusal: { error?: unknown } = {};
    for (;;) {
      rounds.begin();
      try {
        const place: PythonPlace =
          intent === undefined
            ? await locate(this.#places, this.#place, abortSignal)
            : await this.#settle(intent, id, abortSignal);
        if (isCommitted(place, id)) {
          return this.#outcome(place);
        }
        intent = { kind: 'python-block', name: place.name, position: 0, headerBytes: 0, etag: place.etag, blockId: id };
        await context.intend(encodeIntent(intent, batch)).catch((error: unknown) => {
          refusal.error = error;
          throw error;
        });
        abortSignal.throwIfAborted();
        this.#place = undefined;
        const round = await this.#store(place, id, batch, abortSignal);
        if (typeof round === 'object') {
          return this.#outcome(round.stored);
        }
        if (round === 'conflict') {
          await rounds.conflict();
        } else {
          intent = undefined;
          const next = round === 'full' ? nextPart(place.name) : otherName(place.name, batch.schema);
          this.#place = await this.#places.open(next, abortSignal);
        }
      } catch (error) {
        if (error === refusal.error || abortSignal.aborted) {
          throw error;
        }
        switch (meaningOf(error)) {
          case 'conflict':
            await rounds.conflict();
            break;
          case 'gone':
            if (statusOf(error) === 404) {
              await createContainer(this.#container, error, abortSignal);
            }
            this.#place = undefined;
            intent = undefined;
            break;
          case 'lost':
            if (!rounds.mayLook()) {
              throw error;
            }
            break;
          default:
            throw error;
        }
      }
    }
  }

  /** Finds out what became of an earlier try: the blob that has the batch, or the place for another try. */
  async #settle(intent: SinkIntent, id: string, abortSignal: AbortSignal): Promise<PythonPlace> {
    const { place, fits } = await this.#places.inspect(intent.name, abortSignal);
    return fits === 'yes' || isCommitted(place, id) ? place : this.#places.open(this.#places.first, abortSignal);
  }

  async #store(place: PythonPlace, id: string, batch: RowBatch, abortSignal: AbortSignal): Promise<Round> {
    const lease = place.etag === undefined ? undefined : await BlobLease.acquire(place.client, abortSignal);
    if (lease === 'busy') {
      return 'conflict';
    }
    try {
      // Another one than that which was looked at; or it is gone, and whatever comes there next has a header of its own.
      if (lease?.etag !== place.etag) {
        return 'conflict';
      }
      return await this.#commit(place, lease, id, batch, abortSignal);
    } finally {
      await lease?.release();
    }
  }

  async #commit(
    place: PythonPlace,
    lease: BlobLease | undefined,
    id: string,
    batch: RowBatch,
    abortSignal: AbortSignal,
  ): Promise<Round> {
    const { client, name } = place;
    const { header, files } = batch.schema;
    const conditions = lease === undefined ? {} : { leaseId: lease.id };
    const stage = (block: string, bytes: Uint8Array) =>
      client.stageBlock(block, bytes, bytes.length, { conditions, abortSignal });
    if (place.committed.length === 0 && header.length > 0 && !place.staged.some((block) => block.id === HEADER_BLOCK)) {
      await stage(HEADER_BLOCK, header);
    }
    await stage(id, batch.bytes);
    const { place: now } = await readPlace(client, name, abortSignal);
    if (isCommitted(now, id)) {
      return { stored: now };
    }
    if (now.etag !== place.etag) {
      return 'conflict';
    }
    const stagedHeader = now.staged.find((block) => block.id === HEADER_BLOCK);
    if (now.etag === undefined && header.length > 0 && stagedHeader?.size !== header.length) {
      // Somebody with other columns begins at the same time.
      return 'misfit';
    }
    const [first] = now.committed;
    if (stagedHeader !== undefined && first?.id === HEADER_BLOCK) {
      // A process of the Python package that has begun has staged its own, which would take the place of the first.
      await stage(HEADER_BLOCK, await client.downloadToBuffer(0, first.size, { abortSignal }));
    }
    const blocks = listOf(now, id);
    if (blocks.length > this.#maxBlocks) {
      return 'full';
    }
    const answer = await client.commitBlockList(
      blocks.map((block) => block.id),
      {
        conditions: now.etag === undefined ? { ifNoneMatch: '*' } : { ...conditions, ifMatch: now.etag },
        blobHTTPHeaders: { blobContentType: files.contentType },
        abortSignal,
      },
    );
    const stored: PythonPlace = { client, name, etag: answer.etag, committed: blocks, staged: [] };
    return now.etag === undefined && !(await this.#hasOurHeader(stored, batch, abortSignal))
      ? await this.#takeBack(stored, id, abortSignal)
      : { stored };
  }

  /** Before there is a blob nothing can be leased: whoever staged a header last has won. */
  async #hasOurHeader({ client }: PythonPlace, { schema }: RowBatch, abortSignal: AbortSignal): Promise<boolean> {
    if (schema.header.length === 0) {
      return true;
    }
    const { contentLength = 0 } = await client.getProperties({ abortSignal });
    const length = Math.min(contentLength, schema.header.length);
    return schema.fitsStart(await client.downloadToBuffer(0, length, { abortSignal }));
  }

  /** Takes rows out again that came below the header of others. */
  async #takeBack({ client, name }: PythonPlace, id: string, abortSignal: AbortSignal): Promise<Round> {
    let lease = await BlobLease.acquire(client, abortSignal);
    while (lease === 'busy') {
      await sleep(RETAKE_MS, { abortSignal, keepAlive: true });
      lease = await BlobLease.acquire(client, abortSignal);
    }
    if (lease === undefined) {
      return 'conflict';
    }
    try {
      const { place } = await readPlace(client, name, abortSignal);
      const blocks = listOf(place, id).filter((block) => block.id !== id);
      await client.commitBlockList(
        blocks.map((block) => block.id),
        { conditions: { leaseId: lease.id, ifMatch: place.etag ?? '' }, abortSignal },
      );
      return 'misfit';
    } finally {
      await lease.release();
    }
  }

  /** Takes in what the blob has now. */
  #outcome(place: PythonPlace): AppendOutcome {
    this.#place = place;
    return { blocks: { used: place.committed.length, limit: this.#maxBlocks } };
  }
}

/** The header, what was committed, what others have staged, and the batch. */
function listOf({ committed, staged }: PythonPlace, id: string): BlobBlock[] {
  const known = new Set([HEADER_BLOCK, id, ...committed.map((block) => block.id)]);
  return [
    ...[...committed, ...staged].filter((block) => block.id === HEADER_BLOCK).slice(0, 1),
    ...committed.filter((block) => block.id !== HEADER_BLOCK),
    ...staged.filter((block) => !known.has(block.id)),
    ...staged.filter((block) => block.id === id),
  ];
}

function isCommitted(place: PythonPlace, id: string): boolean {
  return place.committed.some((block) => block.id === id);
}

/** Reads what the storage client threw. */
function meaningOf(error: unknown): 'conflict' | 'gone' | 'lost' | 'other' {
  // Another writer holds the lease, or ours has ended.
  if (errorCodeOf(error).startsWith('Lease')) {
    return 'conflict';
  }
  const failure = blobFailure(error);
  if (failure === 'moved' || failure === 'unstaged') {
    return 'conflict';
  }
  if (failure === 'full' || errorCodeOf(error) === 'InvalidBlobOrBlock') {
    // Looked at again, it is told as one that takes no such rows.
    return 'gone';
  }
  return failure === 'gone' || failure === 'lost' ? failure : 'other';
}
