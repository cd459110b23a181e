import type { UtcDay } from '@azureml-ts/monitoring/format';
import type { Account } from './account.ts';
import { CallBits } from './call-bits.ts';
import { type CallNumberRun, counted, type Tell } from './finding.ts';
import type { FoundRows } from './found-rows.ts';
import { missingCalls } from './missing-calls.ts';

/** What to judge. */
export interface JudgeCallsOptions {
  readonly writer: string;
  /** What the ledger says of it, of all days, in order. */
  readonly accounts: readonly Account[];
  readonly found: FoundRows;
  /** Whether all days of the stream were read. */
  readonly isWhole: boolean;
  /** Whether the rows of these days agree with the ledger. */
  readonly agrees: boolean;
  readonly abortSignal: AbortSignal | undefined;
  readonly tell: Tell;
}

/** Call numbers of one day without rows and without a reason. */
export interface DayMissing {
  count: number;
  readonly runs: CallNumberRun[];
}

/**
 * Follows the numbers of a writer's calls over all days: each was found, or the ledger says why it has no rows, or
 * sampling left it out.
 *
 * @returns What is missing, by day.
 */
export async function judgeCalls(options: JudgeCallsOptions): Promise<Map<UtcDay, DayMissing>> {
  const { writer, accounts, found, isWhole, abortSignal } = options;
  const bits = found.calls.get(writer) ?? new CallBits();
  const gaps = accounts.flatMap((account) => account.gaps);
  tellContradictions(options, bits);
  const ends = endsOf(options, gaps);
  if (ends === undefined) {
    return new Map();
  }
  const samplingRate = Math.min(...accounts.map((account) => account.samplingRate));
  const missing = await missingCalls({ writer, found: bits, ...ends, explained: gaps, samplingRate, abortSignal });
  if (missing.unchecked > 0) {
    options.tell({
      code: 'CALLS_NOT_CHECKED',
      severity: 'warning',
      writer,
      message: `Of ${missing.unchecked} calls of writer ${writer} it was not computed whether sampling left them out: there are too many. Verify fewer days at a time.`,
      counts: { calls: missing.unchecked },
    });
  }
  // Counts say how many calls may be without rows for a reason that no gap tells.
  const waiting = accounts.reduce((sum, { pending, lost }) => sum + pending + lost, 0);
  const unlisted = accounts.reduce((sum, account) => sum + account.unlisted, 0);
  const isOpen = accounts.some(({ state }) => state === 'open');
  const isComplete = accounts.every(({ isListComplete }) => isListComplete);
  if (missing.count === 0 || ((isOpen || !isComplete) && missing.count <= waiting + unlisted)) {
    return new Map();
  }
  const mayBe = isOpen || missing.count <= waiting + unlisted || (!isComplete && options.agrees);
  options.tell({
    code: 'CALLS_MISSING',
    severity: mayBe || !isWhole ? 'warning' : 'error',
    day: dayOf(options, missing.runs[0]?.first ?? 0),
    writer,
    message: `${counted(missing.count, 'call')} of writer ${writer} between ${ends.first} and ${ends.last} have no rows, and the ledger does not say why (${textOf(missing.runs)}). ${reasonOf(isWhole, isOpen, mayBe)}`,
    counts: { calls: missing.count, first: ends.first, last: ends.last },
    calls: missing.runs,
  });
  return byDay(options, missing.runs, missing.count);
}

function reasonOf(isWhole: boolean, isOpen: boolean, mayBe: boolean): string {
  if (!isWhole) {
    return 'Only some days were read: the ledger of another day may tell. Verify all days.';
  }
  if (isOpen) {
    return 'The writer is open: they may wait, or have been dropped since its last entry. Verify again when it has closed.';
  }
  return mayBe
    ? 'All rows that the ledger counts are there, so these calls stored none: they were dropped or empty when the list of such calls was full, or just before the process died.'
    : 'Rows were taken out of the files, or entries out of the ledger: compare with a backup.';
}

/** A call that was dropped has no rows, and none has a number beyond the last. */
function tellContradictions({ writer, accounts, found, tell }: JudgeCallsOptions, bits: CallBits): void {
  // Rows that came later under the id of a call that was dropped are not a fault of the ledger.
  const severity = accounts.every(({ otherIds }) => otherIds === 0) ? 'error' : 'warning';
  const wrong = accounts
    .flatMap(({ gaps }) => gaps)
    .filter(({ reason, first, last }) => reason !== 'failed' && bits.countBetween(first, last) > 0);
  if (wrong.length > 0) {
    const calls = wrong.reduce((sum, { first, last }) => sum + bits.countBetween(first, last), 0);
    tell({
      code: 'CALLS_CONTRADICT',
      severity,
      writer,
      message: `${counted(calls, 'call')} of writer ${writer} have rows, although the ledger says that they have none (${textOf(wrong)}). The ledger was changed, or rows were collected again under ids of calls that had been dropped.`,
      counts: { calls },
      calls: wrong.slice(0, 100).map(({ first, last }) => ({ first, last })),
    });
  }
  for (const { day, state, lastCall } of accounts) {
    const highest = found.days.get(day)?.writers.get(writer)?.highest ?? 0;
    if (state !== 'open' && lastCall !== undefined && highest > lastCall) {
      tell({
        code: 'CALLS_CONTRADICT',
        severity,
        day,
        writer,
        message: `There are rows of call ${highest} of writer ${writer} on ${day}, but its last call was ${lastCall}. The rows or the ledger were changed since they were written.`,
        counts: { highest, lastCall },
      });
    }
  }
}

/**
 * Which numbers to look at. Of a part of the days only those between the lowest and the highest that they have: what was
 * before, and how many of the last ones belong to later days, the ledger of these days cannot tell.
 */
function endsOf({ writer, accounts, found, isWhole }: JudgeCallsOptions, gaps: readonly CallNumberRun[]) {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = 0;
  for (const rows of found.days.values()) {
    const own = rows.writers.get(writer);
    lowest = Math.min(lowest, own?.lowest ?? lowest);
    highest = Math.max(highest, own?.highest ?? 0);
  }
  for (const { first, last } of gaps) {
    lowest = Math.min(lowest, first);
    highest = Math.max(highest, last);
  }
  if (!isWhole) {
    return highest === 0 ? undefined : { first: lowest, last: highest };
  }
  const lastCall = accounts.reduce((last, account) => Math.max(last, account.lastCall ?? 0), highest);
  return lastCall === 0 ? undefined : { first: 1, last: lastCall };
}

/** The day on which a call without rows was made: the last one that has begun with a number up to it. */
function dayOf({ writer, accounts, found }: JudgeCallsOptions, number: number): UtcDay {
  const days = accounts.map(({ day }) => day);
  const begun = days.filter((day) => (found.days.get(day)?.writers.get(writer)?.lowest ?? Infinity) <= number);
  return begun.at(-1) ?? days[0] ?? '';
}

function byDay(options: JudgeCallsOptions, runs: readonly CallNumberRun[], count: number): Map<UtcDay, DayMissing> {
  const days = new Map<UtcDay, DayMissing>();
  let listed = 0;
  let last: DayMissing | undefined;
  for (const run of runs) {
    const day = dayOf(options, run.first);
    last = days.get(day) ?? { count: 0, runs: [] };
    days.set(day, last);
    last.runs.push(run);
    last.count += run.last - run.first + 1;
    listed += run.last - run.first + 1;
  }
  if (last !== undefined) {
    last.count += count - listed;
  }
  return days;
}

function textOf(runs: readonly CallNumberRun[]): string {
  const shown = runs.slice(0, 5).map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
  return shown.join(', ') + (runs.length > shown.length ? ', ...' : '');
}
