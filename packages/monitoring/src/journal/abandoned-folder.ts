import type { JsonValue } from '@azureml-ts/common';
import type { BatchKey, EncodedSlice } from '../engine/batch.ts';
import type { StreamIdentity } from '../format/blob-path.ts';
import type { Intent } from './file-state.ts';
import { isTakenError, tryUpdate } from './file-update.ts';
import type { HeldFolder } from './held-folder.ts';
import type { JournalFile, Note } from './journal-file.ts';
import type { AbandonedFile, AbandonedJournal, JournalCounters } from './journal-types.ts';
import { readSlices } from './read-slices.ts';
import type { Troubles } from './troubles.ts';

/** Parts of {@link AbandonedSlices}. */
export interface AbandonedSlicesOptions {
  /** Which file. */
  readonly key: BatchKey;
  /** Rows that wait. */
  readonly rowCount: number;
  /** What is on disk of it. */
  readonly file: JournalFile;
  /** The folder it is in. */
  readonly folder: HeldFolder;
  /** Told when the disk refuses. */
  readonly troubles: Troubles;
  /** Latest counters by day. */
  readonly counters: ReadonlyMap<string, JournalCounters>;
}

/** See {@link AbandonedFile}. */
export class AbandonedSlices implements AbandonedFile {
  readonly #options: AbandonedSlicesOptions;
  /** See {@link AbandonedFile.intent}. */
  readonly intent: Intent | undefined;

  /** @param options Its parts. */
  constructor(options: AbandonedSlicesOptions) {
    this.#options = options;
    this.intent = options.file.state.intent;
  }

  /** See {@link AbandonedFile.key}. */
  get key(): BatchKey {
    return this.#options.key;
  }

  /** See {@link AbandonedFile.rowCount}. */
  get rowCount(): number {
    return this.#options.rowCount;
  }

  /** Whether nothing of it waits any more. */
  get isDone(): boolean {
    return this.#options.file.isDone;
  }

  /** See {@link AbandonedFile.slices}. */
  async *slices(): AsyncGenerator<EncodedSlice> {
    const { file, folder } = this.#options;
    for (const segment of [...file.segments]) {
      const range = { path: folder.file(segment.name), start: segment.start, end: segment.byteLength };
      try {
        yield* readSlices(range, (sequence) => file.isWaiting(sequence));
      } catch (error) {
        if (!folder.isHeld()) {
          throw folder.taken();
        }
        // Removed since, because nothing in it waited any more.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || file.isWaiting(segment.first, segment.last)) {
          throw error;
        }
      }
    }
  }

  /** See {@link FileLog.intend}. */
  async intend(first: number, last: number, intent: JsonValue): Promise<void> {
    const error = this.#update((file) => file.intend(first, last, intent));
    if (error !== undefined) {
      throw error;
    }
  }

  /** See {@link FileLog.acknowledge}. */
  async acknowledge(through: number): Promise<void> {
    await this.#note((file) => file.acknowledge(through, this.#counts()));
  }

  /** See {@link FileLog.skip}. */
  async skip(first: number, last: number): Promise<void> {
    await this.#note((file) => file.skip(first, last, this.#counts()));
  }

  /** Whoever comes next must find the counts also when the slices that they came with are gone. */
  #counts(): Note | undefined {
    const { key, counters } = this.#options;
    const known = counters.get(key.day);
    return known && { number: 0, counters: { day: key.day, ...known } };
  }

  /** Tries again what the disk refused before. */
  settle(): void {
    this.#update((file) => file.settle());
  }

  /** What the disk refuses now is tried again with the next update. */
  async #note(update: (file: JournalFile) => void): Promise<void> {
    const error = this.#update(update);
    if (isTakenError(error)) {
      throw error;
    }
    await this.#options.folder.discarded();
  }

  #update(update: (file: JournalFile) => void) {
    const { file, folder, troubles } = this.#options;
    return file.isRemoved ? undefined : tryUpdate(folder, troubles, () => update(file));
  }
}

/** Parts of {@link AbandonedFolder}. */
export interface AbandonedFolderOptions {
  /** The folder. */
  readonly folder: HeldFolder;
  /** The writer that left it. */
  readonly writer: string;
  /** What its rows are called. */
  readonly stream: StreamIdentity | undefined;
  /** Its files. */
  readonly files: readonly AbandonedSlices[];
  /** Latest counters by day. */
  readonly counters: Map<string, JournalCounters>;
  /** Called when it is not held any more. */
  readonly onReleased: (folder: AbandonedFolder) => void;
}

/** See {@link AbandonedJournal}. */
export class AbandonedFolder implements AbandonedJournal {
  /** The folder itself. */
  readonly held: HeldFolder;
  /** See {@link AbandonedJournal.writer}. */
  readonly writer: string;
  /** See {@link AbandonedJournal.stream}. */
  readonly stream: StreamIdentity | undefined;
  /** See {@link AbandonedJournal.files}. */
  readonly files: readonly AbandonedSlices[];
  /** See {@link AbandonedJournal.counters}. */
  readonly counters: Map<string, JournalCounters>;
  readonly #onReleased: (folder: AbandonedFolder) => void;
  #isOver = false;

  /** @param options Its parts. */
  constructor(options: AbandonedFolderOptions) {
    this.held = options.folder;
    this.writer = options.writer;
    this.stream = options.stream;
    this.files = options.files;
    this.counters = options.counters;
    this.#onReleased = options.onReleased;
  }

  /** See {@link AbandonedJournal.refuse}. */
  refuse(day: string, rowCount: number): void {
    const known = this.counters.get(day);
    if (known !== undefined) {
      const { dropped } = known;
      this.counters.set(day, { ...known, dropped: { ...dropped, failed: (dropped['failed'] ?? 0) + rowCount } });
    }
  }

  /** See {@link AbandonedJournal.release}. */
  async release(keepCounters = false): Promise<void> {
    await this.held.discarded();
    this.end(keepCounters);
  }

  /** Removes the folder when nothing in it waits, slices or counts; else leaves it to others. Never throws. */
  end(keepCounters: boolean): void {
    if (this.#isOver) {
      return;
    }
    this.#isOver = true;
    for (const file of this.files) {
      file.settle();
    }
    if (this.files.every((file) => file.isDone) && !(keepCounters && this.counters.size > 0)) {
      this.held.remove();
    } else {
      this.held.release();
    }
    this.#onReleased(this);
  }
}
