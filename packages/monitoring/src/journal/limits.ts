import fs from 'node:fs';
import path from 'node:path';
import { type JournalPlace, readJson, writeJson } from './journal-place.ts';

/**
 * By text of the key, the last slice of a file that counts in a folder that was taken from a process which may live:
 * those behind it are still the process's own. Files that are not named have none.
 */
export type Limits = ReadonlyMap<string, number>;

/** End of the name of a file with limits, for the process that the folder was taken from. */
const TAKEN_MARK = '.taken.json';
/** A process that is stopped for longer stores its rows a second time: that is why it is so long. */
const KEPT_MS = 7 * 86_400_000;
const LIMITS_FILE = 'limits.json';

/**
 * Reads the limits that stand in a folder; `undefined` when it has none.
 *
 * @throws What the file system says.
 */
export function readLimits(folder: string): Limits | undefined {
  return parse(readJson(path.join(folder, LIMITS_FILE)));
}

/** Writes the limits of a folder into it. */
export function writeLimits(folder: string, limits: Limits): void {
  writeJson(path.join(folder, LIMITS_FILE), Object.fromEntries(limits));
}

/**
 * Reads what was left for a process whose folder was taken; `undefined` when nothing is there.
 *
 * @param ownerId The folder's name when it was that process's.
 * @throws What the file system says.
 */
export function readTombstone(place: JournalPlace, ownerId: string): Limits | undefined {
  return parse(readJson(place.pathOf(`${ownerId}${TAKEN_MARK}`)));
}

/** Leaves the limits for the process whose folder was taken. */
export function writeTombstone(place: JournalPlace, ownerId: string, limits: Limits): void {
  writeJson(place.pathOf(`${ownerId}${TAKEN_MARK}`), Object.fromEntries(limits));
}

/**
 * Removes notes that nobody will ask for any more, and drafts that were never finished.
 *
 * @param now Now, by the clock of the file system, in milliseconds; `undefined` when it is not known.
 * @throws What the file system says.
 */
export function removeOldNotes(place: JournalPlace, now: number | undefined): void {
  for (const name of place.names()) {
    if (now !== undefined && (name.endsWith(TAKEN_MARK) || name.endsWith('.tmp'))) {
      const file = place.pathOf(name);
      const { mtimeMs = now } = fs.statSync(file, { throwIfNoEntry: false }) ?? {};
      if (now - mtimeMs > KEPT_MS) {
        fs.rmSync(file, { force: true });
      }
    }
  }
}

function parse(value: unknown): Limits | undefined {
  return typeof value === 'object' && value !== null
    ? new Map(Object.entries(value as Record<string, number>))
    : undefined;
}
