import path from 'node:path';
import { ValidationError, waitAtMost } from '@azureml-ts/common';
import type { DataFileName } from '../format/blob-path.ts';
import { DOCUMENTED_FILES } from '../format/file-layout.ts';
import type { LedgerEntry } from '../format/ledger.ts';
import { storageAddress } from '../storage/storage-target.ts';
import { DirectoryFile, type FileOutcome } from './directory-file.ts';
import { recordInFile } from './directory-ledger.ts';
import { FileLock } from './file-lock.ts';
import { fileText, nextPart, otherName } from './file-place.ts';
import type { MakeLink } from './lock-draft.ts';
import { makePrivateFolder } from './make-folder.ts';
import type { AppendContext, BatchSchema, RecordContext, RowBatch, RowSink } from './row-sink.ts';
import { serialize } from './serialize.ts';
import { decodeIntent } from './sink-intent.ts';
import { WriteRounds } from './write-rounds.ts';

/** Bytes that one folder's name can have. Source: NAME_MAX of the usual file systems. */
const MAX_NAME_BYTES = 255;
/** Files of days further away than this are forgotten; rows that still come for one find it again. */
const KEPT_MS = 2 * 86_400_000;

/** Settings of {@link DirectorySink}. */
export interface DirectorySinkOptions {
  /** Name of this instance, when it has files of its own: `data-r<instance>.csv`. */
  readonly instance?: string | undefined;
  /** Told, once, of the path of something that is no file, so that rows go to another one. */
  readonly onNameTaken?: ((path: string) => void) | undefined;
  /** Makes a second name of a file. Default: `link` of node:fs. For tests. @internal */
  readonly makeLink?: MakeLink | undefined;
}

/**
 * Stores batches as files, each exactly once: the same paths as blobs, below `<directory>/modeldata`.
 *
 * Several processes may write to one file. A batch is written while its file is locked (see {@link FileLock}), in one
 * piece at the end. What a process that died had begun is finished or taken back by the next one.
 *
 * Rows survive the end of the process, not that of the machine: nothing is synced to the disk.
 */
export class DirectorySink implements RowSink {
  /** See {@link RowSink.name}: the absolute path of the folder. */
  readonly name: string;
  readonly #instance: string | undefined;
  readonly #makeLink: MakeLink | undefined;
  readonly #onNameTaken: ((path: string) => void) | undefined;
  /** Where the last batch of each day and schema went. */
  readonly #names = new Map<string, { readonly day: number; readonly name: DataFileName }>();

  /** Files beside which it was looked for what dead processes left. */
  readonly #swept = new Set<string>();
  /** Names that something else has taken. */
  readonly #taken = new Set<string>();

  /**
   * @param directory The folder; made when it is not there.
   * @param options Settings.
   */
  constructor(directory: string, options: DirectorySinkOptions = {}) {
    this.name = storageAddress({ directory });
    this.#instance = options.instance;
    this.#makeLink = options.makeLink;
    this.#onNameTaken = options.onNameTaken;
  }

  /** See {@link RowSink.append}. */
  async append(batch: RowBatch, context: AppendContext): Promise<undefined> {
    const { files } = batch.schema;
    files.checkStream(batch.stream);
    checkFolders(files.folder(batch));
    const { abortSignal } = context;
    const key = fileText(batch);
    const work = serialize(path.join(this.name, key), abortSignal, () => this.#append(key, batch, context));
    // A write that hangs cannot be ended. It keeps its turn and its lock until it ends, and is looked at then.
    await waitAtMost(work, 'The append to a file', { abortSignal });
  }

  /** See {@link RowSink.record}. */
  async record(entry: LedgerEntry, { abortSignal, files = DOCUMENTED_FILES }: RecordContext): Promise<void> {
    files.checkStream(entry.stream);
    const ledger = files.ledgerPath(entry.stream, entry.day);
    if (ledger === undefined) {
      return;
    }
    checkFolders(ledger);
    const file = path.join(this.name, files.root, ledger);
    const work = serialize(file, abortSignal, () => recordInFile(file, entry));
    await waitAtMost(work, 'The entry of the ledger', { abortSignal });
  }

  async #append(key: string, batch: RowBatch, context: AppendContext): Promise<void> {
    const intent = decodeIntent(context.intent, batch);
    if (intent?.kind === 'file') {
      const isStored = await this.#locked(batch, intent.name, context, (file) => file.holds(batch, intent));
      if (isStored) {
        return;
      }
    }
    let name = this.#names.get(key)?.name ?? this.#first(batch.schema);
    const rounds = new WriteRounds(this.#path(batch, name), context.abortSignal);
    for (;;) {
      const outcome = await this.#locked(batch, name, context, (file) => file.append(batch, context));
      if (outcome === 'stored') {
        this.#remember(key, batch, name);
        return;
      }
      if (outcome === 'replaced') {
        rounds.begin();
      }
      if (outcome === 'taken') {
        this.#tellTaken(batch.schema.files.path(batch, name));
      }
      name = this.#after(outcome, name, batch);
    }
  }

  #after(outcome: Exclude<FileOutcome, 'stored'>, name: DataFileName, batch: RowBatch): DataFileName {
    switch (outcome) {
      case 'taken':
        return nextPart(name);
      case 'misfit':
        return otherName(name, batch.schema);
      default:
        return this.#first(batch.schema);
    }
  }

  #first({ files }: BatchSchema): DataFileName {
    return files.firstName(this.#instance);
  }

  async #locked<T>(
    batch: RowBatch,
    name: DataFileName,
    { abortSignal }: AppendContext,
    work: (file: DirectoryFile) => Promise<T>,
  ): Promise<T> {
    const target = this.#path(batch, name);
    await makePrivateFolder(path.dirname(target));
    const lock = await FileLock.acquire(target, { abortSignal, makeLink: this.#makeLink });
    const file = new DirectoryFile(target, name, lock);
    try {
      if (lock.isSuccession || !this.#swept.has(target)) {
        await lock.sweep().catch(() => undefined);
        this.#swept.add(target);
      }
      return await work(file);
    } finally {
      await lock.release(file.isWhole);
    }
  }

  #tellTaken(file: string): void {
    if (!this.#taken.has(file)) {
      this.#taken.add(file);
      this.#onNameTaken?.(file);
    }
  }

  #remember(key: string, batch: RowBatch, name: DataFileName): void {
    const day = Date.parse(batch.day);
    for (const [other, known] of this.#names) {
      if (Math.abs(known.day - day) > KEPT_MS) {
        this.#names.delete(other);
        this.#swept.clear();
      }
    }
    this.#names.set(key, { day, name });
  }

  #path(batch: RowBatch, name: DataFileName): string {
    const { files } = batch.schema;
    return path.join(this.name, files.root, files.path(batch, name));
  }
}

/** What a blob can be called, a folder need not: a letter outside of ASCII takes several bytes. */
function checkFolders(folders: string): void {
  for (const folder of folders.split('/')) {
    if (Buffer.byteLength(folder) > MAX_NAME_BYTES) {
      throw new ValidationError({
        path: 'a part of the path of the stream',
        expected: `at most ${MAX_NAME_BYTES} bytes long as UTF-8, because it is the name of a folder`,
        received: folder,
      });
    }
  }
}
