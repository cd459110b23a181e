import type { LedgerEntry, LedgerGap, UtcDay } from '@azureml-ts/monitoring/format';

/** What the ledger says of one writer on one day, all entries taken together. */
export interface Account {
  readonly writer: string;
  readonly day: UtcDay;
  readonly state: 'open' | 'closed' | 'recovered';
  readonly collected: number;
  readonly stored: number;
  readonly pending: number;
  readonly dropped: Readonly<Record<string, number>>;
  /** Rows that died with a process: neither stored nor dropped nor waiting. */
  readonly lost: number;
  readonly gaps: readonly LedgerGap[];
  /** Whether every call without rows is in `gaps`, but for those left out by sampling. */
  readonly isListComplete: boolean;
  /** Dropped rows whose calls are in no gap. */
  readonly unlisted: number;
  readonly samplingRate: number;
  readonly lastCall: number | undefined;
  /** Of the rows taken, those under ids of other calls. */
  readonly otherIds: number | undefined;
  readonly schemas: readonly string[] | undefined;
  /** When the last entry was written. */
  readonly at: string;
}

/** Entries of one writer and day that count. */
export interface WriterEntries {
  /** The latest that it wrote itself. */
  readonly own: LedgerEntry | undefined;
  /** The latest that another process wrote about it. */
  readonly recovered: LedgerEntry | undefined;
}

/** Whether nothing will be added to an account. */
export function isSettled({ state, pending }: Account): boolean {
  return state === 'recovered' || (state === 'closed' && pending === 0);
}

/** All rows of an entry that were dropped. */
export function droppedRows({ dropped }: Pick<LedgerEntry, 'dropped'>): number {
  return Object.values(dropped).reduce((sum, count) => sum + count, 0);
}

/**
 * Takes the entries of a writer together.
 *
 * An entry of another process says what the journal of a dead writer held. It cannot know what the writer dropped since
 * it wrote to the journal last, and the writer's own entry cannot know what happened since: of each count the higher one
 * is right.
 */
export function accountOf(writer: string, day: UtcDay, { own, recovered }: WriterEntries): Account | undefined {
  if (own === undefined || recovered === undefined) {
    const entry = own ?? recovered;
    return entry === undefined ? undefined : plainAccount(writer, day, entry);
  }
  const isOver = own.kind === 'closed' && own.pending === 0;
  // A writer that another process took for dead, and that lives on.
  const livesOn = own.kind === 'open' && own.at > recovered.at;
  if (isOver || livesOn) {
    return plainAccount(writer, day, own);
  }
  const dropped = highest(own.dropped, recovered.dropped);
  const gone = droppedRows({ dropped });
  const collected = Math.max(own.collected, recovered.collected);
  // A writer that could still say that it ends had all its other rows in the journal.
  const stored = own.kind === 'closed' ? collected - gone : Math.max(own.stored, recovered.stored);
  return {
    ...plainAccount(writer, day, own),
    state: 'recovered',
    collected,
    stored,
    pending: 0,
    dropped,
    lost: Math.max(0, collected - stored - gone),
    isListComplete: own.kind === 'closed' && (own.moreGaps ?? 0) === 0,
    unlisted: Math.max(0, countedInGaps(dropped) - listedRows(own.gaps)),
    lastCall: later(own.lastCall, recovered.lastCall),
    otherIds: own.kind === 'closed' ? own.otherIds : undefined,
    schemas: own.kind === 'closed' ? own.schemas : undefined,
    at: recovered.at,
  };
}

function plainAccount(writer: string, day: UtcDay, entry: LedgerEntry): Account {
  const { kind, collected, stored, pending, dropped, gaps, samplingRate, lastCall, otherIds, schemas, at } = entry;
  return {
    writer,
    day,
    state: kind,
    collected,
    stored,
    pending,
    dropped,
    lost: 0,
    gaps,
    isListComplete: kind !== 'recovered' && (entry.moreGaps ?? 0) === 0,
    unlisted: Math.max(0, countedInGaps(dropped) - listedRows(gaps)),
    samplingRate,
    lastCall,
    otherIds,
    schemas,
    at,
  };
}

/** Dropped rows whose calls stand in gaps; which ones sampling leaves out follows from their ids. */
function countedInGaps(dropped: Readonly<Record<string, number>>): number {
  return droppedRows({ dropped }) - (dropped['sampled'] ?? 0);
}

function listedRows(gaps: readonly LedgerGap[]): number {
  return gaps.reduce((sum, { rows }) => sum + rows, 0);
}

function highest(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>) {
  const result: Record<string, number> = { ...one };
  for (const [reason, count] of Object.entries(other)) {
    result[reason] = Math.max(result[reason] ?? 0, count);
  }
  return result;
}

function later(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}
