/** A pair of rows, or one row whose side is missing where `how` asks for such. */
export interface JoinedRow<T extends object | null, U extends object | null> {
  /** Id of the call that both rows belong to; empty for a row that was stored without. */
  readonly correlationId: string;
  /** Place of the rows within the call, from 0. */
  readonly position: number;
  /**
   * The caller's own id: the left row's, else the right row's. Of rows that the Python collector wrote, what stands before
   * the UUID of their correlation id.
   */
  readonly userCorrelationId: string | undefined;
  /** When the left row was scored, ISO 8601 UTC; the right row when there is no left one. */
  readonly scoringTimestamp: string;
  /** Id of the HTTP request: the left row's, else the right row's. */
  readonly requestId: string | undefined;
  /** Version of the model that the left row is of; the right row when there is no left one. */
  readonly modelVersion: string;
  /** Features of the row of the data that `join` was called on. */
  readonly left: T;
  /** Features of the row of the data that was passed to `join`. */
  readonly right: U;
}

/** Rows of one call that have no row on the other side. */
export interface JoinOrphan {
  /** Where they stand. */
  readonly side: 'left' | 'right';
  /** Id of their call; empty when they have none. */
  readonly correlationId: string;
  /** The caller's own id, of the first of them. */
  readonly userCorrelationId: string | undefined;
  /** When they were scored, ISO 8601 UTC. */
  readonly scoringTimestamp: string;
  /** Id of the HTTP request. */
  readonly requestId: string | undefined;
  /** Version of the model. */
  readonly modelVersion: string;
  /** Place of the first of them within the call, from 0. */
  readonly position: number;
  /** How many there are. */
  readonly rowCount: number;
}

/** Rows that carry the id of a call that was read before. */
export interface JoinDuplicate {
  /** Where they stand. */
  readonly side: 'left' | 'right';
  /** Id of the call. */
  readonly correlationId: string;
  /** Their file. */
  readonly path: string;
  /** How many there are. */
  readonly rowCount: number;
}

/** What became of the rows of both sides; complete once the iteration has ended. */
export interface JoinSummary {
  /** Rows of the left side that were read: each is in `matched`, `leftOnly` or `duplicateRows`. */
  readonly leftRows: number;
  /** Rows of the right side that were read: each is in `matched`, `rightOnly` or `duplicateRows`. */
  readonly rightRows: number;
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
   * An id that this library's collector did not make is remembered for two days; after that it is another call.
   */
  readonly duplicateCalls: number;
  /** Rows in these repeated calls, of both sides. */
  readonly duplicateRows: number;
  /** Ids of the first 100 calls of each kind; `onOrphan` and `onDuplicate` tell of all. */
  readonly ids: {
    readonly leftOnly: readonly string[];
    readonly rightOnly: readonly string[];
    readonly unequalCalls: readonly string[];
    readonly duplicateCalls: readonly string[];
  };
}

/** Most ids that a summary names. */
export const MAX_IDS = 100;

/** Counts while the join runs. */
export class JoinCounts {
  #matched = 0;
  #duplicateRows = 0;
  readonly #rows = { left: 0, right: 0 };
  readonly #counts = { leftOnly: 0, rightOnly: 0, unequalCalls: 0, duplicateCalls: 0 };
  readonly #ids = {
    leftOnly: new Set<string>(),
    rightOnly: new Set<string>(),
    unequalCalls: new Set<string>(),
    duplicateCalls: new Set<string>(),
  };

  /** Rows of a side were read. */
  read(side: 'left' | 'right', rowCount: number): void {
    this.#rows[side] += rowCount;
  }

  /** A pair was given. */
  match(): void {
    this.#matched += 1;
  }

  /** A call has more rows on one side. */
  unequal(id: string): void {
    this.#counts.unequalCalls += 1;
    this.#note('unequalCalls', id);
  }

  /** Rows have no other side. */
  orphan(side: 'left' | 'right', id: string, rowCount: number): void {
    const kind = side === 'left' ? 'leftOnly' : 'rightOnly';
    this.#counts[kind] += rowCount;
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
      leftRows: this.#rows.left,
      rightRows: this.#rows.right,
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
