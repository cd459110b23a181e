import { AzuremlError, type Clock, type JsonValue } from '@azureml-ts/common';
import { type BatchKey, type EncodedSlice, keyText } from '../engine/batch.ts';
import type { StreamIdentity } from '../format/blob-path.ts';
import { Claims } from './claims.ts';
import { isTakenError, tryUpdate } from './file-update.ts';
import { Heartbeat } from './heartbeat.ts';
import type { JournalFile, Note } from './journal-file.ts';
import { JournalPlace } from './journal-place.ts';
import type { AbandonedJournal, FileLog, Journal, JournalCounters, JournalWrite } from './journal-types.ts';
import { OwnFolder } from './own-folder.ts';
import { currentIdentity, type ProcessIdentity } from './process-identity.ts';
import { Refusal } from './refusal.ts';
import { type LostFolder, settleTaken } from './settle-taken.ts';
import { type JournalTrouble, Troubles } from './troubles.ts';

export { defaultJournalDirectory } from './journal-place.ts';

/** Settings of {@link RowJournal}. */
export interface RowJournalOptions {
  /** Folder of all journals. It is made when it is not there. */
  readonly directory: string;
  /** Most bytes that this journal takes there. */
  readonly maxBytes: number;
  /** Address of the store, without secrets: rows are only ever sent to the one that they were collected for. */
  readonly storage: string;
  /** First part of the ids of the calls, new at every start. */
  readonly writer: string;
  /** What the rows are called. */
  readonly stream: StreamIdentity;
  /** The time. */
  readonly clock: Clock;
  /** Told once of each thing that cannot be done. */
  readonly onTrouble: (trouble: JournalTrouble) => void;
  /** Who this thread is. Default: what the system says. */
  readonly identity?: ProcessIdentity | undefined;
  /**
   * After how long without a sign of life a process of another machine, container or thread counts as dead, in
   * milliseconds. Default 60,000.
   */
  readonly staleAfterMs?: number | undefined;
  /** For how long rows of another stream must have been abandoned, in milliseconds. Default 15,000. */
  readonly otherStreamsAfterMs?: number | undefined;
}

/**
 * Keeps the rows of one collector in files until they are stored, so that they survive the end of the process, and finds
 * those that dead processes left. {@link JournalPlace} tells what the files are.
 *
 * Nothing is read or written before the first slice or look for others. No method throws because of the disk, except
 * that what is about to be done must have been noted.
 */
export class RowJournal implements Journal {
  readonly #options: RowJournalOptions;
  readonly #place: JournalPlace;
  readonly #troubles: Troubles;
  readonly #heartbeat: Heartbeat;
  readonly #refusal: Refusal;
  readonly #closing = new AbortController();
  /** By text of the key, slices up to this one were in folders that were taken. */
  readonly #passedOn = new Map<string, number>();
  #identity: ProcessIdentity | undefined;
  #claims: Claims | undefined;
  #own: OwnFolder | undefined;
  #lost: LostFolder | undefined;
  #settling: Promise<ReadonlyMap<string, number>> | undefined;
  #claiming: Promise<readonly AbandonedJournal[]> | undefined;
  #isDurable = true;
  #highest = 0;
  #notes = 0;
  /** After a new start: slices up to this one are written again before newer ones. */
  #againThrough: number | undefined;

  /** @param options Settings. */
  constructor(options: RowJournalOptions) {
    this.#options = options;
    this.#place = new JournalPlace(options.directory, options.storage);
    this.#troubles = new Troubles(options.directory, options.onTrouble);
    this.#heartbeat = new Heartbeat(options.clock);
    this.#refusal = new Refusal(options.clock);
  }

  /** See {@link Journal.state}. */
  get state(): 'disk' | 'memory' {
    return this.#isDurable ? 'disk' : 'memory';
  }

  /** See {@link Journal.write}. */
  write(key: BatchKey, slice: EncodedSlice, counters: JournalCounters): JournalWrite {
    const outcome = this.#write(key, slice, counters);
    this.#highest = Math.max(this.#highest, slice.sequence);
    if (outcome !== 'taken') {
      this.#isDurable = outcome === 'durable';
    }
    return outcome;
  }

  /** See {@link Journal.file}. */
  file(key: BatchKey, counters?: () => JournalCounters): FileLog {
    const text = keyText(key);
    const note = () => (counters === undefined ? undefined : this.#newNote(key.day, counters()));
    return {
      intend: async (first, last, intent) => this.#intend(text, first, last, intent),
      acknowledge: (through) => this.#note(text, (file) => file.acknowledge(through, note())),
      skip: (first, last) => this.#note(text, (file) => file.skip(first, last, note())),
    };
  }

  /** See {@link Journal.notes}. */
  get notes(): number {
    return this.#notes;
  }

  /** See {@link Journal.accounted}. */
  accounted(day: string, through: number): void {
    const own = this.#own;
    if (own !== undefined) {
      this.#update(own, () => own.accounted(day, through));
    }
  }

  /** See {@link Journal.settleTaken}. Takes some seconds at most. */
  settleTaken(): Promise<ReadonlyMap<string, number>> {
    this.#settling ??= this.#settle().finally(() => {
      this.#settling = undefined;
    });
    return this.#settling;
  }

  /** See {@link Journal.claim}. Never rejects; a second call while the first runs joins it. */
  claim(): Promise<readonly AbandonedJournal[]> {
    this.#claiming ??= this.#claim().finally(() => {
      this.#claiming = undefined;
    });
    return this.#claiming;
  }

  /** See {@link Journal.release}. */
  release(): void {
    this.#closing.abort();
    this.#claims?.end();
    const own = this.#own;
    this.#own = undefined;
    if (own !== undefined) {
      this.#heartbeat.remove(own.held);
      own.end();
    }
  }

  /** See {@link Journal.close}. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled([this.#settling, this.#claiming, this.#own?.held.discarded()]);
    this.release();
  }

  get #me(): ProcessIdentity {
    this.#identity ??= this.#options.identity ?? currentIdentity();
    return this.#identity;
  }

  #write(key: BatchKey, slice: EncodedSlice, counters: JournalCounters): JournalWrite {
    if (this.#closing.signal.aborted || this.#refusal.isFresh) {
      return 'memory';
    }
    if (this.#lost !== undefined || this.#isBeforeItsTurn(slice.sequence)) {
      return 'taken';
    }
    try {
      const own = this.#open();
      return own === undefined ? 'memory' : this.#writeTo(own, key, slice, counters);
    } catch (error) {
      this.#refuse(error);
      return 'memory';
    }
  }

  #writeTo(own: OwnFolder, key: BatchKey, slice: EncodedSlice, counters: JournalCounters): JournalWrite {
    const outcome = own.write(key, slice, counters);
    if (outcome === 'taken') {
      this.#lose(own);
      return 'taken';
    }
    if (outcome === 'full') {
      this.#troubles.full(this.#options.maxBytes);
      return 'memory';
    }
    this.#refusal.isOver();
    this.#troubles.passed('write', 'full');
    return outcome === 'late' ? 'memory' : 'durable';
  }

  /** A slice that comes between a new start and the older ones that are written again must come after them. */
  #isBeforeItsTurn(sequence: number): boolean {
    if (this.#againThrough === undefined) {
      return false;
    }
    const isBefore = sequence > this.#againThrough;
    this.#againThrough = isBefore ? sequence : undefined;
    return isBefore;
  }

  #open(): OwnFolder | undefined {
    if (this.#own !== undefined || this.#lost !== undefined || this.#refusal.isFresh) {
      return this.#own;
    }
    try {
      const { writer, stream, storage, maxBytes } = this.#options;
      this.#own = new OwnFolder({ place: this.#place, identity: this.#me, writer, stream, storage, maxBytes });
      this.#heartbeat.add(this.#own.held);
    } catch (error) {
      this.#refuse(error);
    }
    return this.#own;
  }

  #refuse(error: unknown): void {
    this.#isDurable = false;
    this.#refusal.begin();
    this.#troubles.cannotWrite(error);
  }

  #newNote(day: string, counters: JournalCounters): Note {
    this.#notes += 1;
    return { number: this.#notes, counters: { day, ...counters } };
  }

  #intend(text: string, first: number, last: number, intent: JsonValue): void {
    const own = this.#own;
    const file = own?.file(text);
    if (own === undefined || file?.isWaiting(first, last) !== true) {
      // What was never written comes never again. What somebody else has must not be sent from here.
      if (this.#lost !== undefined || this.#closing.signal.aborted || first <= (this.#passedOn.get(text) ?? 0)) {
        throw notOurs();
      }
      return;
    }
    const error = this.#update(own, () => file.intend(first, last, intent));
    if (error !== undefined) {
      throw error;
    }
  }

  async #note(text: string, update: (file: JournalFile) => void): Promise<void> {
    if (this.#lost !== undefined) {
      throw notOurs();
    }
    const own = this.#own;
    const file = own?.file(text);
    if (own === undefined || file === undefined) {
      return;
    }
    const error = this.#update(own, () => update(file));
    own.tidy();
    if (isTakenError(error)) {
      throw error;
    }
    await own.held.discarded();
  }

  #update(own: OwnFolder, update: () => void): AzuremlError | undefined {
    const error = tryUpdate(own.held, this.#troubles, update);
    if (isTakenError(error)) {
      this.#lose(own);
    }
    return error;
  }

  #lose(own: OwnFolder): void {
    this.#own = undefined;
    this.#heartbeat.remove(own.held);
    own.close();
    own.held.forget();
    this.#lost = { id: own.held.id, lastNumbers: own.lastNumbers };
    for (const [text, last] of own.lastNumbers) {
      this.#passedOn.set(text, Math.max(last, this.#passedOn.get(text) ?? 0));
    }
    this.#troubles.taken(own.held.path);
  }

  async #settle(): Promise<ReadonlyMap<string, number>> {
    const lost = this.#lost;
    const { clock } = this.#options;
    const parts = { place: this.#place, identity: this.#me, clock, abortSignal: this.#closing.signal };
    const limits = lost === undefined ? new Map<string, number>() : await settleTaken(lost, parts);
    this.#lost = undefined;
    if (lost !== undefined || this.#againThrough !== undefined) {
      this.#againThrough = this.#highest;
    }
    return limits;
  }

  async #claim(): Promise<readonly AbandonedJournal[]> {
    const { signal } = this.#closing;
    if (signal.aborted) {
      return [];
    }
    const own = this.#open()?.held;
    this.#claims ??= new Claims({
      ...this.#options,
      place: this.#place,
      identity: this.#me,
      heartbeat: this.#heartbeat,
      troubles: this.#troubles,
      abortSignal: signal,
    });
    return this.#claims.claim(own);
  }
}

function notOurs(): AzuremlError {
  const message = 'Another process has taken over the journal of these rows, and stores them.';
  return new AzuremlError('JOURNAL_TAKEN', message, { retryable: true });
}
