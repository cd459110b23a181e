import { utcDay } from '@azureml-ts/monitoring/format';
import type { CallRow } from '../rows/read-rows.ts';
import { requestIdOf, scoredAt, userIdOf } from './call-identity.ts';
import { type Call, CallReader } from './call-reader.ts';
import type { JoinOptions } from './join-options.ts';
import type { SideChunk } from './join-side.ts';
import type { JoinCounts, JoinedRow } from './join-summary.ts';
import { WaitingCalls } from './waiting-calls.ts';

const DAY_MS = 86_400_000;

/** One side: starts reading when it is called. */
export type SideRows<T extends object> = () => AsyncGenerator<SideChunk<T>, void, undefined>;

/** A row of either side, or of both. */
type AnyRow<T extends object, U extends object> = JoinedRow<T | null, U | null>;

/** What tells a call from others. */
type CallIdentity = Pick<Call<object>, 'id' | 'modelVersion'>;

/** What the join does with the rows that it does not pair. */
export type OddRows = Pick<JoinOptions, 'how' | 'onOrphan' | 'onDuplicate' | 'abortSignal'>;

/**
 * Joins two sides while both are read.
 *
 * Both sides of a call stand in files of the same day, because rows are stored by the day of their scoring. A call that
 * waits for its other side is given up once both sides have left the day after its own.
 */
export async function* joinCalls<T extends object, U extends object>(
  leftRows: SideRows<T>,
  rightRows: SideRows<U>,
  counts: JoinCounts,
  options: OddRows,
): AsyncGenerator<AnyRow<T, U>, void, undefined> {
  const left = new CallReader(leftRows());
  const right = new CallReader(rightRows());
  const waitingLeft = new WaitingCalls<T>();
  const waitingRight = new WaitingCalls<U>();
  let day = '';
  try {
    for (;;) {
      options.abortSignal?.throwIfAborted();
      // The side that is behind in time goes on, so that few calls wait for their other side.
      if (left.time !== undefined && (right.time === undefined || left.time <= right.time)) {
        const call = await left.next();
        if (call !== undefined && isFit('left', call, counts, options)) {
          const partner = waitingRight.take(call.id);
          if (partner !== undefined) {
            yield* pair(call, partner, counts, options);
          } else if (call.id !== '') {
            waitingLeft.add(call);
          } else {
            yield* alone<T, U>('left', call, 0, counts, options);
          }
        }
      } else if (right.time !== undefined) {
        const call = await right.next();
        if (call !== undefined && isFit('right', call, counts, options)) {
          const partner = waitingLeft.take(call.id);
          if (partner !== undefined) {
            yield* pair(partner, call, counts, options);
          } else if (call.id !== '') {
            waitingRight.add(call);
          } else {
            yield* alone<T, U>('right', call, 0, counts, options);
          }
        }
      } else {
        break;
      }
      const reached = earlier(left.day, right.day);
      if (reached > day) {
        day = reached;
        const settled = dayBefore(day);
        yield* allAlone<T, U>(waitingLeft.takeBefore(settled), waitingRight.takeBefore(settled), counts, options);
        left.forgetBefore(settled);
        right.forgetBefore(settled);
      }
    }
    yield* allAlone<T, U>(waitingLeft.takeBefore(), waitingRight.takeBefore(), counts, options);
  } finally {
    await Promise.all([left.close(), right.close()]);
  }
}

function earlier(a: string | undefined, b: string | undefined): string {
  return a === undefined || (b !== undefined && b < a) ? (b ?? '') : a;
}

function dayBefore(day: string): string {
  return utcDay(Date.parse(day) - DAY_MS);
}

function isFit(side: 'left' | 'right', call: Call<object>, counts: JoinCounts, { onDuplicate }: OddRows): boolean {
  const { id: correlationId, rows, path, isRepeated } = call;
  counts.read(side, rows.length);
  if (isRepeated) {
    counts.repeat(correlationId, rows.length);
    onDuplicate?.({ side, correlationId, path, rowCount: rows.length });
  }
  return !isRepeated;
}

function* pair<T extends object, U extends object>(
  left: Call<T>,
  right: Call<U>,
  counts: JoinCounts,
  options: OddRows,
): Generator<AnyRow<T, U>, void, undefined> {
  const length = Math.min(left.rows.length, right.rows.length);
  for (let position = 0; position < length; position += 1) {
    const [a, b] = [left.rows[position], right.rows[position]];
    if (a !== undefined && b !== undefined) {
      counts.match();
      yield joinedRow(left, position, a, b);
    }
  }
  if (left.rows.length !== right.rows.length) {
    counts.unequal(left.id);
    yield* left.rows.length > length
      ? alone<T, U>('left', left, length, counts, options)
      : alone<T, U>('right', right, length, counts, options);
  }
}

function* allAlone<T extends object, U extends object>(
  left: Iterable<Call<T>>,
  right: Iterable<Call<U>>,
  counts: JoinCounts,
  options: OddRows,
): Generator<AnyRow<T, U>, void, undefined> {
  for (const call of left) {
    yield* alone<T, U>('left', call, 0, counts, options);
  }
  for (const call of right) {
    yield* alone<T, U>('right', call, 0, counts, options);
  }
}

/** The rows of a call from a place on, which have no other side. */
function* alone<T extends object, U extends object>(
  side: 'left' | 'right',
  call: Call<object>,
  from: number,
  counts: JoinCounts,
  { how, onOrphan }: OddRows,
): Generator<AnyRow<T, U>, void, undefined> {
  const rows = call.rows.slice(from);
  counts.orphan(side, call.id, rows.length);
  const [first] = rows;
  if (first !== undefined) {
    onOrphan?.({ side, ...identityOf(call, from, first), rowCount: rows.length });
  }
  if (how === 'outer' || (how === 'left' && side === 'left')) {
    for (const [index, row] of rows.entries()) {
      yield side === 'left'
        ? joinedRow(call, from + index, row as CallRow<T>, undefined)
        : joinedRow(call, from + index, undefined, row as CallRow<U>);
    }
  }
}

/** Puts two rows side by side, or one beside nothing. */
export function joinedRow<T extends object, U extends object>(
  call: CallIdentity,
  position: number,
  left: CallRow<T> | undefined,
  right: CallRow<U> | undefined,
): AnyRow<T, U> {
  return {
    ...identityOf(call, position, left ?? right, left === undefined ? undefined : right),
    left: left?.features ?? null,
    right: right?.features ?? null,
  };
}

function identityOf(
  { id, modelVersion }: CallIdentity,
  position: number,
  first: CallRow<object> | undefined,
  second?: CallRow<object> | undefined,
): Omit<AnyRow<object, object>, 'left' | 'right'> {
  return {
    correlationId: id,
    position,
    userCorrelationId: textOf(userIdOf, first, second),
    scoringTimestamp: first === undefined ? '' : scoredAt(first.call),
    requestId: textOf(requestIdOf, first, second),
    modelVersion,
  };
}

function textOf(
  read: (call: CallRow<object>['call']) => string,
  first: CallRow<object> | undefined,
  second: CallRow<object> | undefined,
): string | undefined {
  return (first && read(first.call)) || (second && read(second.call)) || undefined;
}
