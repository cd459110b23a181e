import type { BlockBlobClient } from '@azure/storage-blob';
import { statusOf } from '@azureml-ts/common';
import type { DataFileName } from '../format/blob-path.ts';
import { errorCodeOf } from './blob-failure.ts';
import { type BlobPlacesOptions, firstName } from './blob-places.ts';
import { contentId, nextPart, otherName } from './file-place.ts';

/** Blocks that a block blob can have. Source: Azure Storage scale targets. */
export const MAX_COMMITTED_BLOCKS = 50_000;
/** Characters of the ids that this sink makes; the service wants one length for all blocks of a blob. */
const ID_LENGTH = 24;

/** A block blob that rows may go to, and the state that it must have for it. */
export interface BlockPlace {
  /** The blob. */
  readonly client: BlockBlobClient;
  /** Its name. */
  readonly name: DataFileName;
  /** Its state; `undefined` when it does not exist yet. */
  readonly etag: string | undefined;
  /** Ids of its blocks, in order. */
  readonly blocks: readonly string[];
}

/** What stands at a name. */
export interface FoundBlockBlob {
  /** The blob and its blocks. */
  readonly place: BlockPlace;
  /** Whether the rows may go there: not when it is full or no list of blocks of ours, nor when it has other columns. */
  readonly fits: 'yes' | 'full' | 'misfit';
}

/** Which block blobs rows of one day and schema may go to. */
export class BlockPlaces {
  readonly #options: BlobPlacesOptions;
  /** Name of the first file that is tried. */
  readonly first: DataFileName;
  /** Id of the block that holds the header; `undefined` without one. */
  readonly headerId: string | undefined;

  /** @param options The container, what the rows are called, and how many blocks a blob may have. */
  constructor(options: BlobPlacesOptions) {
    this.#options = options;
    this.first = firstName(options);
    this.headerId = options.schema.header.length === 0 ? undefined : contentId(options.schema.header);
  }

  /** Finds the file whose header fits and that has room; one that does not exist is a place too. */
  async open(start: DataFileName, abortSignal: AbortSignal): Promise<BlockPlace> {
    let name = start;
    for (;;) {
      abortSignal.throwIfAborted();
      const { place, fits } = await this.inspect(name, abortSignal);
      if (fits === 'yes') {
        return place;
      }
      name = fits === 'full' ? nextPart(name) : otherName(name, this.#options.schema);
    }
  }

  /** Looks what stands at a name. */
  async inspect(name: DataFileName, abortSignal: AbortSignal): Promise<FoundBlockBlob> {
    const { container, schema, period } = this.#options;
    const client = container.getBlockBlobClient(schema.files.path(period, name));
    try {
      const list = await client.getBlockList('committed', { abortSignal });
      const blocks = (list.committedBlocks ?? []).map((block) => block.name);
      let { etag } = list;
      if (blocks.length === 0 && (list.blobContentLength ?? 0) === 0) {
        // Blocks that somebody only staged make no blob yet, and the list does not tell that from an empty blob.
        const properties = await client.getProperties({ abortSignal });
        if ((properties.contentLength ?? 0) > 0) {
          // Committed since the list was read: with this state but without its blocks, they would be dropped.
          return await this.inspect(name, abortSignal);
        }
        etag = properties.etag;
      }
      const place = { client, name, etag, blocks };
      return { place, fits: await this.#judge(place, list.blobContentLength ?? 0, abortSignal) };
    } catch (error) {
      const place = { client, name, etag: undefined, blocks: [] };
      if (statusOf(error) === 404) {
        return { place, fits: 'yes' };
      }
      if (errorCodeOf(error) === 'InvalidBlobType') {
        return { place, fits: 'full' };
      }
      throw error;
    }
  }

  /** Whether a blob takes one more block, and the header where it has none. */
  hasRoom({ blocks }: BlockPlace): boolean {
    return blocks.length + (blocks.length === 0 && this.headerId !== undefined ? 2 : 1) <= this.#options.maxBlocks;
  }

  async #judge(place: BlockPlace, length: number, abortSignal: AbortSignal): Promise<FoundBlockBlob['fits']> {
    const [start] = place.blocks;
    if (start === undefined) {
      // Written in one piece, it has no list of blocks: committing one would replace what is in it.
      return length > 0 ? 'full' : 'yes';
    }
    if (start.length !== ID_LENGTH || !this.hasRoom(place)) {
      return 'full';
    }
    const { schema } = this.#options;
    if (start === this.headerId || schema.probeBytes === 0) {
      return 'yes';
    }
    const probe = await place.client.downloadToBuffer(0, Math.min(length, schema.probeBytes), { abortSignal });
    return schema.fitsStart(probe) ? 'yes' : 'misfit';
  }
}
