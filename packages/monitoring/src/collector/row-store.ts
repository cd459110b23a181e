import { type Clock, type Deadline, deadline, waitAtMost } from '@azureml-ts/common';
import { CollectionEngine } from '../engine/collection-engine.ts';
import type { Leftovers } from '../engine/engine-options.ts';
import type { Leaving } from '../engine/queued-slice.ts';
import { Recovery } from '../engine/recovery.ts';
import { FlushError } from '../errors.ts';
import type { StreamIdentity, UtcDay } from '../format/blob-path.ts';
import type { AbandonedJournal, Journal } from '../journal/journal-types.ts';
import type { RowSink } from '../sinks/row-sink.ts';
import type { CollectorReport } from './collector-report.ts';
import type { LedgerBook } from './ledger-book.ts';
import { LedgerWriter } from './ledger-writer.ts';
import type { CollectorStats, Statistics } from './statistics.ts';
import type { StoredCall } from './stored-call.ts';
import type { CollectorLimits } from './validate-options.ts';

/** Parts of {@link RowStore}. */
export interface RowStoreOptions {
  /** Where rows go. */
  readonly sink: RowSink;
  /** What the rows are called. */
  readonly stream: StreamIdentity;
  /** Sizes and times. */
  readonly limits: CollectorLimits;
  /** Which rows go when memory is full. */
  readonly onFull: 'dropNewest' | 'dropOldest';
  /** What survives the process, if anything. */
  readonly journal: Journal | undefined;
  /** First part of the ids of the calls. */
  readonly writer: string;
  /** Highest call number so far. */
  readonly lastCall: () => number;
  /** Gets the numbers. */
  readonly statistics: Statistics;
  /** Gets the numbers by day. */
  readonly book: LedgerBook;
  /** Says what is wrong. */
  readonly report: CollectorReport;
  /** The time. */
  readonly clock: Clock;
}

/** Keeps the rows of one collector until they are stored, however the process ends, and those that dead ones left. */
export class RowStore {
  readonly #options: RowStoreOptions;
  readonly #engine: CollectionEngine;
  readonly #recovery: Recovery | undefined;
  readonly #ledger: LedgerWriter;
  /** Entries of the ledger about writers that died. */
  #accounting: Promise<unknown> = Promise.resolve();

  /** @param options Its parts. Nothing is read, written or sent before the constructor has returned. */
  constructor(options: RowStoreOptions) {
    this.#options = options;
    const { sink, stream, limits, journal, writer, lastCall, book, report, clock } = options;
    const shared = { sink, maxBatchBytes: limits.maxBatchBytes, clock, random: Math.random };
    this.#ledger = new LedgerWriter({
      sink,
      stream,
      writer,
      samplingRate: limits.samplingRate,
      book,
      journal,
      lastCall,
      clock,
      onFailure: (error) => report.ledgerFailed(error),
    });
    this.#engine = new CollectionEngine({
      ...shared,
      stream,
      journal,
      flushIntervalMs: limits.flushIntervalMs,
      maxBufferBytes: limits.maxBufferBytes,
      counters: (day, notInJournal) => {
        const { collected, dropped } = book.of(day);
        return { collected: collected - notInJournal, dropped, lastCall: lastCall() };
      },
      onStored: (day, rowCount) => {
        const account = book.of(day);
        account.stored += rowCount;
        report.stored(rowCount);
        this.#ledger.changed(account);
      },
      onRefused: (day, leaving, failure, error) => {
        this.#drop(day, 'failed', leaving);
        report.refused(leaving.rowCount, failure, error);
      },
      onDropped: (day, leaving) => {
        this.#drop(day, 'bufferFull', leaving);
        report.bufferFull(this.pendingBytes, limits.maxBufferBytes, 'The oldest');
      },
      onFailure: (failure, error) => report.failed(failure, error),
    });
    if (journal !== undefined) {
      this.#recovery = new Recovery({
        ...shared,
        journal,
        onFailure: (failure, error) => report.failed(failure, error),
        onRefused: (rowCount, failure, error) => report.recoveredRefused(rowCount, failure, error),
        onRecovered: (found, stored) => {
          this.#accounting = Promise.all([this.#accounting, this.#accountFor(found, stored)]);
        },
      });
      setImmediate(() => void this.#recovery?.look());
    }
  }

  /** Takes a call as a whole; tells whether there was room. */
  admit(call: StoredCall): boolean {
    const { more } = call;
    const bytes = more === undefined ? call.bytes : call.allBytes;
    if (!this.#engine.hasRoom(bytes) && !(this.#options.onFull === 'dropOldest' && this.#engine.dropOldest(bytes))) {
      return false;
    }
    this.#take(call);
    for (const part of more ?? []) {
      this.#take(part);
    }
    return true;
  }

  /** Whether a call has to wait for room. One that is larger than the whole memory would wait for ever; it never does. */
  hasToWait({ allBytes }: StoredCall): boolean {
    return allBytes <= this.#options.limits.maxBufferBytes && !this.#engine.hasRoom(allBytes);
  }

  /** Waits until there is more room; others may be faster to use it. */
  waitForRoom(abortSignal: AbortSignal | undefined): Promise<void> {
    return this.#engine.waitForRoom(abortSignal);
  }

  /** Has everything that waits in the journal; tells whether it is. */
  makeDurable(): boolean {
    return this.#engine.makeDurable();
  }

  /** What waits. */
  waiting(): Pick<CollectorStats, 'pending' | 'pendingBytes' | 'recovered' | 'journal'> {
    return {
      pending: this.#engine.pendingRows,
      pendingBytes: Math.round(this.#engine.pendingBytes),
      recovered: { stored: this.#recovery?.stored ?? 0, pending: this.#recovery?.pending ?? 0 },
      journal: this.#options.journal?.state ?? 'off',
    };
  }

  /** Rows that wait. */
  get pendingRows(): number {
    return this.#engine.pendingRows;
  }

  /** Bytes that wait in memory. */
  get pendingBytes(): number {
    return Math.round(this.#engine.pendingBytes);
  }

  /** Stores what was taken so far, and what was found of dead processes. */
  async flush(limit: AbortSignal): Promise<void> {
    const causes = await this.#flush(limit);
    if (causes.length > 0) {
      const keptRows = this.#engine.pendingRows + (this.#recovery?.pending ?? 0);
      throw new FlushError({ keptRows, lostRows: 0, causes, storage: this.#options.sink.name });
    }
  }

  /** Stores what can be stored, and stops. */
  async close(limit: Deadline): Promise<void> {
    const causes = await this.#flush(limit.signal);
    const recovering = this.#recovery?.stop();
    const leftovers = await this.#engine.stop();
    await recovering;
    this.#giveUp(leftovers);
    // A store that did not take rows in time takes no entry either; the journal has the counts.
    if (!limit.signal.aborted) {
      await waitAtMost(this.#accounting, 'The ledger', { abortSignal: limit.signal }).catch(() => undefined);
      await this.#ledger.close(limit.signal);
    }
    this.#ledger.stop();
    await this.#options.journal?.close();
    const { keptRows } = leftovers;
    const lostRows = rowsOf(leftovers);
    if (keptRows + lostRows > 0) {
      throw new FlushError({
        keptRows,
        lostRows,
        causes,
        storage: this.#options.sink.name,
        keptWhere: 'in the journal for the next process that uses it',
      });
    }
  }

  /** The last moment of the process: only what is synchronous still happens. */
  exit(): void {
    this.#giveUp(this.#engine.abandon());
    this.#options.journal?.release();
  }

  #take(call: StoredCall): void {
    const { day, schema } = call;
    const rowCount = call.rows.length;
    const account = this.#options.book.of(day);
    account.collected += rowCount;
    account.isChanged = true;
    this.#options.statistics.collected += rowCount;
    if (call.number === 0 || call.correlations !== undefined) {
      account.otherIds += rowCount;
    }
    if (call.correlations !== undefined) {
      account.skip('ownIds', call.number);
    } else if (rowCount === 0) {
      account.skip('empty', call.number);
    }
    if (schema !== undefined) {
      account.noteSchema(schema.hash);
      this.#engine.add(day, schema, call, call.bytes, call);
    }
  }

  async #flush(limit: AbortSignal): Promise<unknown[]> {
    const causes = await Promise.all([this.#engine.flush(limit), this.#recovery?.flush(limit)]);
    return causes.flatMap((list) => list ?? []);
  }

  #giveUp(leftovers: Leftovers): void {
    for (const { day, leaving } of leftovers.lost) {
      this.#drop(day, 'failed', leaving);
    }
    this.#options.report.left(leftovers.keptRows, rowsOf(leftovers));
  }

  #drop(day: UtcDay, reason: 'bufferFull' | 'failed', { rowCount, runs }: Leaving): void {
    this.#options.statistics.dropped[reason] += rowCount;
    this.#options.book.of(day).drop(reason, rowCount, runs);
  }

  /** What the ledger says of a writer that cannot say it any more: its counts are kept until the ledger has them. */
  async #accountFor(journal: AbandonedJournal, rows: ReadonlyMap<UtcDay, number>): Promise<void> {
    let isAccounted = true;
    for (const [day, { collected, dropped, lastCall }] of journal.counters) {
      const stream = journal.stream ?? this.#options.stream;
      const gone = Object.values(dropped).reduce((total, count) => total + count, 0);
      try {
        await this.#ledger.record({
          stream,
          day,
          writer: journal.writer,
          kind: 'recovered',
          // Of whichever process recovers last, also when there was another one before.
          entry: this.#options.clock.now(),
          lastCall,
          collected,
          stored: Math.max(collected - gone, rows.get(day) ?? 0),
          pending: 0,
          dropped,
          gaps: [],
          samplingRate: this.#options.limits.samplingRate,
        });
      } catch (error) {
        isAccounted = false;
        this.#options.report.ledgerFailed(error);
      }
    }
    await journal.release(!isAccounted).catch(() => undefined);
  }
}

function rowsOf({ lost }: Leftovers): number {
  return lost.reduce((sum, { leaving }) => sum + leaving.rowCount, 0);
}

/** A time limit of a call that waits. */
export function limitOf(
  options: { readonly timeoutMs?: number | undefined; readonly abortSignal?: AbortSignal | undefined } | null,
  byDefault: number,
): Deadline {
  return deadline(options?.timeoutMs ?? byDefault, options?.abortSignal ?? undefined);
}
