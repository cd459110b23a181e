import { harmlessLine } from '@azureml-ts/common';
import type { DayReport, Finding, VerifyReport, WriterReport } from '@azureml-ts/data';
import type { CommandIo } from '../../io.ts';
import { hasColors, paint } from '../../output/colors.ts';
import { type Row, tableText } from '../../output/table.ts';

/** The table of the days and their writers, line by line. */
export function reportTable(io: CommandIo, { days, stream }: VerifyReport): string[] {
  const hasVersions = new Set(days.map(({ modelVersion }) => modelVersion)).size > 1;
  const hasDesignations = stream.designations.length > 1;
  const rows = days.flatMap((day) => {
    const about = {
      day: day.day,
      ...(hasDesignations ? { designation: day.designation } : {}),
      ...(hasVersions ? { version: day.modelVersion } : {}),
    };
    const other = otherRows(day);
    return [
      ...day.writers.map((writer) => ({ ...about, ...writerRow(writer) })),
      ...(other === undefined ? [] : [{ ...about, ...other }]),
    ];
  });
  // A number of a writer is worth nothing when it is cut.
  const lines = tableText(rows, { isColored: hasColors(io), maxCell: Number.POSITIVE_INFINITY }).split('\n');
  lines.pop();
  return lines;
}

function writerRow(writer: WriterReport): Row {
  const { state, collected, stored, dropped, pending, rowsFound, holds } = writer;
  return {
    writer: writer.writer,
    state,
    collected,
    stored,
    dropped: collected === null ? null : Object.values(dropped).reduce((sum, count) => sum + count, 0),
    pending,
    found: rowsFound,
    verdict: holds ? 'holds' : 'FAILS',
  };
}

/** Rows that no writer of the day can be given, and days without writers. */
function otherRows({ writers, rows, underOtherIds, hasLedger, holds }: DayReport): Row | undefined {
  if (writers.length > 0 && underOtherIds === 0) {
    return undefined;
  }
  const verdict = !holds ? 'FAILS' : hasLedger ? 'holds' : 'not proven';
  const counts = { collected: null, stored: null, dropped: null, pending: null };
  return writers.length === 0
    ? { writer: '', state: hasLedger ? '' : 'no ledger', ...counts, found: rows, verdict }
    : { writer: '(ids of other calls)', state: '', ...counts, found: underOtherIds, verdict };
}

const STYLES = { error: 'red', warning: 'yellow' } as const;

/** A finding for people: a line, and where. */
export function findingText(io: CommandIo, finding: Finding): string[] {
  const { severity, code, places = [] } = finding;
  const isColored = hasColors(io);
  const line = `${paint(severity.padEnd(7), STYLES[severity], isColored)}  ${code}  ${harmlessLine(finding.message)}`;
  const shown = places.slice(0, 5).map(({ record, byteOffset }) => `record ${record} (byte ${byteOffset})`);
  return shown.length < 2 ? [line] : [line, `         at ${shown.join(', ')}${places.length > 5 ? ', ...' : ''}`];
}

/** A finding in one line, without colours. */
export function findingLine({ day, code, message }: Finding): string {
  return `${code}${day === undefined ? '' : ` ${day}`}: ${message}`;
}

/** The outcome in one line. */
export function summaryLine({ holds, range, days, totals, moreFindings }: VerifyReport): string {
  const unproven = new Set(days.filter(({ hasLedger }) => !hasLedger).map(({ day }) => day)).size;
  const { rowsFound, files, errors, warnings } = totals;
  const what = `${rowsFound} rows in ${files} ${files === 1 ? 'file' : 'files'} of ${totals.days} ${totals.days === 1 ? 'day' : 'days'}`;
  const counts = `${errors} ${errors === 1 ? 'error' : 'errors'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`;
  const more = moreFindings === 0 ? '' : `; ${moreFindings} findings are not shown`;
  const open =
    holds && unproven > 0
      ? `; of ${unproven} ${unproven === 1 ? 'day' : 'days'} there is no ledger, so that no row can be proven missing`
      : '';
  const part = range === 'partial' ? ' for these days' : '';
  return `${holds ? `it holds${part}` : 'it does not hold'}: ${what}, ${counts}${open}${more}.`;
}

/** The outcome as the end of a sentence about the collected rows. */
export function verdictText({ holds, days }: VerifyReport): string {
  const isProven = days.length > 0 && days.every(({ hasLedger }) => hasLedger);
  return !holds
    ? 'are not as they should be'
    : isProven
      ? 'are complete'
      : 'were checked, but not proven to be complete';
}

/** The report as JSON: every field is there, so that a reader need not ask which are. */
export function reportJson({ findings, ...report }: VerifyReport): Row {
  return {
    ...report,
    files: report.files.map((file) => ({ ...file, sha256: file.sha256 ?? null })),
    findings: findings.map(
      ({ code, severity, designation, modelVersion, day, writer, path, message, counts, ...where }) => ({
        code,
        severity,
        designation,
        modelVersion,
        day: day ?? null,
        writer: writer ?? null,
        path: path ?? null,
        message,
        counts,
        places: where.places?.map((place) => ({ ...place, call: place.call ?? null })) ?? [],
        calls: where.calls ?? [],
      }),
    ),
  };
}
