import { type UtcDay, utcDay } from '@azureml-ts/monitoring/format';
import type { CollectedFile, CompanionFile } from '../../files/collected-file.ts';
import type { FoundFiles } from '../../files/list-files.ts';
import type { FileStore } from '../../store/file-store.ts';
import { parseEntry } from '../../verify/parse-entry.ts';
import { type ManifestSource, sourceOf } from '../manifest.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Everything of one day and version. */
export interface DayFiles {
  readonly day: UtcDay;
  readonly modelVersion: string;
  /** The files of rows, in order. */
  readonly files: readonly CollectedFile[];
  /** Ledgers and notes beside them, by path. */
  readonly companions: readonly CompanionFile[];
}

/** Puts files together by day and version, in the order of the files. */
export function daysOf({ files, companions }: FoundFiles): DayFiles[] {
  const days = new Map<string, { day: UtcDay; modelVersion: string; files: CollectedFile[] }>();
  for (const file of files) {
    const key = `${file.day} ${file.modelVersion}`;
    const known = days.get(key);
    if (known === undefined) {
      days.set(key, { day: file.day, modelVersion: file.modelVersion, files: [file] });
    } else {
      known.files.push(file);
    }
  }
  return [...days.values()].map((day) => {
    const folders = new Set(day.files.map(({ path }) => folderOf(path)));
    const beside = companions.filter(({ path }) => folders.has(folderOf(path)));
    return { ...day, companions: beside.sort((a, b) => (a.path < b.path ? -1 : 1)) };
  });
}

/** The files of a day as they were listed. */
export function sourcesOf({ files, companions }: DayFiles): ManifestSource[] {
  return [...files, ...companions].map(sourceOf);
}

/** Folder of a path, with its slash. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/**
 * Tells why rows of a day may still come; `undefined` when they may not: the day is over, and every writer has said that
 * it ended or has not said anything for an hour. Without a ledger, the day must have been over for an hour.
 */
export async function whyOpen(
  store: FileStore,
  { day, companions }: DayFiles,
  now: number,
  abortSignal: AbortSignal | undefined,
): Promise<string | undefined> {
  if (day >= utcDay(now)) {
    return 'the day is not over';
  }
  const ledgers = companions.filter(({ kind }) => kind === 'ledger');
  const writers = new Map<string, { isClosed: boolean; at: number }>();
  for (const { path } of ledgers) {
    for (const line of (await readText(store, path, abortSignal)).split('\n')) {
      const parsed = line === '' ? undefined : parseEntry(line);
      if (parsed !== undefined && 'entry' in parsed) {
        const { writer, kind, at } = parsed.entry;
        const known = writers.get(writer) ?? { isClosed: false, at: 0 };
        known.isClosed ||= kind !== 'open';
        known.at = Math.max(known.at, Date.parse(at));
        writers.set(writer, known);
      }
    }
  }
  for (const [writer, { isClosed, at }] of writers) {
    if (!isClosed && at > now - HOUR_MS) {
      return `the writer ${writer} has not closed, and was there within the last hour`;
    }
  }
  const isSettled = Date.parse(`${day}T00:00:00Z`) + DAY_MS + HOUR_MS <= now;
  return writers.size === 0 && !isSettled ? 'the day has been over for less than an hour' : undefined;
}

async function readText(store: FileStore, path: string, abortSignal: AbortSignal | undefined): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of store.read(path, abortSignal)) {
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}
