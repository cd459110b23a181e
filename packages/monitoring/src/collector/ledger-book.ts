import type { CallRun } from '../engine/queued-slice.ts';
import type { UtcDay } from '../format/blob-path.ts';
import type { LedgerGap } from '../format/ledger.ts';
import type { DroppedRows } from './statistics.ts';

/** Runs of dropped calls that a day lists at most; further ones are only counted. */
const MAX_GAPS = 1_000;

type Counts = { -readonly [reason in keyof DroppedRows]?: number };

/** What became of the rows of one day. */
export class DayAccount {
  /** UTC day of the scoring. */
  readonly day: UtcDay;
  collected = 0;
  stored = 0;
  readonly dropped: Counts = {};
  readonly gaps: { -readonly [field in keyof LedgerGap]: LedgerGap[field] }[] = [];
  moreGaps = 0;
  /** Of the rows that were taken, those under ids of other calls. */
  otherIds = 0;
  /** Hashes of the columns of the rows that were taken. */
  readonly schemas: string[] = [];
  /** Whether something was counted since the last entry. */
  isChanged = false;
  /** Whether the last entry was one for good. */
  isClosed = false;

  /** @param day UTC day of the scoring. */
  constructor(day: UtcDay) {
    this.day = day;
  }

  /** Counts rows that are dropped as they come; `call` is 0 when the call has no number of its own. */
  refuse(reason: keyof DroppedRows, rowCount: number, call: number): void {
    this.collected += rowCount;
    this.drop(reason, rowCount);
    // Which calls sampling leaves out follows from their ids.
    if (call !== 0 && reason !== 'sampled') {
      this.#list(reason, { first: call, last: call, rowCount });
    }
  }

  /** Notes which columns rows have that were taken. */
  noteSchema(hash: string): void {
    // Nearly always the first: this is on the way of every call.
    if (this.schemas[0] !== hash && !this.schemas.includes(hash)) {
      this.schemas.push(hash);
    }
  }

  /** Notes a call number that no row carries, because the rows brought ids of their own. */
  skip(reason: 'ownIds' | 'empty' | 'aborted', call: number): void {
    if (call > 0) {
      this.#list(reason, { first: call, last: call, rowCount: 0 });
      this.isChanged = true;
    }
  }

  #list(reason: string, { first, last, rowCount }: CallRun): void {
    const latest = this.gaps.at(-1);
    if (latest?.reason === reason && latest.last === first - 1) {
      latest.last = last;
      latest.rows += rowCount;
    } else if (this.gaps.length < MAX_GAPS) {
      this.gaps.push({ reason, first, last, rows: rowCount });
    } else {
      this.moreGaps += 1;
    }
  }

  /** Counts rows that were taken and are given up. */
  drop(reason: keyof DroppedRows, rowCount: number, runs: readonly CallRun[] = []): void {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + rowCount;
    this.isChanged = true;
    for (const run of runs) {
      this.#list(reason, run);
    }
  }

  /** Rows that wait. */
  get pending(): number {
    const dropped = Object.values(this.dropped).reduce((sum, count) => sum + count, 0);
    return this.collected - this.stored - dropped;
  }
}

/** The accounts of a collector by day: what the ledger beside the data says. */
export class LedgerBook {
  readonly #days = new Map<UtcDay, DayAccount>();
  #current = new DayAccount('');

  /** The account of a day. */
  of(day: UtcDay): DayAccount {
    if (this.#current.day === day) {
      return this.#current;
    }
    let account = this.#days.get(day);
    if (account === undefined) {
      account = new DayAccount(day);
      this.#days.set(day, account);
    }
    this.#current = account;
    return account;
  }

  /** All accounts. */
  all(): DayAccount[] {
    return [...this.#days.values()];
  }
}
