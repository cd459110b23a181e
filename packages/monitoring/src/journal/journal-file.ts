import fs from 'node:fs';
import type { JsonValue } from '@azureml-ts/common';
import { segmentName, stateName } from './file-names.ts';
import { type FileState, INITIAL_STATE, indexFrom, withAcknowledged, withSkipped } from './file-state.ts';
import type { SliceFrame } from './frame.ts';
import type { HeldFolder } from './held-folder.ts';
import type { DayCounters } from './journal-types.ts';
import type { SegmentOwner } from './segment-owner.ts';
import { SegmentWriter } from './segment-writer.ts';
import { StateFile } from './state-file.ts';

/** A segment on disk. */
export interface Segment {
  /** Its name. */
  readonly name: string;
  /** Where its first slice that waits begins. */
  readonly start: number;
  /** Number of its first slice; meaningless while it has none. */
  first: number;
  /** Number of its last slice; 0 while it has none. */
  last: number;
  /** Bytes of it that can be read. */
  byteLength: number;
  /** Where it is kept, when it holds rows that cannot be read. */
  readonly keepAt?: string | undefined;
}

/** Counts that are noted together with what became of slices. */
export interface Note {
  /** Number of the note in its journal. */
  readonly number: number;
  readonly counters: DayCounters;
}

/** Parts of {@link JournalFile}. */
export interface JournalFileOptions {
  /** The folder it is in. */
  readonly folder: HeldFolder;
  /** Start of the names of its files. */
  readonly name: string;
  /** What is known of its slices. */
  readonly state: FileState;
  /** Where that stands. */
  readonly stateFile: StateFile;
  /** Its segments, in order. */
  readonly segments: readonly Segment[];
  /** Numbers of the slices that wait, ascending. */
  readonly waiting: readonly number[];
}

/**
 * The slices of one file of rows in one journal folder. Everything is synchronous, so that no two updates meet.
 *
 * Every update throws what the file system says, and AzuremlError `JOURNAL_TAKEN` when the folder was taken over.
 */
export class JournalFile {
  readonly #folder: HeldFolder;
  readonly #name: string;
  readonly #stateFile: StateFile;
  readonly #waiting: number[];
  #segments: Segment[];
  #state: FileState;
  #isSaved = true;
  #isRemoved = false;
  #writer: SegmentWriter | undefined;
  #count = 0;
  #lastNumber = 0;
  #lastNote = 0;

  /** @param options Its parts. */
  constructor(options: JournalFileOptions) {
    this.#folder = options.folder;
    this.#name = options.name;
    this.#state = options.state;
    this.#stateFile = options.stateFile;
    this.#segments = [...options.segments];
    this.#waiting = [...options.waiting];
  }

  /** Makes a new one. Its state is on disk from the start: acknowledging then needs no room on a disk that is full. */
  static create(folder: HeldFolder, name: string): JournalFile {
    const stateFile = StateFile.create(folder.file(stateName(name)), INITIAL_STATE);
    return new JournalFile({ folder, name, state: INITIAL_STATE, stateFile, segments: [], waiting: [] });
  }

  /** Bytes on disk. */
  get byteLength(): number {
    let bytes = this.#stateFile.byteLength;
    for (const segment of this.#segments) {
      bytes += segment.byteLength;
    }
    return bytes;
  }

  /** What is known of its slices. */
  get state(): FileState {
    return this.#state;
  }

  /** Its segments, in order. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** Number of the last slice that was appended; 0 for none. */
  get lastNumber(): number {
    return this.#lastNumber;
  }

  /** Whether no slice of it is left on disk. */
  get isDone(): boolean {
    return this.#segments.length === 0;
  }

  /** Whether nothing of it is left on disk. */
  get isRemoved(): boolean {
    return this.#isRemoved;
  }

  /** Whether one of these slices is on disk and waits. */
  isWaiting(first: number, last = first): boolean {
    return (this.#waiting[indexFrom(this.#waiting, first)] ?? Number.POSITIVE_INFINITY) <= last;
  }

  /**
   * Writes a slice at the end. Whether the folder is still held is for the caller to ask.
   *
   * @param frame The slice.
   * @param owner Whose it is.
   * @param segmentBytes Size at which a new segment is begun.
   */
  append(frame: SliceFrame, owner: SegmentOwner, segmentBytes: number): void {
    if (this.#writer?.isUsable !== true || this.#writer.byteLength >= segmentBytes) {
      this.#begin(owner);
    }
    const writer = this.#writer as SegmentWriter;
    const segment = this.#segments.at(-1) as Segment;
    writer.append(frame);
    segment.byteLength = writer.byteLength;
    segment.first = segment.last === 0 ? frame.sequence : segment.first;
    segment.last = frame.sequence;
    this.#lastNumber = frame.sequence;
    this.#waiting.push(frame.sequence);
  }

  /** Keeps what is about to be done. */
  intend(first: number, last: number, value: JsonValue): void {
    const before = this.#state;
    this.#state = { ...before, intent: { first, last, value } };
    try {
      this.#save();
    } catch (error) {
      this.#state = before;
      throw error;
    }
  }

  /** The slices up to this one are stored or given up. */
  acknowledge(through: number, note?: Note): void {
    this.#state = withAcknowledged(this.#state, through);
    this.#note(note);
    this.#waiting.splice(0, indexFrom(this.#waiting, through + 1));
    this.#save();
    this.sweep();
  }

  /** These slices are given up. */
  skip(first: number, last: number, note?: Note): void {
    const from = indexFrom(this.#waiting, first);
    this.#waiting.splice(from, indexFrom(this.#waiting, last + 1) - from);
    this.#state = withSkipped(this.#state, first, last, this.#waiting);
    this.#note(note);
    this.#save();
    this.sweep();
  }

  /** The ledger has the counts of a day that were noted up to this note. */
  accounted(day: string, through: number): void {
    if (this.#state.counters?.day === day && this.#lastNote <= through) {
      // On disk they may stay until something else is noted: said twice, they do no harm.
      this.#state = { ...this.#state, counters: undefined };
      this.#removeState();
    }
  }

  /** Tries again what a disk refused before. */
  settle(): void {
    if (!this.#isSaved) {
      this.#save();
    }
    this.sweep();
  }

  /** Puts the state out of reach of those who had it open. */
  renewState(): void {
    this.#stateFile.renew(this.#state);
  }

  /** Removes the segments in which nothing waits. The state must be saved. */
  sweep(): void {
    for (const segment of [...this.#segments]) {
      if (!this.isWaiting(segment.first, segment.last)) {
        this.#remove(segment);
      }
    }
    this.#state = {
      ...this.#state,
      skipped: this.#state.skipped.filter(([from, to]) =>
        this.#segments.some(({ first, last }) => from <= last && first <= to),
      ),
    };
    this.#removeState();
  }

  /** Closes what is open; the files stay. */
  close(): void {
    this.#writer?.close();
    this.#writer = undefined;
  }

  #note(note: Note | undefined): void {
    if (note !== undefined) {
      this.#state = { ...this.#state, counters: note.counters };
      this.#lastNote = note.number;
    }
  }

  /** What was noted goes last: with it goes what the ledger is written from. */
  #removeState(): void {
    if (this.isDone && this.#state.counters === undefined) {
      fs.rmSync(this.#stateFile.path, { force: true });
      this.#isRemoved = true;
    }
  }

  #begin(owner: SegmentOwner): void {
    this.close();
    this.#count += 1;
    const name = segmentName(this.#name, this.#count);
    this.#writer = SegmentWriter.create(this.#folder.file(name), owner);
    const { byteLength } = this.#writer;
    this.#segments.push({ name, start: byteLength, first: 0, last: 0, byteLength });
  }

  #save(): void {
    this.#isSaved = false;
    try {
      this.#stateFile.write(this.#state);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || !this.#folder.isHeld()) {
        throw error;
      }
      // Somebody has tidied up. What is known is known here.
      this.#stateFile.renew(this.#state);
    }
    // An update that was under way when the folder was taken can still have ended, but whoever took it has not seen it.
    if (!this.#folder.isHeld()) {
      throw this.#folder.taken();
    }
    this.#isSaved = true;
  }

  #remove(segment: Segment): void {
    if (segment === this.#segments.at(-1)) {
      this.close();
    }
    try {
      if (segment.keepAt === undefined) {
        this.#folder.discard(segment.name);
      } else {
        fs.renameSync(this.#folder.file(segment.name), segment.keepAt);
      }
    } catch (error) {
      // It is no longer there: all the better.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        throw error;
      }
    }
    this.#segments = this.#segments.filter((other) => other !== segment);
  }
}
