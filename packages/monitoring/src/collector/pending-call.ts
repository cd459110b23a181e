import type { RowLayout } from '../engine/row-layout.ts';
import type { UtcDay } from '../format/blob-path.ts';
import type { Cell } from '../format/csv-encode.ts';
import type { EncodableCall, RowCorrelations } from '../format/encode-rows.ts';
import type { CallNumbers, Correlations } from './correlations.ts';
import type { ScoringTimes } from './scoring-times.ts';

/** What the calls of one collector share. */
export interface CallSource {
  /** Gives calls their ids. */
  readonly numbers: CallNumbers;
  /** Gives times their text. */
  readonly times: ScoringTimes;
}

/**
 * One call on its way. Its ids are numbers until somebody wants to read them: when its rows are encoded, or when the
 * caller looks at the receipt. Making texts would double what a call costs.
 */
export class PendingCall implements EncodableCall {
  /** The call's own number; 0 when it carries the id of another. */
  readonly number: number;
  /** UTC day of the scoring. */
  day: UtcDay;
  /** The rows, copied; let go when they are encoded. */
  rows: readonly (readonly Cell[])[] = NO_ROWS;
  /** The four values of each row, when the rows carry their own. */
  correlations: readonly RowCorrelations[] | undefined = undefined;
  /** Their columns. */
  schema: RowLayout | undefined = undefined;
  /** About how many bytes they will be. */
  bytes = 0;
  /** Rows of the same call that belong to other days. */
  more: readonly PendingCall[] | undefined = undefined;
  /** Rows of the same call that sampling leaves out, because they brought other ids along. */
  sampledOut = 0;
  /** Whether what it is tied to came from outside, at least in part, and has to be checked. */
  readonly isFromOutside: boolean;
  readonly #source: CallSource;
  readonly #time: number;
  #given: Correlations | undefined;

  /**
   * @param source What it shares with others.
   * @param time Time of the call, in milliseconds since 1970.
   * @param day UTC day of the scoring.
   * @param number The call's own number; 0 when it carries the id of another.
   * @param given Its correlations, when they are known already.
   * @param isFromOutside Whether they have to be checked.
   */
  constructor(
    source: CallSource,
    time: number,
    day: UtcDay,
    number: number,
    given: Correlations | undefined,
    isFromOutside = false,
  ) {
    this.#source = source;
    this.#time = time;
    this.day = day;
    this.number = number;
    this.#given = given;
    this.isFromOutside = isFromOutside;
  }

  /** Rows of all days. */
  get rowCount(): number {
    let count = this.rows.length;
    for (const part of this.more ?? NO_PARTS) {
      count += part.rows.length;
    }
    return count;
  }

  /** About the bytes of the rows of all days. */
  get allBytes(): number {
    let bytes = this.bytes;
    for (const part of this.more ?? NO_PARTS) {
      bytes += part.bytes;
    }
    return bytes;
  }

  /** The same call on another day. */
  onDay(day: UtcDay): PendingCall {
    return new PendingCall(this.#source, this.#time, day, 0, this.#given);
  }

  /** What ties the call to others, for the caller. */
  get given(): Correlations {
    // Frozen: what the caller does with its receipt must not reach the rows.
    this.#given ??= Object.freeze({
      correlationId: this.correlationId,
      userCorrelationId: undefined,
      scoringTimestamp: this.scoringTimestamp,
      requestId: undefined,
    });
    return this.#given;
  }

  set given(correlations: Correlations) {
    this.#given = correlations;
  }

  /** Whether its correlations are known already. */
  get hasGiven(): boolean {
    return this.#given !== undefined;
  }

  get correlationId(): string {
    return this.#given === undefined ? this.#source.numbers.idOf(this.number) : this.#given.correlationId;
  }

  get userCorrelationId(): string | readonly string[] | undefined {
    return this.#given?.userCorrelationId;
  }

  get scoringTimestamp(): string {
    return this.#given === undefined ? this.#source.times.timestampOf(this.#time) : this.#given.scoringTimestamp;
  }

  get requestId(): string | undefined {
    return this.#given?.requestId;
  }
}

/** Rows of a call that has none (any more). */
export const NO_ROWS: readonly (readonly Cell[])[] = [];

const NO_PARTS: readonly PendingCall[] = [];
