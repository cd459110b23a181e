import type { UtcDay } from '@azureml-ts/monitoring/format';
import type { CollectedFile, CompanionFile } from '../files/collected-file.ts';
import type { FileStore } from '../store/file-store.ts';
import { readAhead } from '../store/read-ahead.ts';
import type { Tell } from './finding.ts';
import type { LedgerAccounts } from './ledger-accounts.ts';
import { Meter } from './meter.ts';
import type { ResolvedVerifyOptions } from './verify-options.ts';
import type { VerifiedFile } from './verify-report.ts';

/** Progress is told about that often, in bytes. */
const TELL_BYTES = 8_388_608;

/** Takes the bytes of one file of rows, and tells what is wrong with it. */
export interface RowScanner<S> {
  /** Rows so far. */
  readonly rows: number;
  /** Takes more bytes. */
  push(piece: Uint8Array): void | Promise<void>;
  /** Says that the file ends here. */
  end(tell: Tell): S | Promise<S>;
}

/** A file of rows that was read. */
export interface ReadFile<S> {
  readonly file: CollectedFile;
  /** What was found in it. */
  readonly scan: S;
}

/** How files of rows are read. */
export interface RowFilesOptions<S> extends Pick<ResolvedVerifyOptions, 'abortSignal' | 'onProgress' | 'hashes'> {
  /** Designation of the stream. */
  readonly designation: string;
  /** Makes what reads a file. */
  readonly scannerOf: (file: CollectedFile) => RowScanner<S>;
}

/** Reads ledgers. */
export async function readLedgers(
  store: FileStore,
  ledgers: readonly CompanionFile[],
  accounts: LedgerAccounts,
  options: ResolvedVerifyOptions,
): Promise<VerifiedFile[]> {
  const read: VerifiedFile[] = [];
  for await (const { file, pieces } of readAhead(store, ledgers, { abortSignal: options.abortSignal })) {
    const meter = new Meter(options.hashes);
    const rows = await accounts.read(file, meter.measure(pieces));
    read.push({ path: file.path, kind: 'ledger', day: file.day, rows, ...meter.result });
  }
  return read;
}

/** Reads the files of rows, in order. */
export async function readRowFiles<S extends { readonly rows: number }>(
  store: FileStore,
  files: readonly CollectedFile[],
  options: RowFilesOptions<S>,
  tell: Tell,
): Promise<{ readonly scanned: ReadFile<S>[]; readonly read: VerifiedFile[] }> {
  const { designation, scannerOf, abortSignal, onProgress, hashes } = options;
  const scanned: ReadFile<S>[] = [];
  const read: VerifiedFile[] = [];
  let rows = 0;
  let bytes = 0;
  let told = 0;
  let totalBytes = files.reduce((sum, { size }) => sum + size, 0);
  const say = (file: CollectedFile, now: number, fileCount: number): void => {
    told = bytes;
    onProgress?.({ designation, path: file.path, fileCount, totalFiles: files.length, bytes, totalBytes, rows: now });
  };
  for await (const { file, pieces } of readAhead(store, files, { abortSignal })) {
    const meter = new Meter(hashes);
    const scanner = scannerOf(file);
    for await (const piece of meter.measure(pieces)) {
      await scanner.push(piece);
      bytes += piece.length;
      if (bytes - told >= TELL_BYTES) {
        say(file, rows + scanner.rows, scanned.length);
      }
    }
    const scan = await scanner.end(tell);
    rows += scan.rows;
    totalBytes += meter.result.bytes - file.size;
    scanned.push({ file, scan });
    read.push({ path: file.path, kind: 'rows', day: file.day, rows: scan.rows, ...meter.result });
    say(file, rows, scanned.length);
  }
  return { scanned, read };
}

/** Days of which there are files of rows, or ledgers. */
export function daysOf(...lists: readonly (readonly { readonly day: UtcDay }[])[]): UtcDay[] {
  return [...new Set(lists.flatMap((list) => list.map(({ day }) => day)))].sort();
}
