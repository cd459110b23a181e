import { createHash } from 'node:crypto';
import type { UtcDay } from '@azureml-ts/monitoring/format';
import type { CollectedFile, CompanionFile } from '../files/collected-file.ts';
import type { FileStore } from '../store/file-store.ts';
import { readAhead } from '../store/read-ahead.ts';
import type { Tell } from './finding.ts';
import type { FoundRows } from './found-rows.ts';
import type { LedgerAccounts } from './ledger-accounts.ts';
import { type FileScan, FileScanner } from './scan-file.ts';
import type { ResolvedVerifyOptions } from './verify-options.ts';
import type { VerifiedFile } from './verify-report.ts';

/** Progress is told about that often, in bytes. */
const TELL_BYTES = 8_388_608;

/** A file of rows that was read. */
export interface ScannedFile {
  readonly file: CollectedFile;
  readonly scan: FileScan;
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
export async function readRowFiles(
  store: FileStore,
  files: readonly CollectedFile[],
  found: FoundRows,
  options: ResolvedVerifyOptions,
  tell: Tell,
): Promise<{ readonly scanned: ScannedFile[]; readonly read: VerifiedFile[] }> {
  const { abortSignal, onProgress, hashes } = options;
  const scanned: ScannedFile[] = [];
  const read: VerifiedFile[] = [];
  let rows = 0;
  let bytes = 0;
  let told = 0;
  let totalBytes = files.reduce((sum, { size }) => sum + size, 0);
  const say = (file: CollectedFile, now: number, fileCount: number): void => {
    told = bytes;
    const designation = file.path.split('/')[6] ?? '';
    onProgress?.({ designation, path: file.path, fileCount, totalFiles: files.length, bytes, totalBytes, rows: now });
  };
  for await (const { file, pieces } of readAhead(store, files, { abortSignal })) {
    const meter = new Meter(hashes);
    const scanner = new FileScanner(file, found.file(file.path, file.day));
    for await (const piece of meter.measure(pieces)) {
      scanner.push(piece);
      bytes += piece.length;
      if (bytes - told >= TELL_BYTES) {
        say(file, rows + scanner.rows, scanned.length);
      }
    }
    const scan = scanner.end(tell);
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

/** Counts and hashes bytes on their way. */
class Meter {
  readonly #hash: ReturnType<typeof createHash> | undefined;
  #bytes = 0;

  constructor(hashes: boolean) {
    this.#hash = hashes ? createHash('sha256') : undefined;
  }

  /** What came; the bytes must have ended. */
  get result(): { readonly bytes: number; readonly sha256?: string } {
    const hash = this.#hash?.copy().digest('hex');
    return { bytes: this.#bytes, ...(hash === undefined ? {} : { sha256: hash }) };
  }

  async *measure(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const piece of pieces) {
      this.#bytes += piece.length;
      this.#hash?.update(piece);
      yield piece;
    }
  }
}
