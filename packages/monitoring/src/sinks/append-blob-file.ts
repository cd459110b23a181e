import { AzuremlError } from '@azureml-ts/common';
import type { AppendPlace, AppendPlaces } from './append-blob-place.ts';
import { blobFailure } from './blob-failure.ts';
import type { BlobFile } from './blob-file.ts';
import { locate } from './blob-places.ts';
import { bytesAt, nextPart } from './file-place.ts';
import type { AppendContext, AppendOutcome, RowBatch } from './row-sink.ts';
import { decodeIntent, encodeIntent, type SinkIntent } from './sink-intent.ts';
import { WriteRounds } from './write-rounds.ts';

/** Bytes of one block. Source: Append Block with x-ms-version 2022-11-02 or later. */
const MAX_BLOCK_BYTES = 100 * 1_048_576;

/**
 * Appends batches of one day and one schema to their append blob, each exactly once, also beside other writers and over
 * the end of the process.
 *
 * Every append is bound to the length and the state that the blob must have, and kept as an intent before it is sent.
 * When the answer is lost, the blob itself tells what became of it: a batch can only be at its own position, so the
 * bytes there are compared. Bytes of two writers never agree, because each row carries the id of its call.
 */
export class AppendBlobFile implements BlobFile {
  readonly #places: AppendPlaces;
  readonly #maxBlocks: number;
  /** Where the next rows go, as far as is known; asked again after every doubt. */
  #place: AppendPlace | undefined;

  /**
   * @param places Where its rows may go.
   * @param maxBlocks Blocks that a blob may have.
   */
  constructor(places: AppendPlaces, maxBlocks: number) {
    this.#places = places;
    this.#maxBlocks = maxBlocks;
  }

  /** See {@link RowSink.append}. */
  async append(batch: RowBatch, context: AppendContext): Promise<AppendOutcome> {
    const { abortSignal } = context;
    const rounds = new WriteRounds(this.#place?.client.name ?? `the blob of ${batch.day}`, abortSignal);
    let intent = decodeIntent(context.intent, batch);
    for (;;) {
      rounds.begin();
      const found =
        intent === undefined
          ? await locate(this.#places, this.#place, abortSignal)
          : await this.#settle(intent, batch, abortSignal);
      if ('stored' in found) {
        return this.#outcome(found.stored);
      }
      const bytes = bytesAt(found.position, batch);
      if (bytes.length > MAX_BLOCK_BYTES) {
        throw tooLarge(bytes.length);
      }
      intent = {
        kind: 'append-blob',
        name: found.name,
        position: found.position,
        headerBytes: bytes.length - batch.bytes.length,
        etag: found.etag,
      };
      await context.intend(encodeIntent(intent, batch));
      abortSignal.throwIfAborted();
      try {
        return this.#outcome(await send(found, bytes, abortSignal));
      } catch (error) {
        // What was known of the blob is in doubt now.
        this.#place = undefined;
        switch (blobFailure(error)) {
          case 'moved':
            await rounds.conflict();
            break;
          case 'gone':
            intent = undefined;
            break;
          case 'full':
            intent = undefined;
            this.#place = await this.#places.open(nextPart(found.name), abortSignal);
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

  /**
   * Finds out what became of an append whose answer is unknown.
   *
   * While the blob still ends where the append would begin, the first copy can yet arrive: then the place for another
   * try is the same one, so that only one of the two can win.
   */
  async #settle(
    intent: SinkIntent,
    batch: RowBatch,
    abortSignal: AbortSignal,
  ): Promise<AppendPlace | { stored: AppendPlace }> {
    const found = await this.#places.inspect(intent.name, abortSignal);
    if (found !== undefined) {
      const { place, fits } = found;
      const bytes = intent.headerBytes === 0 ? batch.bytes : bytesAt(0, batch);
      if (place.position >= intent.position + bytes.length) {
        const there = await place.client.downloadToBuffer(intent.position, bytes.length, { abortSignal });
        if (there.equals(bytes)) {
          return { stored: place };
        }
      }
      // Of another instance's file only an append that can yet arrive must be finished.
      if (
        fits === 'yes' &&
        (place.position === intent.position || intent.name.instance === this.#places.first.instance)
      ) {
        return place;
      }
    }
    return this.#places.open(this.#places.first, abortSignal);
  }

  /** Takes in where the blob ends now. */
  #outcome(place: AppendPlace): AppendOutcome {
    this.#place = place;
    return { blocks: { used: place.blocks, limit: this.#maxBlocks } };
  }
}

/** Appends, bound to the length and the state that the blob must have. */
async function send(place: AppendPlace, bytes: Buffer, abortSignal: AbortSignal): Promise<AppendPlace> {
  const answer = await place.client.appendBlock(bytes, bytes.length, {
    conditions: { appendPosition: place.position, ...(place.etag === undefined ? {} : { ifMatch: place.etag }) },
    abortSignal,
  });
  return {
    ...place,
    position: place.position + bytes.length,
    etag: answer.etag,
    blocks: answer.blobCommittedBlockCount ?? place.blocks + 1,
  };
}

function tooLarge(byteLength: number): AzuremlError {
  return new AzuremlError(
    'BATCH_TOO_LARGE',
    `A batch of ${byteLength} bytes can never be stored: a block has at most ${MAX_BLOCK_BYTES}. Collect fewer rows in one call.`,
    { statusCode: 413, details: { byteLength, maxBytes: MAX_BLOCK_BYTES } },
  );
}
