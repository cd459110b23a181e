/** A pair of rows. */
export interface JoinedRow<T extends object, U extends object> {
  /** Id of the call that both rows belong to. */
  readonly correlationId: string;
  /** Place of the rows within the call, from 0. */
  readonly position: number;
  /** The caller's own id: the left row's, else the right row's. */
  readonly userCorrelationId: string | undefined;
  /** When the left row was scored, ISO 8601 UTC. */
  readonly scoringTimestamp: string;
  /** Id of the HTTP request: the left row's, else the right row's. */
  readonly requestId: string | undefined;
  /** Features of the row of the data that `join` was called on. */
  readonly left: T;
  /** Features of the row of the data that was passed to `join`. */
  readonly right: U;
}

/** What became of the rows of both sides; complete once the iteration has ended. */
export interface JoinSummary {
  /** Pairs that were given. */
  readonly matched: number;
  /** Rows of the left side without a row on the right. */
  readonly leftOnly: number;
  /** Rows of the right side without a row on the left. */
  readonly rightOnly: number;
  /** Calls that have more rows on one side: pairs up to the shorter, the rest counts as `leftOnly` or `rightOnly`. */
  readonly unequalCalls: number;
  /**
   * Times that rows with the id of a call came again on the same side after rows of other calls, or in another file.
   * They are left out: which row they would belong to cannot be told.
   */
  readonly duplicateCalls: number;
  /** Rows in these repeated calls, of both sides. */
  readonly duplicateRows: number;
  /** Ids of the first 100 calls of each kind. */
  readonly ids: {
    readonly leftOnly: readonly string[];
    readonly rightOnly: readonly string[];
    readonly unequalCalls: readonly string[];
    readonly duplicateCalls: readonly string[];
  };
}

const MAX_IDS = 100;

/** Counts while the join runs. */
export class JoinCounts {
  #matched = 0;
  #duplicateRows = 0;
  readonly #counts = { leftOnly: 0, rightOnly: 0, unequalCalls: 0, duplicateCalls: 0 };
  readonly #ids = {
    leftOnly: new Set<string>(),
    rightOnly: new Set<string>(),
    unequalCalls: new Set<string>(),
    duplicateCalls: new Set<string>(),
  };

  /** A pair was given. */
  match(): void {
    this.#matched += 1;
  }

  /** Rows or calls of a kind were met. */
  add(kind: 'leftOnly' | 'rightOnly' | 'unequalCalls', id: string, count = 1): void {
    this.#counts[kind] += count;
    this.#note(kind, id);
  }

  /** A call came again. */
  repeat(id: string, rowCount: number): void {
    this.#counts.duplicateCalls += 1;
    this.#duplicateRows += rowCount;
    this.#note('duplicateCalls', id);
  }

  /** The counts so far. */
  snapshot(): JoinSummary {
    const { leftOnly, rightOnly, unequalCalls, duplicateCalls } = this.#ids;
    return {
      matched: this.#matched,
      ...this.#counts,
      duplicateRows: this.#duplicateRows,
      ids: {
        leftOnly: [...leftOnly],
        rightOnly: [...rightOnly],
        unequalCalls: [...unequalCalls],
        duplicateCalls: [...duplicateCalls],
      },
    };
  }

  #note(kind: keyof JoinSummary['ids'], id: string): void {
    if (this.#ids[kind].size < MAX_IDS) {
      this.#ids[kind].add(id);
    }
  }
}
