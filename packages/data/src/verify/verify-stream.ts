import { type StreamIdentity, type UtcDay, utcDay } from '@azureml-ts/monitoring/format';
import type { CollectedFile, CompanionFile } from '../files/collected-file.ts';
import type { FileStore } from '../store/file-store.ts';
import { type Account, isSettled } from './account.ts';
import { dayReport } from './day-report.ts';
import type { Faults } from './fault-tell.ts';
import { counted, type FindingDraft, type Tell } from './finding.ts';
import { DayRows, FoundRows } from './found-rows.ts';
import { type DayMissing, judgeCalls } from './judge-calls.ts';
import { type DayShares, judgeDay } from './judge-day.ts';
import { judgeFiles, judgeRepeated } from './judge-files.ts';
import { LedgerAccounts } from './ledger-accounts.ts';
import { daysOf, readLedgers, readRowFiles } from './read-files.ts';
import { FileScanner, type ScannedFile } from './scan-file.ts';
import type { ResolvedVerifyOptions } from './verify-options.ts';
import type { DayReport, VerifiedFile } from './verify-report.ts';

/** One stream: a designation of one version, and what was found of it. */
export interface StreamFiles {
  readonly stream: StreamIdentity;
  readonly files: readonly CollectedFile[];
  readonly ledgers: readonly CompanionFile[];
  /** Whether all days are among them. */
  readonly isWhole: boolean;
}

/** What was found out about a stream. */
export interface VerifiedStream {
  readonly days: DayReport[];
  readonly files: VerifiedFile[];
  /** Writers that have entries in the ledgers. */
  readonly writers: number;
}

/** Verifies one stream: first its ledgers, then its rows, file by file in the order of their days. */
export async function verifyStream(
  store: FileStore,
  { stream, files, ledgers, isWhole }: StreamFiles,
  options: ResolvedVerifyOptions,
  faults: Faults,
  tell: Tell,
): Promise<VerifiedStream> {
  const now = Date.now();
  const ledger = new LedgerAccounts(stream, tell);
  const readFirst = await readLedgers(store, ledgers, ledger, options);
  const accounts = ledger.accounts();
  const found = new FoundRows((day, writer) => givenUpCalls(accounts.get(day)?.get(writer)));
  const scannerOf = (file: CollectedFile) => new FileScanner(file, found.file(file.path, file.day));
  const { designation } = stream;
  const { scanned, read } = await readRowFiles(store, files, { ...options, designation, scannerOf }, tell);
  await addLateWriters(store, stream, ledgers, accounts, found, options, now);

  const shares = new Map<UtcDay, DayShares>();
  const days = daysOf(files, ledgers);
  const byDay = new Map<UtcDay, ScannedFile[]>();
  for (const one of scanned) {
    byDay.set(one.file.day, [...(byDay.get(one.file.day) ?? []), one]);
  }
  for (const day of days) {
    const dayFiles = byDay.get(day) ?? [];
    const rows = found.days.get(day) ?? new DayRows();
    const known = accounts.get(day);
    if (known === undefined) {
      tellWithoutLedger(day, dayFiles, rows, tell);
    } else {
      tellStates(known, now, options, tell);
      shares.set(day, judgeDay(day, known, rows, tell));
    }
    judgeFiles({ day, files: dayFiles, accounts: known, now, tell });
    judgeRepeated(day, rows, known, shares.get(day)?.agrees === true, tell);
  }
  const missing = new Map<UtcDay, Map<string, DayMissing>>();
  const writers = accountsByWriter(accounts, days);
  for (const [writer, own] of writers) {
    const agrees = own.every(({ day }) => shares.get(day)?.agrees === true);
    const gone = await judgeCalls({
      writer,
      accounts: own,
      found,
      isWhole,
      agrees,
      abortSignal: options.abortSignal,
      tell,
    });
    for (const [day, runs] of gone) {
      missing.set(day, (missing.get(day) ?? new Map()).set(writer, runs));
    }
  }
  return {
    days: days.map((day) =>
      dayReport({
        day,
        designation: stream.designation,
        modelVersion: stream.modelVersion,
        files: byDay.get(day) ?? [],
        found: found.days.get(day) ?? new DayRows(),
        accounts: accounts.get(day),
        shares: shares.get(day),
        missing: missing.get(day) ?? new Map(),
        faulty: faults.get(day) ?? new Set(),
      }),
    ),
    files: [...readFirst, ...read],
    writers: writers.size,
  };
}

function givenUpCalls(account: Account | undefined) {
  return account?.gaps.filter(({ reason }) => reason === 'failed') ?? [];
}

function accountsByWriter(
  accounts: ReadonlyMap<UtcDay, ReadonlyMap<string, Account>>,
  days: readonly UtcDay[],
): Map<string, Account[]> {
  const writers = new Map<string, Account[]>();
  for (const account of days.flatMap((day) => [...(accounts.get(day)?.values() ?? [])])) {
    const own = writers.get(account.writer) ?? [];
    own.push(account);
    writers.set(account.writer, own);
  }
  return writers;
}

/**
 * A writer that began after the ledgers had been read has rows all the same. Of a day that goes on the ledger is read
 * again, for the writers that it did not know before: what they had stored by then cannot be told.
 */
async function addLateWriters(
  store: FileStore,
  stream: StreamIdentity,
  ledgers: readonly CompanionFile[],
  accounts: ReadonlyMap<UtcDay, Map<string, Account>>,
  found: FoundRows,
  options: ResolvedVerifyOptions,
  now: number,
): Promise<void> {
  const isNew = (day: UtcDay) => {
    const known = accounts.get(day);
    return (
      day >= utcDay(now) && [...(found.days.get(day)?.writers.keys() ?? [])].some((name) => known?.has(name) !== true)
    );
  };
  const again = ledgers.filter(({ day }) => isNew(day));
  // What is wrong with them has been told.
  const late = new LedgerAccounts(stream, () => undefined);
  await readLedgers(store, again, late, { ...options, hashes: false });
  for (const [day, writers] of late.accounts()) {
    for (const [writer, account] of writers) {
      if (accounts.get(day)?.has(writer) === false) {
        const { collected, stored, pending } = account;
        accounts.get(day)?.set(writer, {
          ...account,
          state: 'open',
          stored: 0,
          pending: stored + pending,
          collected,
          otherIds: account.otherIds === 0 ? 0 : undefined,
          schemas: undefined,
        });
      }
    }
  }
}

function tellStates(
  accounts: ReadonlyMap<string, Account>,
  now: number,
  { openForMs }: ResolvedVerifyOptions,
  tell: Tell,
): void {
  for (const account of accounts.values()) {
    const { writer, day, state, pending, lost, collected, stored, at } = account;
    const about = { day, writer } satisfies Partial<FindingDraft>;
    const age = now - Date.parse(at);
    if (state === 'open' && age >= openForMs) {
      tell({
        ...about,
        code: 'WRITER_NOT_CLOSED',
        severity: 'warning',
        message: `Writer ${writer} has not closed ${day}: its last entry is of ${at}, ${hoursText(age)} ago. It has nothing to do since, or was killed with nothing left in its journal. At least the ${counted(stored, 'row')} that it had stored by then must be there; what came after cannot be proven.`,
        counts: { collected, stored, pending, ageMs: age },
      });
    }
    if (state === 'closed' && !isSettled(account)) {
      tell({
        ...about,
        code: 'ROWS_WAITING',
        severity: 'error',
        message: `Writer ${writer} ended with ${counted(pending, 'row')} of ${day} that the store had not taken: they are in its journal. The next collector with this journal and storage stores them; start one, then verify again.`,
        counts: { collected, stored, pending },
      });
    }
    if (lost > 0) {
      tell({
        ...about,
        code: 'ROWS_LOST',
        severity: 'error',
        message: `Writer ${writer} died with ${counted(lost, 'row')} of ${day} in memory: they are in no file and no journal. Collected ${collected}, stored ${stored}. They are lost; see "How a process may end" in the guide.`,
        counts: { collected, stored, lost },
      });
    }
  }
}

function tellWithoutLedger(day: UtcDay, files: readonly ScannedFile[], rows: DayRows, tell: Tell): void {
  const isPython = files.every(({ scan, file }) => scan.columns?.isPython ?? file.layout === 'python-v1');
  if (isPython) {
    tell({
      code: 'LEDGER_ABSENT',
      severity: 'warning',
      day,
      message: `The ${counted(rows.rows, 'row')} of ${day} were written by the Python package, which keeps no ledger: whether any is missing cannot be proven. Checked were the form of the files, the days, and whether a call stands twice.`,
      counts: { rows: rows.rows, files: files.length },
    });
  } else if (files.length > 0) {
    tell({
      code: 'LEDGER_MISSING',
      severity: 'error',
      day,
      message: `There are ${counted(rows.rows, 'row')} of ${day} in ${counted(files.length, 'file')}, but no ledger (_ledger.jsonl): nothing says how many there should be. It was removed, or the collector was not allowed to write it; take it from a backup.`,
      counts: { rows: rows.rows, files: files.length },
    });
  }
}

function hoursText(milliseconds: number): string {
  const hours = milliseconds / 3_600_000;
  return hours >= 48 ? `${Math.floor(hours / 24)} days` : `${hours.toFixed(1)} hours`;
}
