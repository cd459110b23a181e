import type { AppendBlobClient } from '@azure/storage-blob';
import { statusOf } from '@azureml-ts/common';
import type { DataFileName } from '../format/blob-path.ts';
import { createAppendBlob } from './blob-container.ts';
import { type BlobPlacesOptions, firstName } from './blob-places.ts';
import { nextPart, otherName } from './file-place.ts';

/** Blocks that an append blob can have. Source: Azure Storage scale targets; Azurite enforces the same. */
export const MAX_BLOCKS = 50_000;
/** Bytes that an append blob surely takes: as many blocks of the size that every version of the service takes. */
const MAX_BLOB_BYTES = MAX_BLOCKS * 4 * 1_048_576;

/** Where the next rows of a file go, and the state that the blob must have for it. */
export interface AppendPlace {
  /** The blob. */
  readonly client: AppendBlobClient;
  /** Its name. */
  readonly name: DataFileName;
  /** Its length. */
  readonly position: number;
  /** Its state: another blob at the same path never has the same. */
  readonly etag: string | undefined;
  /** Blocks that it has. */
  readonly blocks: number;
}

/** What stands at a name. */
export interface FoundBlob {
  /** The blob and its end. */
  readonly place: AppendPlace;
  /** Whether the rows may go there: not when it is full, sealed or no append blob, nor when it has other columns. */
  readonly fits: 'yes' | 'full' | 'misfit';
}

/** Which append blobs rows of one day and schema may go to. */
export class AppendPlaces {
  readonly #options: BlobPlacesOptions;
  /** Name of the first file that is tried. */
  readonly first: DataFileName;

  /** @param options The container, what the rows are called, and how many blocks a blob may have. */
  constructor(options: BlobPlacesOptions) {
    this.#options = options;
    this.first = firstName(options);
  }

  /** Finds the file whose header fits and that has room, and makes it when it is not there. */
  async open(start: DataFileName, abortSignal: AbortSignal): Promise<AppendPlace> {
    let name = start;
    for (;;) {
      abortSignal.throwIfAborted();
      const found = await this.inspect(name, abortSignal);
      if (found?.fits === 'yes') {
        return found.place;
      }
      if (found === undefined) {
        const headers = { blobContentType: this.#options.schema.files.contentType };
        await createAppendBlob(this.#options.container, this.#client(name), headers, abortSignal);
      } else {
        name = found.fits === 'full' ? nextPart(name) : otherName(name, this.#options.schema);
      }
    }
  }

  /** Looks what stands at a name; `undefined` when there is nothing. */
  async inspect(name: DataFileName, abortSignal: AbortSignal): Promise<FoundBlob | undefined> {
    const client = this.#client(name);
    try {
      const properties = await client.getProperties({ abortSignal });
      const position = properties.contentLength ?? 0;
      const blocks = properties.blobCommittedBlockCount ?? 0;
      const place = { client, name, position, etag: properties.etag, blocks };
      // A day that was rewritten as a block blob takes no more rows either.
      if (properties.blobType !== 'AppendBlob' || properties.isSealed === true || !this.hasRoom(place)) {
        return { place, fits: 'full' };
      }
      const { schema } = this.#options;
      if (position === 0 || schema.probeBytes === 0) {
        return { place, fits: 'yes' };
      }
      const start = await client.downloadToBuffer(0, Math.min(position, schema.probeBytes), { abortSignal });
      return { place, fits: schema.fitsStart(start) ? 'yes' : 'misfit' };
    } catch (error) {
      if (statusOf(error) === 404) {
        return undefined;
      }
      throw error;
    }
  }

  /** Whether a blob takes one more block. */
  hasRoom(place: AppendPlace): boolean {
    return place.blocks < this.#options.maxBlocks && place.position < MAX_BLOB_BYTES;
  }

  #client(name: DataFileName): AppendBlobClient {
    const { container, schema, period } = this.#options;
    return container.getAppendBlobClient(schema.files.path(period, name));
  }
}
