import type { CallRow, RowChunk } from '../rows/read-rows.ts';
import type { FeatureRow, RowsOptions } from '../rows/rows-options.ts';
import { type Call, CallReader } from './call-reader.ts';
import { JoinCounts, type JoinedRow, type JoinSummary } from './join-summary.ts';

/** What to read of one side of a join. Bad records always end a join: leaving one out would shift the pairs behind it. */
export type JoinSideOptions = Pick<RowsOptions, 'columns' | 'types'>;

/** Options of {@link CollectedData.join}. */
export interface JoinOptions {
  /** Ends the work: the iteration rejects with the signal's reason. */
  readonly abortSignal?: AbortSignal | undefined;
  /** What to read of the data that `join` is called on. Default: every feature, inferred. */
  readonly left?: JoinSideOptions | undefined;
  /** What to read of the data that is passed to `join`. Default: every feature, inferred. */
  readonly right?: JoinSideOptions | undefined;
}

/** Pairs of rows; see {@link CollectedData.join}. Each iteration reads both sides anew. */
export interface JoinedRows<T extends object = FeatureRow, U extends object = FeatureRow>
  extends AsyncIterable<JoinedRow<T, U>> {
  /** What became of the rows of the latest iteration so far; complete once it has ended. */
  readonly summary: JoinSummary;
}

/** One side: starts reading when it is called. */
export type SideRows<T extends object> = () => AsyncGenerator<RowChunk<CallRow<T>>, void, undefined>;

/** Joins two sides while both are read. */
export class CallJoin<T extends object, U extends object> implements JoinedRows<T, U> {
  readonly #left: SideRows<T>;
  readonly #right: SideRows<U>;
  readonly #abortSignal: AbortSignal | undefined;
  #counts = new JoinCounts();

  /**
   * @param left Rows of the left side.
   * @param right Rows of the right side.
   * @param abortSignal Ends the work between two calls.
   */
  constructor(left: SideRows<T>, right: SideRows<U>, abortSignal?: AbortSignal) {
    this.#abortSignal = abortSignal;
    this.#left = left;
    this.#right = right;
  }

  /** See {@link JoinedRows.summary}. */
  get summary(): JoinSummary {
    return this.#counts.snapshot();
  }

  /** Reads both sides and gives the pairs. */
  async *[Symbol.asyncIterator](): AsyncGenerator<JoinedRow<T, U>, void, undefined> {
    const counts = new JoinCounts();
    this.#counts = counts;
    const left = new CallReader(this.#left());
    const right = new CallReader(this.#right());
    const waitingLeft = new Map<string, Call<T>>();
    const waitingRight = new Map<string, Call<U>>();
    try {
      for (;;) {
        this.#abortSignal?.throwIfAborted();
        // The side that is behind in time goes on, so that few calls wait for their other side.
        if (left.time !== undefined && (right.time === undefined || left.time <= right.time)) {
          const call = await left.next();
          const partner = call === undefined ? undefined : meet(call, 'leftOnly', waitingLeft, waitingRight, counts);
          if (call !== undefined && partner !== undefined) {
            yield* pair(call, partner, counts);
          }
        } else if (right.time !== undefined) {
          const call = await right.next();
          const partner = call === undefined ? undefined : meet(call, 'rightOnly', waitingRight, waitingLeft, counts);
          if (call !== undefined && partner !== undefined) {
            yield* pair(partner, call, counts);
          }
        } else {
          break;
        }
      }
      for (const call of waitingLeft.values()) {
        counts.add('leftOnly', call.id, call.rows.length);
      }
      for (const call of waitingRight.values()) {
        counts.add('rightOnly', call.id, call.rows.length);
      }
    } finally {
      await Promise.all([left.close(), right.close()]);
    }
  }
}

/** Finds the call of the other side; without one, the call waits for it. */
function meet<A extends object, B extends object>(
  call: Call<A>,
  side: 'leftOnly' | 'rightOnly',
  own: Map<string, Call<A>>,
  others: Map<string, Call<B>>,
  counts: JoinCounts,
): Call<B> | undefined {
  if (call.id === '') {
    counts.add(side, '', call.rows.length);
    return undefined;
  }
  if (call.isRepeated) {
    counts.repeat(call.id, call.rows.length);
    return undefined;
  }
  const partner = others.get(call.id);
  if (partner === undefined) {
    own.set(call.id, call);
  } else {
    others.delete(call.id);
  }
  return partner;
}

function* pair<T extends object, U extends object>(
  left: Call<T>,
  right: Call<U>,
  counts: JoinCounts,
): Generator<JoinedRow<T, U>, void, undefined> {
  const length = Math.min(left.rows.length, right.rows.length);
  if (left.rows.length !== right.rows.length) {
    const side = left.rows.length > length ? 'leftOnly' : 'rightOnly';
    counts.add('unequalCalls', left.id);
    counts.add(side, left.id, Math.max(left.rows.length, right.rows.length) - length);
  }
  for (let position = 0; position < length; position += 1) {
    const [a, b] = [left.rows[position], right.rows[position]];
    if (a !== undefined && b !== undefined) {
      counts.match();
      yield {
        correlationId: left.id,
        position,
        userCorrelationId: a.call.userCorrelationId || b.call.userCorrelationId || undefined,
        scoringTimestamp: a.call.scoringTimestamp,
        requestId: a.call.requestId || b.call.requestId || undefined,
        left: a.features,
        right: b.features,
      };
    }
  }
}
