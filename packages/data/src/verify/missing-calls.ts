import { setImmediate } from 'node:timers/promises';
import { isSampled } from '@azureml-ts/monitoring/format';
import type { CallBits } from './call-bits.ts';
import type { CallNumberRun } from './finding.ts';

const MAX_RUNS = 100;
/** So many ids are computed again at most for one writer: about a minute's work. */
const MAX_SAMPLED = 100_000_000;
/** After so many, others get a turn. */
const TURN = 65_536;

/** What to look for. */
export interface MissingCallsOptions {
  readonly writer: string;
  /** The calls that were found. */
  readonly found: CallBits;
  /** First number to look at. */
  readonly first: number;
  /** Last number to look at. */
  readonly last: number;
  /** Runs that are known to have no rows. */
  readonly explained: readonly CallNumberRun[];
  /** Share of the calls that the writer kept. */
  readonly samplingRate: number;
  readonly abortSignal: AbortSignal | undefined;
}

/** Call numbers without rows and without a reason. */
export interface MissingCalls {
  readonly count: number;
  /** The first 100 runs. */
  readonly runs: readonly CallNumberRun[];
  /** Numbers whose sampling was not computed again, because there are too many; they count as explained. */
  readonly unchecked: number;
}

/** Finds the call numbers that are neither found, nor known to have no rows, nor left out by sampling. */
export async function missingCalls(options: MissingCallsOptions): Promise<MissingCalls> {
  const { writer, found, first, last, explained, samplingRate, abortSignal } = options;
  const runs: { first: number; last: number }[] = [];
  let count = 0;
  let unchecked = 0;
  let computed = 0;
  const add = (from: number, to: number): void => {
    count += to - from + 1;
    const latest = runs.at(-1);
    if (latest !== undefined && latest.last === from - 1) {
      latest.last = to;
    } else if (runs.length < MAX_RUNS) {
      runs.push({ first: from, last: to });
    }
  };
  for (const run of without(found.missing(first, last), explained)) {
    if (samplingRate >= 1) {
      add(run.first, run.last);
      continue;
    }
    for (let number = run.first; number <= run.last; number += 1) {
      if (computed >= MAX_SAMPLED) {
        unchecked += run.last - number + 1;
        break;
      }
      computed += 1;
      if (computed % TURN === 0) {
        abortSignal?.throwIfAborted();
        await setImmediate();
      }
      if (isSampled(`${writer}-${number}`, samplingRate)) {
        add(number, number);
      }
    }
  }
  return { count, runs, unchecked };
}

/** What is left of runs when others are taken out. */
function* without(
  runs: Iterable<CallNumberRun>,
  others: readonly CallNumberRun[],
): Generator<CallNumberRun, void, undefined> {
  const sorted = [...others].sort((one, other) => one.first - other.first);
  let at = 0;
  for (const { first, last } of runs) {
    let from = first;
    // Others may overlap each other, so one that ends early can stand behind one that ends late.
    while (at < sorted.length && (sorted[at] as CallNumberRun).last < from) {
      at += 1;
    }
    for (let index = at; from <= last && index < sorted.length; index += 1) {
      const other = sorted[index] as CallNumberRun;
      if (other.first > last) {
        break;
      }
      if (other.first > from) {
        yield { first: from, last: other.first - 1 };
      }
      from = Math.max(from, other.last + 1);
    }
    if (from <= last) {
      yield { first: from, last };
    }
  }
}
