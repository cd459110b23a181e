import type { UtcDay } from '@azureml-ts/monitoring/format';
import type { Account } from './account.ts';
import { type DayRows, WriterRows } from './found-rows.ts';
import type { DayMissing } from './judge-calls.ts';
import type { DayShares } from './judge-day.ts';
import type { ScannedFile } from './scan-file.ts';
import type { DayReport, WriterReport } from './verify-report.ts';

/** Writers without an entry that a day lists at most. */
const MAX_UNKNOWN = 100;

/** Everything that is known of a day. */
export interface DayFacts {
  readonly day: UtcDay;
  readonly designation: string;
  readonly modelVersion: string;
  readonly files: readonly ScannedFile[];
  readonly found: DayRows;
  /** What the ledger says; `undefined` without one. */
  readonly accounts: ReadonlyMap<string, Account> | undefined;
  readonly shares: DayShares | undefined;
  readonly missing: ReadonlyMap<string, DayMissing>;
  /** Writers about which there are errors, `undefined` standing for the day itself. */
  readonly faulty: ReadonlySet<string | undefined>;
}

/** Puts the report of a day together. */
export function dayReport(facts: DayFacts): DayReport {
  const { day, designation, modelVersion, files, found, accounts, shares, faulty } = facts;
  const known = [...(accounts?.values() ?? [])].map((account) => writerReport(account, facts));
  const isPython = files.some(({ scan }) => scan.columns?.isPython === true);
  const given = known.reduce((sum, { underOtherIds }) => sum + underOtherIds, 0);
  // Rows that no known writer can have stored: whoever they are of has no entry.
  const isUnknown = shares === undefined || shares.shared > 0;
  const unknown = isUnknown && !isPython ? unknownWriters(facts, found, given) : [];
  const own = [...known, ...unknown].reduce((sum, { rowsFound }) => sum + rowsFound, 0);
  return {
    day,
    designation,
    modelVersion,
    layout: files[0]?.file.layout ?? null,
    holds: faulty.size === 0,
    hasLedger: accounts !== undefined,
    files: files.length,
    rows: found.rows,
    underOtherIds: Math.max(0, found.rows - own),
    writers: [...known, ...unknown].sort((one, other) => (one.writer < other.writer ? -1 : 1)),
  };
}

function writerReport(account: Account, { found, shares, missing, faulty }: DayFacts): WriterReport {
  const { writer, state, collected, stored, pending, dropped, lastCall, samplingRate, at } = account;
  const rows = found.writers.get(writer) ?? new WriterRows();
  const underOtherIds = shares?.others.get(writer) ?? 0;
  const gone = missing.get(writer);
  return {
    writer,
    state,
    holds: !faulty.has(writer),
    collected,
    stored,
    dropped,
    pending,
    rowsFound: rows.rows + underOtherIds,
    underOtherIds,
    calls: rows.calls,
    missing: gone?.runs ?? [],
    missingCalls: gone?.count ?? 0,
    duplicates: rows.duplicates,
    lastCall: lastCall ?? null,
    samplingRate,
    at,
  };
}

function unknownWriters({ accounts, faulty }: DayFacts, found: DayRows, given: number): WriterReport[] {
  if (given > 0) {
    return [];
  }
  return [...found.writers]
    .filter(([writer]) => accounts?.has(writer) !== true)
    .slice(0, MAX_UNKNOWN)
    .map(([writer, rows]) => ({
      writer,
      state: 'unknown',
      holds: !faulty.has(writer) && !faulty.has(undefined),
      collected: null,
      stored: null,
      dropped: {},
      pending: null,
      rowsFound: rows.rows,
      underOtherIds: 0,
      calls: rows.calls,
      missing: [],
      missingCalls: 0,
      duplicates: rows.duplicates,
      lastCall: null,
      samplingRate: null,
      at: null,
    }));
}
