import { openContainer } from '@azureml-ts/monitoring/format';
import { type Azurite, startAzurite } from '@azureml-ts/testing';

/** A blob that was left. */
export interface WrittenBlob {
  readonly type: string | undefined;
  readonly contentType: string | undefined;
  /** `header` or `random-guid`, as in the recordings. */
  readonly blocks: readonly string[];
  readonly uncommitted: number;
  readonly bytes: Buffer;
}

const HEADER_BLOCK = Buffer.from('00000000-0000-0000-0000-000000000000').toString('base64');

/** The store of all cases of a run; each begins with an empty container. */
export class CollectingStore {
  #azurite: Promise<Azurite> | undefined;

  /** Starts it when it is needed first, and empties the container. */
  async begin(): Promise<string> {
    this.#azurite ??= startAzurite();
    const { connectionString } = await this.#azurite;
    const container = await openContainer({ connectionString });
    await container.createIfNotExists();
    for await (const { name } of container.listBlobsFlat()) {
      await container.deleteBlob(name);
    }
    return connectionString;
  }

  /** What is there now, by path; without the ledger. */
  async blobs(): Promise<Map<string, WrittenBlob>> {
    const { connectionString } = (await this.#azurite) ?? { connectionString: '' };
    const container = await openContainer({ connectionString });
    const found = new Map<string, WrittenBlob>();
    for await (const { name, properties } of container.listBlobsFlat()) {
      if (name.endsWith('/_ledger.jsonl')) {
        continue;
      }
      const client = container.getBlockBlobClient(name);
      const list = await client.getBlockList('all');
      found.set(name, {
        type: properties.blobType,
        contentType: properties.contentType,
        blocks: (list.committedBlocks ?? []).map((block) =>
          block.name === HEADER_BLOCK
            ? 'header'
            : block.name.length === HEADER_BLOCK.length
              ? 'random-guid'
              : block.name,
        ),
        uncommitted: list.uncommittedBlocks?.length ?? 0,
        bytes: await client.downloadToBuffer(),
      });
    }
    return found;
  }

  /** Ends it. */
  async close(): Promise<void> {
    await (await this.#azurite)?.close();
    this.#azurite = undefined;
  }
}
