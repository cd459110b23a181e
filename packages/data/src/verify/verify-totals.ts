import type { FindingList } from './finding-list.ts';
import type { DayReport, VerifiedFile, VerifyTotals } from './verify-report.ts';

/** Adds the days up. */
export function totalsOf(
  days: readonly DayReport[],
  files: readonly VerifiedFile[],
  writers: number,
  { errors, warnings }: FindingList,
): VerifyTotals {
  const reports = days.flatMap((day) => day.writers);
  const dropped: Record<string, number> = {};
  for (const report of reports) {
    for (const [reason, count] of Object.entries(report.dropped)) {
      dropped[reason] = (dropped[reason] ?? 0) + count;
    }
  }
  const sum = (field: 'collected' | 'stored' | 'pending') =>
    reports.reduce((total, report) => total + (report[field] ?? 0), 0);
  const rowFiles = files.filter(({ kind }) => kind === 'rows');
  return {
    days: new Set(days.map(({ day }) => day)).size,
    files: rowFiles.length,
    bytes: rowFiles.reduce((total, { bytes }) => total + bytes, 0),
    writers,
    collected: sum('collected'),
    stored: sum('stored'),
    dropped,
    pending: sum('pending'),
    rowsFound: days.reduce((total, { rows }) => total + rows, 0),
    errors,
    warnings,
  };
}
