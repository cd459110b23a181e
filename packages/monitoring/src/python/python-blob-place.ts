import type { BlockBlobClient } from '@azure/storage-blob';
import { statusOf } from '@azureml-ts/common';
import type { DataFileName } from '../format/blob-path.ts';
import { errorCodeOf } from '../sinks/blob-failure.ts';
import { type BlobPlacesOptions, firstName } from '../sinks/blob-places.ts';
import { nextPart, otherName } from '../sinks/file-place.ts';
import { HEADER_BLOCK } from './python-block-ids.ts';

/** A block of a blob. */
export interface BlobBlock {
  /** Its id. */
  readonly id: string;
  /** Its bytes. */
  readonly size: number;
}

/** What stands at a name. */
export interface PythonPlace {
  /** The blob. */
  readonly client: BlockBlobClient;
  /** Its name. */
  readonly name: DataFileName;
  /** Its state; `undefined` while nothing is committed, whatever is staged. */
  readonly etag: string | undefined;
  /** Its blocks, in order. */
  readonly committed: readonly BlobBlock[];
  /** Blocks that wait for somebody to commit them. */
  readonly staged: readonly BlobBlock[];
}

/** Why rows do not go to a name; `taken` when something else than such a file is there. */
export type Fitness = 'yes' | 'full' | 'misfit' | 'taken';

/** Told of a name that something else has taken. */
export type OnNameTaken = (path: string) => void;

/** Which block blobs rows of one period and layout may go to, beside the Python package. */
export class PythonPlaces {
  readonly #options: BlobPlacesOptions;
  readonly #onTaken: OnNameTaken;
  /** Name of the first file that is tried. */
  readonly first: DataFileName;

  /**
   * @param options The container, what the rows are called, and how many blocks a blob may have.
   * @param onTaken Told of names that are taken.
   */
  constructor(options: BlobPlacesOptions, onTaken: OnNameTaken) {
    this.#options = options;
    this.#onTaken = onTaken;
    this.first = firstName(options);
  }

  /** Finds the file that takes the rows; one that does not exist is a place too. */
  async open(start: DataFileName, abortSignal: AbortSignal): Promise<PythonPlace> {
    let name = start;
    for (;;) {
      abortSignal.throwIfAborted();
      const { place, fits } = await this.inspect(name, abortSignal);
      if (fits === 'yes') {
        return place;
      }
      name = fits === 'misfit' ? otherName(name, this.#options.schema) : nextPart(name);
      if (fits === 'taken') {
        this.#onTaken(place.client.name);
      }
    }
  }

  /** Looks what stands at a name, and whether rows may go there. */
  async inspect(name: DataFileName, abortSignal: AbortSignal): Promise<{ place: PythonPlace; fits: Fitness }> {
    const { container, schema, period } = this.#options;
    const client = container.getBlockBlobClient(schema.files.path(period, name));
    try {
      const { place, length } = await readPlace(client, name, abortSignal);
      return { place, fits: await this.#judge(place, length, abortSignal) };
    } catch (error) {
      if (errorCodeOf(error) === 'InvalidBlobType') {
        return { place: nothingAt(client, name), fits: 'taken' };
      }
      throw error;
    }
  }

  /** Whether a blob takes one more block, and the header where it has none. */
  hasRoom({ committed }: PythonPlace): boolean {
    return committed.length + (committed.length === 0 ? 2 : 1) <= this.#options.maxBlocks;
  }

  async #judge(place: PythonPlace, length: number, abortSignal: AbortSignal): Promise<Fitness> {
    const { committed, staged } = place;
    if ([...committed, ...staged].some(({ id }) => id.length !== HEADER_BLOCK.length)) {
      return 'taken';
    }
    if (committed.length === 0) {
      // Written in one piece, it has no list of blocks: committing one would replace what is in it.
      return length > 0 ? 'taken' : this.#judgeStaged(staged);
    }
    if (!this.hasRoom(place)) {
      return 'full';
    }
    const { schema } = this.#options;
    const probe = await place.client.downloadToBuffer(0, Math.min(length, schema.probeBytes), { abortSignal });
    return schema.fitsStart(probe) ? 'yes' : 'misfit';
  }

  /** What another writer has only staged cannot be read: the size of its header has to tell. */
  #judgeStaged(staged: readonly BlobBlock[]): Fitness {
    const { header } = this.#options.schema;
    const theirs = staged.find(({ id }) => id === HEADER_BLOCK);
    if (theirs !== undefined) {
      return theirs.size === header.length ? 'yes' : 'misfit';
    }
    return staged.length > 0 && header.length > 0 ? 'misfit' : 'yes';
  }
}

/** Reads the blocks of a blob. */
export async function readPlace(
  client: BlockBlobClient,
  name: DataFileName,
  abortSignal: AbortSignal,
): Promise<{ readonly place: PythonPlace; readonly length: number }> {
  try {
    const list = await client.getBlockList('all', { abortSignal });
    const committed = (list.committedBlocks ?? []).map(({ name: id, size }) => ({ id, size }));
    const staged = (list.uncommittedBlocks ?? []).map(({ name: id, size }) => ({ id, size }));
    if (committed.length > 0 || (list.blobContentLength ?? 0) > 0) {
      return { place: { client, name, etag: list.etag, committed, staged }, length: list.blobContentLength ?? 0 };
    }
    // Blocks that somebody only staged make no blob yet, and the list does not tell that from an empty blob.
    const { etag, contentLength = 0 } = await client.getProperties({ abortSignal }).catch((error: unknown) => {
      if (statusOf(error) === 404) {
        return { etag: undefined, contentLength: 0 };
      }
      throw error;
    });
    // Committed since the list was read: its blocks are not known.
    return contentLength > 0
      ? await readPlace(client, name, abortSignal)
      : { place: { client, name, etag, committed, staged }, length: 0 };
  } catch (error) {
    if (statusOf(error) === 404) {
      return { place: nothingAt(client, name), length: 0 };
    }
    throw error;
  }
}

function nothingAt(client: BlockBlobClient, name: DataFileName): PythonPlace {
  return { client, name, etag: undefined, committed: [], staged: [] };
}
