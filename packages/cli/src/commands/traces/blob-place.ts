import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { statusOf } from '@azureml-ts/common';
import type { openContainer } from '@azureml-ts/monitoring/format';
import type { ExportPlace } from './export-place.ts';
import { onFile } from './storage-error.ts';

type Container = Awaited<ReturnType<typeof openContainer>>;

/** Exported traces as blobs of a container. A blob appears whole, with its last block. */
export class BlobPlace implements ExportPlace {
  readonly name: string;
  readonly #container: Container;
  readonly #signal: { readonly abortSignal?: AbortSignal };
  #made: Promise<void> | undefined;

  /**
   * @param container The container; made when it is not there.
   * @param abortSignal Ends requests early.
   */
  constructor(container: Container, abortSignal: AbortSignal | undefined) {
    this.#container = container;
    this.#signal = abortSignal === undefined ? {} : { abortSignal };
    this.name = `the container ${container.url.split('?')[0]}`;
  }

  /** See {@link ExportPlace.urlOf}. */
  urlOf(file: string): string {
    return this.#container.getBlobClient(file).url.split('?')[0] ?? '';
  }

  /** See {@link ExportPlace.read}. */
  read(file: string): Promise<string | undefined> {
    return this.#on(`${file} could not be read`, () =>
      whereThere(async () =>
        (
          await this.#container.getBlobClient(file).downloadToBuffer(undefined, undefined, { ...this.#signal })
        ).toString('utf8'),
      ),
    );
  }

  /** See {@link ExportPlace.size}. */
  size(file: string): Promise<number | undefined> {
    return this.#on(`${file} could not be read`, () =>
      whereThere(
        async () => (await this.#container.getBlobClient(file).getProperties({ ...this.#signal })).contentLength,
      ),
    );
  }

  /** See {@link ExportPlace.draft}. */
  draft(): Promise<string> {
    return Promise.resolve(path.join(tmpdir(), `azureml-traces-${randomUUID()}.part`));
  }

  /** See {@link ExportPlace.publish}. */
  async publish(draft: string, file: string): Promise<void> {
    await this.#on(`${file} could not be written`, async () => {
      await this.#make();
      await this.#container.getBlockBlobClient(file).uploadFile(draft, {
        blobHTTPHeaders: { blobContentType: 'application/x-ndjson' },
        ...this.#signal,
      });
    });
    await rm(draft, { force: true });
  }

  /** See {@link ExportPlace.write}. */
  write(file: string, text: string): Promise<void> {
    return this.#on(`${file} could not be written`, async () => {
      await this.#make();
      await this.#container.getBlockBlobClient(file).upload(text, Buffer.byteLength(text), {
        blobHTTPHeaders: { blobContentType: 'application/json' },
        ...this.#signal,
      });
    });
  }

  #make(): Promise<void> {
    this.#made ??= this.#container.createIfNotExists({ ...this.#signal }).then(
      () => undefined,
      (error: unknown) => {
        // Whoever may write need not be allowed to make containers; then it is there, or writing says so.
        if (statusOf(error) !== 403) {
          this.#made = undefined;
          throw error;
        }
      },
    );
    return this.#made;
  }

  #on<T>(what: string, work: () => Promise<T>): Promise<T> {
    return onFile(what, this.name, work);
  }
}

async function whereThere<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (statusOf(error) === 404) {
      return undefined;
    }
    throw error;
  }
}
