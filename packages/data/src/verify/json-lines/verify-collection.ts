import type { UtcDay } from '@azureml-ts/monitoring/format';
import type { CollectedFile } from '../../files/collected-file.ts';
import { findFiles } from '../../files/list-files.ts';
import { streamRoots } from '../../files/stream-selection.ts';
import { faultTell } from '../fault-tell.ts';
import { counted, type Tell } from '../finding.ts';
import type { FindingList } from '../finding-list.ts';
import { judgeCase } from '../judge-names.ts';
import { daysOf, type ReadFile, readRowFiles } from '../read-files.ts';
import { recordingStore } from '../recording-store.ts';
import type { VerifySource } from '../verify-designation.ts';
import type { ResolvedVerifyOptions } from '../verify-options.ts';
import type { VerifiedStream } from '../verify-stream.ts';
import { judgeCollection } from './judge-collection.ts';
import { PayloadFiles } from './payload-files.ts';
import { RecordFileScanner, type RecordScan } from './scan-records.ts';
import { SeenRecords } from './seen-records.ts';

/**
 * Checks the form of one collection of JSON Lines. Nobody keeps a ledger of records, so that none can be proven missing:
 * every day says so.
 */
export async function verifyCollection(
  { store, selection, range }: VerifySource,
  options: ResolvedVerifyOptions,
  findings: FindingList,
): Promise<VerifiedStream> {
  const { designation, modelVersion, folder = '' } = selection;
  const { abortSignal, hashes } = options;
  const recording = recordingStore(store);
  const { files } = await findFiles(recording.store, selection, range, abortSignal);
  const { faults, tell } = faultTell(findings, options.strict, { designation, modelVersion });
  const payloads = new PayloadFiles(store, hashes);
  const seen = new SeenRecords();
  const scannerOf = (file: CollectedFile) => {
    payloads.day = file.day;
    return new RecordFileScanner(payloads.store, file, seen, abortSignal);
  };
  const { scanned, read } = await readRowFiles(store, files, { ...options, designation, scannerOf }, tell);
  const known = new Set(files.map(({ path }) => path));
  const isRead = (path: string) => known.has(path) || payloads.has(path);
  judgeCollection({ folder, range, listed: recording.listed, isRead }, tell);
  await judgeCase(store, streamRoots(selection), tell, abortSignal);
  const days = countDays(scanned);
  for (const counts of days.values()) {
    tellAbsent(counts, tell);
  }
  return {
    days: daysOf(files).map((day) => {
      const { files: count = 0, rows = 0 } = days.get(day) ?? {};
      return {
        day,
        designation,
        modelVersion,
        layout: 'json-lines',
        holds: (faults.get(day)?.size ?? 0) === 0,
        hasLedger: false,
        files: count,
        rows,
        underOtherIds: rows,
        writers: [],
      };
    }),
    files: [...read, ...payloads.files()],
    writers: 0,
  };
}

interface DayCounts {
  readonly day: UtcDay;
  files: number;
  rows: number;
  records: number;
}

function countDays(files: readonly ReadFile<RecordScan>[]): Map<UtcDay, DayCounts> {
  const days = new Map<UtcDay, DayCounts>();
  for (const { file, scan } of files) {
    const counts = days.get(file.day) ?? { day: file.day, files: 0, rows: 0, records: 0 };
    counts.files += 1;
    counts.rows += scan.rows;
    counts.records += scan.records;
    days.set(file.day, counts);
  }
  return days;
}

function tellAbsent({ day, files, rows, records }: DayCounts, tell: Tell): void {
  tell({
    code: 'LEDGER_ABSENT',
    severity: 'warning',
    day,
    message: `The ${counted(rows, 'row')} of ${day} (${counted(records, 'record')}) are JSON Lines, of which nobody keeps a ledger: whether any is missing cannot be proven. Checked were the form of the files and records, the days, and whether a record or a call stands twice.`,
    counts: { rows, files, records },
  });
}
