import type { DayCounters, JournalCounters } from './journal-types.ts';

/** The counts that a folder holds, by day: those that came with slices, and those that were noted when they were stored. */
export class FoundCounters {
  /** Latest counts by day. */
  readonly counters = new Map<string, JournalCounters>();

  /** Takes what was found. Counts never fall: of each the highest is the latest. */
  learn(found: DayCounters | undefined): void {
    if (found !== undefined) {
      const { day, ...counters } = found;
      const known = this.counters.get(day);
      this.counters.set(day, known === undefined ? counters : highest(known, counters));
    }
  }
}

function highest(one: JournalCounters, other: JournalCounters): JournalCounters {
  const dropped: Record<string, number> = { ...one.dropped };
  for (const [reason, count] of Object.entries(other.dropped)) {
    dropped[reason] = Math.max(dropped[reason] ?? 0, count);
  }
  return {
    collected: Math.max(one.collected, other.collected),
    dropped,
    lastCall: Math.max(one.lastCall, other.lastCall),
  };
}
