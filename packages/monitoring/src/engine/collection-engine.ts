import { AzuremlError, type TimerHandle, waitAtMost } from '@azureml-ts/common';
import type { StreamIdentity, UtcDay } from '../format/blob-path.ts';
import type { JournalCounters } from '../journal/journal-types.ts';
import type { AppendOutcome, RowSink } from '../sinks/row-sink.ts';
import { type BatchKey, keyText } from './batch.ts';
import { Delivery } from './delivery.ts';
import type { EngineOptions, Leftovers } from './engine-options.ts';
import { FileQueue, isTaken } from './file-queue.ts';
import { handOver, isWritten } from './hand-over.ts';
import { type Leaving, NO_RUNS, sizeOf } from './queued-slice.ts';
import { type EncodedCalls, RowFile, type WaitingCall } from './row-file.ts';
import type { RowLayout } from './row-layout.ts';
import { describeFailure } from './store-failure.ts';

/** How long rows wait as cells at most. */
const ENCODE_AFTER_MS = 100;
/** How long closing waits for an append that does not answer to its abort. */
const LAST_APPEND_MS = 1_000;

/** What tells the file of a call beside its day and its columns. */
export interface CallPlace {
  /** UTC hour of the scoring, two digits, in layouts with a folder an hour. */
  readonly hour?: string | undefined;
  /** What the rows are called, where that is not what the engine's rows are called. */
  readonly stream?: StreamIdentity | undefined;
}

const NO_PLACE: CallPlace = {};

/**
 * The way of a row from `collect` to the store: kept as cells, encoded in slices, framed in the journal, batched by size
 * and time, stored file by file, tried again until it succeeds or the collector closes.
 */
export class CollectionEngine {
  readonly #options: EngineOptions;
  readonly #files = new Map<string, RowFile>();
  readonly #delivery: Delivery;
  readonly #closing = new AbortController();
  readonly #waitingForRoom = new Set<() => void>();
  #current: RowFile | undefined;
  #sequence = 0;
  /** Rows and bytes of all files, whether as cells or encoded. */
  #rows = 0;
  #bytes = 0;
  #handedOverRows = 0;
  #encodeTimer: TimerHandle | undefined;
  #settling: Promise<void> | undefined;

  /** @param options Settings. */
  constructor(options: EngineOptions) {
    this.#options = options;
    this.#delivery = new Delivery({
      closing: this.#closing.signal,
      clock: options.clock,
      random: options.random,
      onFailure: options.onFailure,
      onTaken: () => this.#settleTaken(),
      settling: () => this.#settling,
    });
  }

  /** Rows that are not acknowledged yet. */
  get pendingRows(): number {
    return this.#rows + this.#handedOverRows;
  }

  /** Bytes that these rows take in memory; cells count with their estimate. */
  get pendingBytes(): number {
    return this.#bytes;
  }

  /** Whether so many more bytes fit in memory. */
  hasRoom(bytes: number): boolean {
    return this.#bytes + bytes <= this.#options.maxBufferBytes;
  }

  /** Makes room by dropping the oldest rows that are not on their way; tells whether there is enough. */
  dropOldest(bytes: number): boolean {
    if (bytes > this.#options.maxBufferBytes) {
      return false;
    }
    while (!this.hasRoom(bytes)) {
      const file = this.#fileOfOldest();
      if (file?.queue.dropOldest() === true) {
        continue;
      }
      if (this.#rowsAsCells() === 0) {
        return false;
      }
      // Only now: encoding call by call would make slices of one row each.
      this.encode();
    }
    return true;
  }

  /**
   * Takes the rows of one call; the caller has asked {@link hasRoom}.
   *
   * @param day UTC day of the scoring.
   * @param schema Their columns, and how they are written.
   * @param call The call.
   * @param estimatedBytes About how many bytes they will be.
   * @param place What else their file is told by: the hour in layouts with a folder an hour, and their stream where it is
   *   not that of the engine.
   */
  add(day: UtcDay, schema: RowLayout, call: WaitingCall, estimatedBytes: number, place: CallPlace = NO_PLACE): void {
    const rowCount = call.rows.length;
    if (rowCount === 0) {
      return;
    }
    let file = this.#current;
    const { hour, stream = this.#options.stream } = place;
    if (
      file === undefined ||
      file.key.schema !== schema ||
      file.key.day !== day ||
      file.key.hour !== hour ||
      file.key.stream !== stream
    ) {
      file = this.#fileOf({ stream, day, hour, schema });
      this.#current = file;
    }
    // Counted first: whoever is told of something meanwhile finds numbers that agree.
    this.#rows += rowCount;
    this.#bytes += estimatedBytes;
    if (file.isFullFor(rowCount)) {
      this.#encode(file, rowCount);
    }
    file.calls.push(call);
    file.rowCount += rowCount;
    file.bytes += estimatedBytes;
    if (file.isFull || this.#completesBatch(file)) {
      this.#encode(file);
    } else if (this.#encodeTimer === undefined) {
      this.#encodeSoon();
    }
    if (file.timer === undefined) {
      this.#startTimer(file);
    }
  }

  /** Turns waiting cells into bytes, and frames them in the journal. Synchronous: it also runs when the process exits. */
  encode(): void {
    for (const file of this.#files.values()) {
      this.#encode(file);
    }
  }

  /** Whether everything that waits survives the end of the process; encodes it first. */
  makeDurable(): boolean {
    this.encode();
    return [...this.#files.values()].every(({ queue }) => queue.entries.every((entry) => entry.isDurable));
  }

  /** Waits until something was stored, or the engine stops; starts storing now. */
  async waitForRoom(abortSignal: AbortSignal | undefined): Promise<void> {
    abortSignal?.throwIfAborted();
    const room = Promise.withResolvers<void>();
    this.#waitingForRoom.add(room.resolve);
    try {
      this.encode();
      this.#drainAll();
      await waitAtMost(room.promise, 'Room in the buffer', { abortSignal });
    } finally {
      this.#waitingForRoom.delete(room.resolve);
    }
  }

  /**
   * Stores everything that was added so far, trying again after passing faults.
   *
   * @param limit Ends the attempts, for example at a time limit.
   * @returns Why files could not be stored; empty when everything is.
   */
  flush(limit: AbortSignal): Promise<unknown[]> {
    this.encode();
    return this.#delivery.flush(this.#queues(), limit);
  }

  /** Stops for good. */
  async stop(): Promise<Leftovers> {
    this.#closing.abort(new AzuremlError('COLLECTOR_CLOSED', 'The collector was closed.'));
    this.#clearTimers();
    this.#tellRoom();
    this.encode();
    // An append that runs ends with the abort above, and only then is it known what was stored. A file system that hangs
    // cannot be aborted.
    const running = this.#queues()
      .filter(({ isBusy }) => isBusy)
      .map((queue) => queue.drain(undefined));
    await waitAtMost(Promise.allSettled(running), 'The last append', { timeoutMs: LAST_APPEND_MS }).catch(
      () => undefined,
    );
    return this.abandon();
  }

  /** Lets go of what is not stored, at once. */
  abandon(): Leftovers {
    this.encode();
    const lost: { day: UtcDay; leaving: Leaving }[] = [];
    let keptRows = this.#handedOverRows;
    for (const file of this.#files.values()) {
      const entries = file.queue.abandon();
      const { rowCount, byteLength } = sizeOf(entries);
      const leaving = sizeOf(entries.filter((entry) => !entry.isDurable));
      keptRows += rowCount - leaving.rowCount;
      this.#rows -= rowCount;
      this.#bytes -= byteLength;
      if (leaving.rowCount > 0) {
        lost.push({ day: file.key.day, leaving });
      }
    }
    // Kept rows are still pending, for whoever reads the statistics.
    this.#handedOverRows = keptRows;
    return { keptRows, lost };
  }

  /** A batch that is complete already, and waits for the store, is no reason to make slices of single calls. */
  #completesBatch({ queue, bytes }: RowFile): boolean {
    const { maxBatchBytes } = this.#options;
    return queue.byteLength < maxBatchBytes && queue.byteLength + bytes >= maxBatchBytes;
  }

  #rowsAsCells(): number {
    let count = 0;
    for (const file of this.#files.values()) {
      count += file.rowCount;
    }
    return count;
  }

  #queues(): FileQueue[] {
    return [...this.#files.values()].map(({ queue }) => queue);
  }

  #fileOf(key: BatchKey): RowFile {
    const text = keyText(key);
    let file = this.#files.get(text);
    if (file === undefined) {
      const { sink, journal, maxBatchBytes } = this.#options;
      const queue = new FileQueue({
        key,
        sink,
        // A store without a ledger never takes the counts.
        log: journal?.file(key, hasLedger(sink, key) ? () => this.#counters(key.day) : undefined),
        maxBatchBytes,
        events: {
          onStored: (leaving, outcome) => this.#stored(key, leaving, outcome),
          onRefused: (leaving, error) => {
            this.#release(leaving);
            this.#options.onRefused(key.day, leaving, describeFailure(error), error);
          },
          onDropped: (leaving) => {
            this.#release(leaving);
            this.#options.onDropped(key.day, leaving);
          },
          onLogFailed: (error) => {
            if (isTaken(error)) {
              void this.#settleTaken();
            }
          },
        },
      });
      file = new RowFile(key, queue);
      this.#files.set(text, file);
    }
    return file;
  }

  #fileOfOldest(): RowFile | undefined {
    let found: RowFile | undefined;
    for (const file of this.#files.values()) {
      if ((file.queue.oldest ?? Number.POSITIVE_INFINITY) < (found?.queue.oldest ?? Number.POSITIVE_INFINITY)) {
        found = file;
      }
    }
    return found;
  }

  /** `adding`: rows of a call that is being added to this file. */
  #encode(file: RowFile, adding = 0): void {
    const { rowCount, bytes } = file;
    if (rowCount === 0) {
      return;
    }
    const { key, queue } = file;
    let encoded: EncodedCalls;
    try {
      encoded = file.encodeCalls();
    } catch (error) {
      const leaving = { rowCount, byteLength: bytes, runs: NO_RUNS };
      this.#release(leaving);
      this.#options.onRefused(key.day, leaving, describeFailure(error), error);
      return;
    }
    this.#sequence += 1;
    const { pieces, byteLength, runs } = encoded;
    const slice = { sequence: this.#sequence, pieces, byteLength, rowCount };
    const { journal } = this.#options;
    const written = journal?.write(key, slice, this.#counters(key.day, adding));
    queue.push({ slice, isDurable: isWritten(written), runs, ownsPieces: true });
    this.#bytes += byteLength - bytes;
    if (written === 'taken') {
      void this.#settleTaken();
    }
    if (queue.byteLength >= this.#options.maxBatchBytes) {
      this.#delivery.start(queue);
    }
  }

  #stored(key: BatchKey, leaving: Leaving, outcome: AppendOutcome | undefined): void {
    if (outcome?.blocks !== undefined) {
      this.#files.get(keyText(key))?.budget.learn(outcome.blocks);
    }
    this.#release(leaving);
    const { rowCount: refused = 0, error } = outcome?.refused ?? {};
    this.#options.onStored(key.day, leaving.rowCount - refused);
    if (refused > 0) {
      const given = { rowCount: refused, byteLength: 0, runs: NO_RUNS };
      this.#options.onRefused(key.day, given, describeFailure(error), error);
    }
    const file = this.#files.get(keyText(key));
    if (file !== undefined && file.timer === undefined) {
      this.#forget(file);
    }
  }

  #counters(day: UtcDay, adding = 0): JournalCounters {
    let notInJournal = adding;
    for (const { key, rowCount, queue } of this.#files.values()) {
      if (key.day === day) {
        notInJournal += rowCount + queue.volatileRows;
      }
    }
    return this.#options.counters(day, notInJournal);
  }

  #release({ rowCount, byteLength }: Pick<Leaving, 'rowCount' | 'byteLength'>): void {
    this.#rows -= rowCount;
    this.#bytes -= byteLength;
    this.#tellRoom();
  }

  #tellRoom(): void {
    for (const tell of this.#waitingForRoom) {
      tell();
    }
    this.#waitingForRoom.clear();
  }

  #startTimer(file: RowFile): void {
    if (this.#closing.signal.aborted) {
      return;
    }
    const { clock, flushIntervalMs, random } = this.#options;
    const intervalMs = Math.max(flushIntervalMs, file.budget.leastIntervalMs(clock.now()));
    // Jitter, so that writers which were started together do not append together.
    file.timer = clock.setTimeout(
      () => {
        file.timer = undefined;
        this.#encode(file);
        file.queue.makeDue();
        this.#delivery.start(file.queue);
        this.#forget(file);
      },
      intervalMs * (0.9 + 0.2 * random()),
    );
  }

  /** A day that has passed leaves nothing behind. */
  #forget(file: RowFile): void {
    if (file.isEmpty && file !== this.#current) {
      this.#files.delete(keyText(file.key));
    }
  }

  /** Cells can hold on to the texts that they were cut from; bytes hold on to nothing. */
  #encodeSoon(): void {
    if (!this.#closing.signal.aborted) {
      this.#encodeTimer = this.#options.clock.setTimeout(() => {
        this.#encodeTimer = undefined;
        this.encode();
      }, ENCODE_AFTER_MS);
    }
  }

  #drainAll(): void {
    for (const file of this.#files.values()) {
      file.queue.makeDue();
      this.#delivery.start(file.queue);
    }
  }

  /**
   * Another process took our journal for that of a dead one. What it has read is its own; the rest is ours and is
   * written to a journal anew.
   */
  #settleTaken(): Promise<void> {
    this.#settling ??= this.#takeStock()
      .catch((error: unknown) => this.#options.onFailure(describeFailure(error), error))
      .finally(() => {
        this.#settling = undefined;
        for (const queue of this.#queues()) {
          this.#delivery.start(queue);
        }
      });
    return this.#settling;
  }

  async #takeStock(): Promise<void> {
    const { journal } = this.#options;
    if (journal === undefined) {
      return;
    }
    const handedOver = await handOver(this.#queues(), journal, (day) => this.#counters(day));
    this.#handedOverRows += handedOver.rowCount;
    this.#release(handedOver);
  }

  #clearTimers(): void {
    const { clock } = this.#options;
    for (const file of this.#files.values()) {
      if (file.timer !== undefined) {
        clock.clearTimeout(file.timer);
        file.timer = undefined;
      }
    }
    if (this.#encodeTimer !== undefined) {
      clock.clearTimeout(this.#encodeTimer);
      this.#encodeTimer = undefined;
    }
    this.#delivery.stop();
  }
}

function hasLedger({ record }: RowSink, { stream, day, schema }: BatchKey): boolean {
  return record !== undefined && schema.files.ledgerPath(stream, day) !== undefined;
}
