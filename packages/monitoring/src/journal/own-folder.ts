import { createHash } from 'node:crypto';
import path from 'node:path';
import { type BatchKey, type EncodedSlice, keyText } from '../engine/batch.ts';
import type { StreamIdentity } from '../format/blob-path.ts';
import { sliceFrame } from './frame.ts';
import { HeldFolder } from './held-folder.ts';
import { JournalFile } from './journal-file.ts';
import { type JournalPlace, readJson, writeJson } from './journal-place.ts';
import type { JournalCounters } from './journal-types.ts';
import { isOwnerId, newOwnerId, type ProcessIdentity } from './process-identity.ts';
import { readStream } from './segment-owner.ts';

/** Size at which a new segment is begun, in bytes, when the limit of the journal allows it. */
const SEGMENT_BYTES = 4_194_304;
/** What a slice takes on disk beside its lines, when its file has no long names; more when it is the first. */
const SLICE_EXTRA_BYTES = 1_024;
const FILE_EXTRA_BYTES = 8_192;

const OWNER_FILE = 'owner.json';

/** Who made a folder, and for what. */
export interface FolderOwner {
  /** The name it had then. */
  readonly id: string;
  /** First part of the ids of the calls. */
  readonly writer: string;
  /** What the rows are called. */
  readonly stream: StreamIdentity;
}

/** Settings of {@link OwnFolder}. */
export interface OwnFolderOptions {
  /** Where it is made. */
  readonly place: JournalPlace;
  /** Who holds it. */
  readonly identity: ProcessIdentity;
  /** First part of the ids of the calls. */
  readonly writer: string;
  /** What the rows are called. */
  readonly stream: StreamIdentity;
  /** Address of the store. */
  readonly storage: string;
  /** Most bytes in it. */
  readonly maxBytes: number;
}

/** The folder that a journal writes to. */
export class OwnFolder {
  /** The folder itself. */
  readonly held: HeldFolder;
  readonly #options: OwnFolderOptions;
  readonly #files = new Map<string, JournalFile>();

  /**
   * Makes it.
   *
   * @param options Settings.
   * @throws What the file system says, or {@link JournalPlace.open}.
   */
  constructor(options: OwnFolderOptions) {
    const { place, identity, writer, stream, storage } = options;
    const id = newOwnerId(identity);
    this.#options = options;
    this.held = HeldFolder.create(place, id);
    try {
      writeJson(this.held.file(OWNER_FILE), { id, writer, storage, stream, identity });
    } catch (error) {
      this.held.remove();
      throw error;
    }
  }

  /** The file of rows with this text of its key. */
  file(text: string): JournalFile | undefined {
    return this.#files.get(text);
  }

  /** The last slice of each file that has one. */
  get lastNumbers(): ReadonlyMap<string, number> {
    return new Map([...this.#files].map(([text, file]) => [text, file.lastNumber]));
  }

  /**
   * Writes a slice.
   *
   * @returns `known` when it is there already, `late` when later ones are: their order is what acknowledging stands on.
   * @throws What the file system says; nothing of the slice is left then.
   */
  write(
    key: BatchKey,
    slice: EncodedSlice,
    counters: JournalCounters,
  ): 'durable' | 'known' | 'late' | 'full' | 'taken' {
    const text = keyText(key);
    let file = this.#files.get(text);
    if (slice.sequence <= (file?.lastNumber ?? 0)) {
      return file?.isWaiting(slice.sequence) === true ? 'known' : 'late';
    }
    const extraBytes = SLICE_EXTRA_BYTES + 2 * key.schema.header.length + (file === undefined ? FILE_EXTRA_BYTES : 0);
    if (!this.#hasRoom(slice.byteLength + extraBytes)) {
      return 'full';
    }
    try {
      if (file === undefined) {
        file = JournalFile.create(this.held, fileName(text));
        this.#files.set(text, file);
      }
      const segmentBytes = Math.min(SEGMENT_BYTES, Math.ceil(this.#options.maxBytes / 8));
      file.append(sliceFrame(slice, counters), { writer: this.#options.writer, key }, segmentBytes);
    } catch (error) {
      if (!this.held.isHeld()) {
        return 'taken';
      }
      throw error;
    }
    // What was written before the folder was renamed, whoever took it reads.
    return this.held.isHeld() ? 'durable' : 'taken';
  }

  /** The ledger has the counts of a day that were noted up to this note. */
  accounted(day: string, through: number): void {
    for (const file of this.#files.values()) {
      file.accounted(day, through);
    }
    this.tidy();
  }

  /** Forgets the files of which nothing is left. */
  tidy(): void {
    for (const [text, file] of this.#files) {
      if (file.isRemoved) {
        this.#files.delete(text);
      }
    }
  }

  /** Closes what is open. */
  close(): void {
    for (const file of this.#files.values()) {
      file.close();
    }
  }

  /** Closes it and removes it, or leaves it to others when something in it waits: slices, or counts. Never throws. */
  end(): void {
    this.close();
    for (const file of this.#files.values()) {
      try {
        file.settle();
      } catch {
        // Whoever finds the folder sees what is noted.
      }
    }
    this.tidy();
    if (this.#files.size === 0) {
      this.held.remove();
    } else {
      this.held.release();
    }
  }

  #hasRoom(bytes: number): boolean {
    let used = 0;
    for (const file of this.#files.values()) {
      used += file.byteLength;
    }
    return used + bytes <= this.#options.maxBytes;
  }
}

/**
 * Reads who made a folder; `undefined` when that is not known any more.
 *
 * @param folder Its path.
 * @throws What the file system says.
 */
export function readFolderOwner(folder: string): FolderOwner | undefined {
  const owner = readJson(path.join(folder, OWNER_FILE)) as Partial<FolderOwner> | null | undefined;
  const stream = readStream(owner?.stream);
  if (
    typeof owner?.id !== 'string' ||
    !isOwnerId(owner.id) ||
    typeof owner.writer !== 'string' ||
    stream === undefined
  ) {
    return undefined;
  }
  return { id: owner.id, writer: owner.writer, stream };
}

function fileName(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
