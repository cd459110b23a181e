import type { ContainerClient } from '@azure/storage-blob';
import type { JsonValue } from '@azureml-ts/common';
import { DOCUMENTED_FILES } from '../format/file-layout.ts';
import type { LedgerEntry } from '../format/ledger.ts';
import { PythonBlobFile } from '../python/python-blob-file.ts';
import { PythonPlaces } from '../python/python-blob-place.ts';
import { openContainer } from '../storage/open-container.ts';
import { type StorageTarget, storageAddress } from '../storage/storage-target.ts';
import { AppendBlobFile } from './append-blob-file.ts';
import { AppendPlaces, MAX_BLOCKS } from './append-blob-place.ts';
import type { BlobFile } from './blob-file.ts';
import { recordInBlob } from './blob-ledger.ts';
import type { BlobPlacesOptions } from './blob-places.ts';
import { BlockBlobFile } from './block-blob-file.ts';
import { BlockPlaces, MAX_COMMITTED_BLOCKS } from './block-blob-place.ts';
import { fileText } from './file-place.ts';
import type { AppendContext, AppendOutcome, RecordContext, RowBatch, RowSink } from './row-sink.ts';
import { serialize } from './serialize.ts';
import { decodeIntent } from './sink-intent.ts';
import { writeBlob } from './write-blob.ts';

/** Kind of blob that rows are stored in. */
export type BlobKind = 'append' | 'block' | 'python-block';

/** Settings of {@link BlobSink}. */
export interface BlobSinkOptions {
  /** Kind of the blobs. Default `append`. */
  readonly blobType?: BlobKind | undefined;
  /** Name of this instance, when it has files of its own: `data-r<instance>.csv`. */
  readonly instance?: string | undefined;
  /** Name of the container, where the target names none. Default `modeldata`. */
  readonly containerName?: string | undefined;
  /** Told of the path of a blob that another tool has made, so that rows go to another one. */
  readonly onNameTaken?: ((path: string) => void) | undefined;
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
  /** Paths of blobs of other tools. */
  readonly #taken = new Set<string>();
  #container: Promise<ContainerClient> | undefined;

  /**
   * @param target The account or container. Nothing is opened before the first batch.
   * @param options Settings.
   */
  constructor(target: Exclude<StorageTarget, { directory: string }>, options: BlobSinkOptions = {}) {
    this.name = storageAddress(target, options.containerName);
    this.#target = target;
    this.#options = options;
  }

  /** See {@link RowSink.append}. */
  async append(batch: RowBatch, context: AppendContext): Promise<AppendOutcome> {
    batch.schema.files.checkStream(batch.stream);
    const container = await this.#open();
    const kind = kindOf(context.intent, batch) ?? batch.schema.files.blobKind ?? this.#options.blobType ?? 'append';
    const key = fileText(batch);
    const file = this.#file(`${key}/${kind}`, kind, container, batch);
    // A header that is staged can be replaced: files that begin at the same name take turns.
    const turn = kind === 'python-block' ? batch.schema.files.folder(batch) : key;
    return serialize(`${container.url}/${turn}`, context.abortSignal, () => file.append(batch, context));
  }

  /** See {@link RowSink.record}. */
  async record(entry: LedgerEntry, { abortSignal, files = DOCUMENTED_FILES }: RecordContext): Promise<void> {
    files.checkStream(entry.stream);
    const path = files.ledgerPath(entry.stream, entry.day);
    if (path !== undefined) {
      await recordInBlob(await this.#open(), path, entry, abortSignal);
    }
  }

  /** Stores a file beside the rows in one piece: one that is there is replaced. */
  async writeFile(path: string, data: Buffer, blobContentType: string, abortSignal: AbortSignal): Promise<void> {
    await writeBlob(await this.#open(), path, data, blobContentType, abortSignal);
  }

  async #open(): Promise<ContainerClient> {
    // One try a call: trying an append again without looking would store rows twice. The engine tries again.
    this.#container ??= openContainer(this.#target, { retryOptions: { maxTries: 1 } }, this.#options.containerName);
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
    const { stream, day: utcDay, hour, schema } = batch;
    const maxBlocks = this.#options.maxBlocks ?? (kind === 'append' ? MAX_BLOCKS : MAX_COMMITTED_BLOCKS);
    const parts = { container, period: { stream, day: utcDay, hour }, schema, instance, maxBlocks };
    const file = this.#makeFile(kind, parts);
    this.#files.set(key, { day, file });
    return file;
  }

  #makeFile(kind: BlobKind, parts: BlobPlacesOptions): BlobFile {
    const { container, maxBlocks } = parts;
    switch (kind) {
      case 'append':
        return new AppendBlobFile(new AppendPlaces(parts), maxBlocks);
      case 'block':
        return new BlockBlobFile(container, new BlockPlaces(parts), maxBlocks);
      case 'python-block':
        return new PythonBlobFile(container, new PythonPlaces(parts, (path) => this.#tellTaken(path)), maxBlocks);
    }
  }

  #tellTaken(path: string): void {
    if (!this.#taken.has(path)) {
      this.#taken.add(path);
      this.#options.onNameTaken?.(path);
    }
  }
}

/** A batch is finished in the kind of blob that it was begun in, also when the setting has changed since. */
function kindOf(intent: JsonValue | undefined, batch: RowBatch): BlobKind | undefined {
  switch (decodeIntent(intent, batch)?.kind) {
    case 'append-blob':
      return 'append';
    case 'block-blob':
      return 'block';
    case 'python-block':
      return 'python-block';
    default:
      return undefined;
  }
}
