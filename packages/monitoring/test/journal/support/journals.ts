import { readdir, utimes } from 'node:fs/promises';
import path from 'node:path';
import { systemClock } from '@azureml-ts/common';
import { JournalPlace } from '../../../src/journal/journal-place.ts';
import type { AbandonedJournal } from '../../../src/journal/journal-types.ts';
import { currentIdentity, type ProcessIdentity } from '../../../src/journal/process-identity.ts';
import { RowJournal, type RowJournalOptions } from '../../../src/journal/row-journal.ts';
import type { JournalTrouble } from '../../../src/journal/troubles.ts';
import { countersOf, keyOf, range, readNumbers, sliceOf, streamOf } from '../fixtures/slices.ts';

/** A journal and what it has told. */
export interface TestJournal {
  readonly journal: RowJournal;
  readonly writer: string;
  readonly troubles: JournalTrouble[];
  /** Writes slices of one file; gives what became of each. */
  write(first: number, last?: number, key?: ReturnType<typeof keyOf>): string[];
}

const open: RowJournal[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((journal) => journal.close()));
});

/** A journal for the tests; closed after the test. */
export function openJournal(directory: string, options: Partial<RowJournalOptions> = {}): TestJournal {
  const { writer = 'w1' } = options;
  const troubles: JournalTrouble[] = [];
  const journal = new RowJournal({
    directory,
    maxBytes: 1_000_000_000,
    storage: 'store',
    writer,
    stream: streamOf(),
    clock: systemClock,
    onTrouble: (trouble) => troubles.push(trouble),
    ...options,
  });
  open.push(journal);
  const write = (first: number, last = first, key = keyOf()) =>
    range(first, last).map((sequence) => journal.write(key, sliceOf(writer, sequence), countersOf(sequence)));
  return { journal, writer, troubles, write };
}

/** A process that does not exist any more, on this machine. */
export function deadIdentity(change: Partial<ProcessIdentity> = {}): ProcessIdentity {
  return { ...currentIdentity(), pid: 4_194_305, startTime: '1', ...change };
}

/** A process that cannot be seen from here. */
export function foreignIdentity(pidNamespace = 'pid:[1]', change: Partial<ProcessIdentity> = {}): ProcessIdentity {
  return { ...currentIdentity(), pidNamespace, pid: 1, startTime: '7', ...change };
}

/** Names of what is in the folder of the store, in order; none when it is not there. */
export function placeNames(directory: string): string[] {
  return new JournalPlace(directory, 'store').names().sort();
}

/** Path of what is in the folder of the store. */
export function placePath(directory: string, ...names: string[]): string {
  return path.join(new JournalPlace(directory, 'store').folder, ...names);
}

/** Paths of all files of the journals below a directory. */
export async function journalFiles(directory: string, end: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true });
  return entries.filter((entry) => entry.endsWith(end)).map((entry) => path.join(directory, entry));
}

/** Sets the heartbeats of all folders, or of one, back, as if their holders had been silent for so long. */
export async function silence(directory: string, seconds: number): Promise<void> {
  const then = Date.now() / 1_000 - seconds;
  for (const heartbeat of await journalFiles(directory, 'heartbeat')) {
    await utimes(heartbeat, then, then);
  }
}

/** The numbers of all slices of a journal that wait, by text of writer, day and columns. */
export async function numbersOf(found: readonly AbandonedJournal[]): Promise<Record<string, number[]>> {
  const numbers: Record<string, number[]> = {};
  for (const { writer, files } of found) {
    for (const file of files) {
      const { day, schema } = file.key;
      numbers[`${writer} ${day} ${schema.names ?? schema.width}`] = await readNumbers(file, writer);
    }
  }
  return numbers;
}
