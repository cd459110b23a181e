import type { ContainerClient } from '@azure/storage-blob';
import { statusOf } from '@azureml-ts/common';
import { createContainer } from './blob-container.ts';
import { blobFailure, errorCodeOf } from './blob-failure.ts';
import type { BlobFile } from './blob-file.ts';
import { locate } from './blob-places.ts';
import type { BlockPlace, BlockPlaces } from './block-blob-place.ts';
import { contentId, nextPart } from './file-place.ts';
import type { AppendContext, AppendOutcome, RowBatch } from './row-sink.ts';
import { decodeIntent, encodeIntent, type SinkIntent } from './sink-intent.ts';
import { WriteRounds } from './write-rounds.ts';

/**
 * Stores batches of one day and one schema as blocks of their block blob, each exactly once, also beside other writers
 * and over the end of the process.
 *
 * A batch is staged under an id made from its bytes, and the list of blocks is committed with it at the end, bound to
 * the state that the blob must have. Whether a batch is stored is seen from the list: its id is there or not. A commit
 * of another writer drops what was only staged, so it is staged again.
 */
export class BlockBlobFile implements BlobFile {
  readonly #container: ContainerClient;
  readonly #places: BlockPlaces;
  readonly #maxBlocks: number;
  #place: BlockPlace | undefined;

  /**
   * @param container The container, which is made when it is not there.
   * @param places Where its rows may go.
   * @param maxBlocks Blocks that a blob may have.
   */
  constructor(container: ContainerClient, places: BlockPlaces, maxBlocks: number) {
    this.#container = container;
    this.#places = places;
    this.#maxBlocks = maxBlocks;
  }

  /** See {@link RowSink.append}. */
  async append(batch: RowBatch, context: AppendContext): Promise<AppendOutcome> {
    const { abortSignal } = context;
    const rounds = new WriteRounds(this.#place?.client.name ?? `the blob of ${batch.day}`, abortSignal);
    const id = contentId(batch.bytes);
    let intent = decodeIntent(context.intent, batch);
    for (;;) {
      rounds.begin();
      const place =
        intent === undefined
          ? await locate(this.#places, this.#place, abortSignal)
          : await this.#settle(intent, id, abortSignal);
      if (place.blocks.includes(id)) {
        return this.#outcome(place);
      }
      intent = { kind: 'block-blob', name: place.name, position: 0, headerBytes: 0, etag: place.etag };
      await context.intend(encodeIntent(intent, batch));
      abortSignal.throwIfAborted();
      this.#place = undefined;
      try {
        return this.#outcome(await this.#store(place, id, batch, abortSignal));
      } catch (error) {
        switch (blobFailure(error)) {
          case 'moved':
          case 'unstaged':
            await rounds.conflict();
            break;
          case 'gone':
            if (statusOf(error) === 404) {
              await createContainer(this.#container, error, abortSignal);
            }
            intent = undefined;
            break;
          case 'lost':
            if (!rounds.mayLook()) {
              throw error;
            }
            break;
          default:
            // Blocks that somebody else staged have ids of another length.
            if (errorCodeOf(error) !== 'InvalidBlobOrBlock') {
              throw error;
            }
            intent = undefined;
            this.#place = await this.#places.open(nextPart(place.name), abortSignal);
        }
      }
    }
  }

  /**
   * Finds out what became of a commit whose answer is unknown: the place with the batch, or the place for another try.
   *
   * While the blob has the state that the commit was bound to, the first copy can yet arrive: then the place is the same
   * one, so that only one of the two can win.
   */
  async #settle(intent: SinkIntent, id: string, abortSignal: AbortSignal): Promise<BlockPlace> {
    const { place, fits } = await this.#places.inspect(intent.name, abortSignal);
    const mayArrive = place.etag === intent.etag;
    const isOurs = intent.name.instance === this.#places.first.instance && place.etag !== undefined;
    if (place.blocks.includes(id) || (fits === 'yes' && (mayArrive || isOurs))) {
      return place;
    }
    return this.#places.open(this.#places.first, abortSignal);
  }

  async #store(place: BlockPlace, id: string, batch: RowBatch, abortSignal: AbortSignal): Promise<BlockPlace> {
    const { client, etag } = place;
    const { headerId } = this.#places;
    const { header, files } = batch.schema;
    const blocks = [...place.blocks];
    if (blocks.length === 0 && headerId !== undefined) {
      await client.stageBlock(headerId, Buffer.from(header), header.length, { abortSignal });
      blocks.push(headerId);
    }
    await client.stageBlock(id, batch.bytes, batch.bytes.length, { abortSignal });
    blocks.push(id);
    const answer = await client.commitBlockList(blocks, {
      // Never without a condition: it would drop the blocks of writers that it does not know.
      conditions: etag === undefined ? { ifNoneMatch: '*' } : { ifMatch: etag },
      blobHTTPHeaders: { blobContentType: files.contentType },
      abortSignal,
    });
    return { ...place, etag: answer.etag, blocks };
  }

  /** Takes in what the blob has now. */
  #outcome(place: BlockPlace): AppendOutcome {
    this.#place = place;
    return { blocks: { used: place.blocks.length, limit: this.#maxBlocks } };
  }
}
