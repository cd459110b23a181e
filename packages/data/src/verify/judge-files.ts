import { type UtcDay, utcDay } from '@azureml-ts/monitoring/format';
import { type Account, isSettled } from './account.ts';
import { counted, type Tell } from './finding.ts';
import type { DayRows } from './found-rows.ts';
import type { ScannedFile } from './scan-file.ts';

/** What a day's files are judged by. */
export interface JudgeFilesOptions {
  readonly day: UtcDay;
  readonly files: readonly ScannedFile[];
  /** What the ledger says; `undefined` without one. */
  readonly accounts: ReadonlyMap<string, Account> | undefined;
  readonly now: number;
  readonly tell: Tell;
}

/** Judges how the files of a day begin and end. */
export function judgeFiles({ day, files, accounts, now, tell }: JudgeFilesOptions): void {
  const settled = accounts !== undefined && [...accounts.values()].every(isSettled);
  const schemas = knownSchemas(accounts);
  for (const { file, scan } of files) {
    // While somebody writes, what has no line end may be a row that is on its way.
    if (scan.torn !== undefined && (day < utcDay(now) || settled)) {
      const { byteOffset, bytes } = scan.torn;
      tell({
        code: 'TORN_END',
        severity: 'error',
        day,
        path: file.path,
        message: `${file.path} ends within a record: its last ${counted(bytes, 'byte')}, from byte ${byteOffset} on, are no row (no line end, or a quote that is not closed). The file was cut; take it from a backup.`,
        counts: { byteOffset, bytes },
      });
    }
    const { columns } = scan;
    if (columns === undefined || columns.isPython) {
      continue;
    }
    const isOfName = file.schema === undefined || columns.schema === file.schema;
    if (isOfName && (schemas === undefined || schemas.has(columns.schema))) {
      continue;
    }
    const why = isOfName
      ? `the writers of the day have ${[...(schemas ?? [])].sort().join(', ')}`
      : `the file's name says ${file.schema}`;
    tell({
      code: 'HEADER_UNKNOWN',
      severity: 'error',
      day,
      path: file.path,
      message: `${file.path} ${columns.hasHeader ? `has a header with the hash ${columns.schema}` : `has no header (${columns.schema})`}, but ${why}. Its first line was changed or removed; take the file from a backup.`,
      counts: { columns: columns.width },
    });
  }
}

/** Hashes of the columns of a day; `undefined` when not all are known. */
function knownSchemas(accounts: ReadonlyMap<string, Account> | undefined): ReadonlySet<string> | undefined {
  const known = new Set<string>();
  for (const account of accounts?.values() ?? []) {
    // An open writer may have met other columns since its last entry.
    if (account.schemas === undefined || (!isSettled(account) && account.state === 'open')) {
      return undefined;
    }
    for (const schema of account.schemas) {
      known.add(schema);
    }
  }
  return known.size === 0 ? undefined : known;
}

/**
 * Tells calls whose rows stand in more than one place.
 *
 * Rows may come under ids of other calls, labels even one by one, so a call can be met again without a fault: only where
 * all rows of the writers' own calls have their own ids, or counts do not agree, or there are none, it is one for sure.
 */
export function judgeRepeated(
  day: UtcDay,
  found: DayRows,
  accounts: ReadonlyMap<string, Account> | undefined,
  agrees: boolean,
  tell: Tell,
): void {
  const hasOwnOnly = [...(accounts?.values() ?? [])].every(({ otherIds }) => otherIds === 0);
  const isProven = accounts !== undefined && agrees;
  for (const { path, writer, places, rows } of found.repeated.values()) {
    const isOwn = writer !== undefined && accounts?.has(writer) === true;
    if (isProven && !isOwn && !hasOwnOnly) {
      continue;
    }
    tell({
      code: 'DUPLICATE_CALL',
      severity: isProven && !hasOwnOnly ? 'warning' : 'error',
      day,
      ...(writer === undefined ? {} : { writer }),
      path,
      message: `${counted(places.count, 'call')} (${counted(rows, 'row')}) of ${path} stand elsewhere too: rows of one call stand together in one file. The first is call ${places.first[0]?.call}, ${places.text}. Lines or files were copied, or rows were collected twice under one id; take out what is there twice.`,
      counts: { calls: places.count, rows },
      places: places.first,
    });
  }
}
