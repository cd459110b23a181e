import type { ContainerClient } from '@azure/storage-blob';
import type { JsonValue } from '@azureml-ts/common';
import { checkStream, dayPrefix } from '../format/blob-path.ts';
import type { LedgerEntry } from '../format/ledger.ts';
import { openContainer } from '../storage/open-container.ts';
import { type StorageTarget, storageAddress } from '../storage/storage-target.ts';
import { AppendBlobFile } from './append-blob-file.ts';
import { AppendPlaces, MAX_BLOCKS } from './append-blob-place.ts';
import type { BlobFile } from './blob-file.ts';
import { recordInBlob } from './blob-ledger.ts';
import { BlockBlobFile } from './block-blob-file.ts';
import { BlockPlaces, MAX_COMMITTED_BLOCKS } from './block-blob-place.ts';
import type { AppendContext, AppendOutcome, RowBatch, RowSink } from './row-sink.ts';
import { serialize } from './serialize.ts';
import { decodeIntent } from './sink-intent.ts';

/** Kind of blob that rows are stored in. */
export type BlobKind = 'append' | 'block';

/** Settings of {@link BlobSink}. */
export interface BlobSinkOptions {
  /** Kind of the blobs. Default `append`. */
  readonly blobType?: BlobKind | undefined;
  /** Name of this instance, when it has files of its own: `data-r<instance>.csv`. */
  readonly instance?: string | undefined;
  /** Blocks that a blob may have. Default: what the service takes, 50,000. For tests. @internal */
  readonly maxBlocks?: number | undefined;
}

/** Files of days further away than this are forgotten; rows that still come for one find it again. */
const KEPT_MS = 2 * 86_400_000;

/** Stores batches in blobs of a storage account, each exactly once. */
export class BlobSink implements RowSink {
  /** See {@link RowSink.name}: the address of the container. */
  readonly name: string;
  readonly #target: Exclude<StorageTarget, { directory: string }>;
  readonly #options: BlobSinkOptions;
  readonly #files = new Map<string, { readonly day: number; readonly file: BlobFile }>();
  #container: Promise<ContainerClient> | undefined;

  /**
   * @param target The account or container. Nothing is opened before the first batch.
   * @param options Settings.
   */
  constructor(target: Exclude<StorageTarget, { directory: string }>, options: BlobSinkOptions = {}) {
    this.name = storageAddress(target);
    this.#target = target;
    this.#options = options;
  }

  /** See {@link RowSink.append}. */
  async append(batch: RowBatch, context: AppendContext): Promise<AppendOutcome> {
    checkStream(batch.stream);
    const container = await this.#open();
    const kind = kindOf(context.intent, batch) ?? this.#options.blobType ?? 'append';
    const key = `${dayPrefix(batch.stream, batch.day)}${batch.schema.hash}`;
    const file = this.#file(`${key}/${kind}`, kind, container, batch);
    return serialize(`${container.url}/${key}`, context.abortSignal, () => file.append(batch, context));
  }

  /** See {@link RowSink.record}. */
  async record(entry: LedgerEntry, { abortSignal }: { readonly abortSignal: AbortSignal }): Promise<void> {
    checkStream(entry.stream);
    await recordInBlob(await this.#open(), entry, abortSignal);
  }

  async #open(): Promise<ContainerClient> {
    // One try a call: trying an append again without looking would store rows twice. The engine tries again.
    this.#container ??= openContainer(this.#target, { retryOptions: { maxTries: 1 } });
    try {
      return await this.#container;
    } catch (error) {
      this.#container = undefined;
      throw error;
    }
  }

  #file(key: string, kind: BlobKind, container: ContainerClient, batch: RowBatch): BlobFile {
    const known = this.#files.get(key);
    if (known !== undefined) {
      return known.file;
    }
    const day = Date.parse(batch.day);
    for (const [other, file] of this.#files) {
      if (Math.abs(file.day - day) > KEPT_MS) {
        this.#files.delete(other);
      }
    }
    const { instance } = this.#options;
    const { stream, schema } = batch;
    const maxBlocks = this.#options.maxBlocks ?? (kind === 'append' ? MAX_BLOCKS : MAX_COMMITTED_BLOCKS);
    const parts = { container, stream, day: batch.day, schema, instance, maxBlocks };
    const file =
      kind === 'append'
        ? new AppendBlobFile(new AppendPlaces(parts), maxBlocks)
        : new BlockBlobFile(container, new BlockPlaces(parts), maxBlocks);
    this.#files.set(key, { day, file });
    return file;
  }
}

/** A batch is finished in the kind of blob that it was begun in, also when the setting has changed since. */
function kindOf(intent: JsonValue | undefined, batch: RowBatch): BlobKind | undefined {
  switch (decodeIntent(intent, batch)?.kind) {
    case 'append-blob':
      return 'append';
    case 'block-blob':
      return 'block';
    default:
      return undefined;
  }
}
