/** What a number is. */
export type Unit = 'ns' | 'ms' | 'bytes' | 'MB/s' | 'rows' | 'rows/s' | 'requests/s' | 'percent' | 'times';

/** What a figure is asked to reach; nothing fails when it does not. */
export interface Target {
  /** What is compared: the ratio to the peer, or our own number. */
  readonly of: 'ratio' | 'ours';
  /** Largest value that meets it. */
  readonly atMost?: number;
  /** Smallest value that meets it. */
  readonly atLeast?: number;
  /** As a reader says it, for example `at most 1/20`. */
  readonly text: string;
}

/** One line of the table. */
export interface Figure {
  /** What was measured. */
  readonly name: string;
  /** What {@link Figure.ours} and {@link Figure.peer} count. */
  readonly unit: Unit;
  /** Our number; `undefined` for a line that has only a peer. */
  readonly ours?: number | undefined;
  /** The other's number in the same run. */
  readonly peer?: number | undefined;
  /** Who the other is. */
  readonly peerName?: string | undefined;
  /** `cost`: ours divided by the peer's, smaller is better. `speed-up`: the peer's divided by ours, larger is better. */
  readonly compare?: 'cost' | 'speed-up' | 'share' | undefined;
  /** What it should reach, when it should reach something. */
  readonly target?: Target | undefined;
}

/** What a bench has found out. */
export interface Outcome {
  /** The lines of its table. */
  readonly figures: readonly Figure[];
  /** What a reader has to know beside the table: further numbers, parts that could not run and why. */
  readonly remarks: readonly string[];
}

/** Our number beside the peer's, in the direction of the claim. */
export function ratioOf({ ours, peer, compare }: Figure): number | undefined {
  if (ours === undefined || peer === undefined || compare === undefined) {
    return undefined;
  }
  return compare === 'speed-up' ? peer / ours : ours / peer;
}

/** Whether the target is met; `undefined` when there is none, or nothing to compare it with. */
export function isMet(figure: Figure): boolean | undefined {
  const { target } = figure;
  const value = target?.of === 'ours' ? figure.ours : ratioOf(figure);
  if (target === undefined || value === undefined) {
    return undefined;
  }
  return value <= (target.atMost ?? Number.POSITIVE_INFINITY) && value >= (target.atLeast ?? Number.NEGATIVE_INFINITY);
}

/** A cost that should be at most one of so many parts of the peer's. */
export function atMostOneIn(parts: number): Target {
  return { of: 'ratio', atMost: 1 / parts, text: `at most 1/${parts}` };
}

/** A cost that should be at most so many times the peer's. */
export function atMostTimes(times: number): Target {
  return { of: 'ratio', atMost: times, text: `at most ${times}x` };
}

/** A speed that should be at least so many times the peer's. */
export function atLeastTimes(times: number): Target {
  return { of: 'ratio', atLeast: times, text: `at least ${times}x` };
}
