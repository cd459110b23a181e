import type { JsonValue } from '@azureml-ts/common';
import type { DayCounters } from './journal-types.ts';

/** What is about to be done, and with which slices. */
export interface Intent {
  /** First slice. */
  readonly first: number;
  /** Last slice. */
  readonly last: number;
  /** What, in the words of the one who does it. */
  readonly value: JsonValue;
}

/** What became of the slices of one file. */
export interface FileState {
  /** All slices up to this one are stored or given up. */
  readonly acknowledged: number;
  /** Ranges of later slices that are given up, ascending. */
  readonly skipped: readonly (readonly [first: number, last: number])[];
  /** What is about to be done with slices that are not acknowledged. */
  readonly intent: Intent | undefined;
  /** Counts of the day with those slices, as long as no entry of the ledger has them. */
  readonly counters?: DayCounters | undefined;
}

/** Of a file whose slices all wait. */
export const INITIAL_STATE: FileState = { acknowledged: 0, skipped: [], intent: undefined };

/** Whether nobody may store a slice any more. */
export function isGone({ acknowledged, skipped }: FileState, sequence: number): boolean {
  return sequence <= acknowledged || skipped.some(([first, last]) => first <= sequence && sequence <= last);
}

/** The state after the slices up to this one were stored or given up. */
export function withAcknowledged(state: FileState, through: number): FileState {
  const acknowledged = Math.max(state.acknowledged, through);
  return {
    ...state,
    acknowledged,
    skipped: state.skipped.filter(([, last]) => last > acknowledged),
    intent: state.intent !== undefined && state.intent.last > acknowledged ? state.intent : undefined,
  };
}

/**
 * The state after slices were given up before their turn.
 *
 * @param state The state before.
 * @param first First slice.
 * @param last Last slice.
 * @param waiting The slices that wait, ascending: ranges with none between them become one, so that they stay few.
 */
export function withSkipped(state: FileState, first: number, last: number, waiting: readonly number[]): FileState {
  const ranges = [...state.skipped, [first, last] as const].sort((one, other) => one[0] - other[0]);
  const joined: [number, number][] = [];
  for (const [from, to] of ranges) {
    const previous = joined.at(-1);
    if (previous !== undefined && !isBetween(waiting, previous[1], from)) {
      previous[1] = Math.max(previous[1], to);
    } else {
      joined.push([from, to]);
    }
  }
  return { ...state, skipped: joined };
}

/** Index of the first number of an ascending list that is not below `value`. */
export function indexFrom(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

function isBetween(ascending: readonly number[], low: number, high: number): boolean {
  const next = ascending[indexFrom(ascending, low + 1)];
  return next !== undefined && next < high;
}

/** A state as JSON had it; `undefined` when it is none. */
export function readState(value: unknown): FileState | undefined {
  const state = value as Partial<FileState> | null | undefined;
  if (typeof state?.acknowledged !== 'number' || !Array.isArray(state.skipped)) {
    return undefined;
  }
  const { acknowledged, skipped, intent, counters } = state;
  return { acknowledged, skipped, intent, counters: isDayCounters(counters) ? counters : undefined };
}

function isDayCounters(value: DayCounters | undefined): boolean {
  const { day, collected, lastCall, dropped } = value ?? {};
  return (
    typeof day === 'string' &&
    typeof collected === 'number' &&
    typeof lastCall === 'number' &&
    typeof dropped === 'object'
  );
}
