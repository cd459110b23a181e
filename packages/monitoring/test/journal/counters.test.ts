import { existsSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import path from 'node:path';
import type { JournalCounters } from '../../src/journal/journal-types.ts';
import { temporaryFolder } from '../support/workspace.ts';
import { countersOf, keyOf, streamOf } from './fixtures/slices.ts';
import { deadIdentity, journalFiles, openJournal, placeNames } from './support/journals.ts';

const DAY = '2026-03-04';
const counts = (collected: number, failed = 0): JournalCounters => ({
  collected,
  dropped: failed === 0 ? {} : { failed },
  lastCall: collected,
});

async function newDirectory(): Promise<string> {
  return path.join(await temporaryFolder(), 'journals');
}

/** A process that has stored all its rows and died before the ledger said so. */
async function leaveCounts(directory: string): Promise<void> {
  const { journal, write } = openJournal(directory, { writer: 'dead', identity: deadIdentity() });
  write(1, 2);
  await journal.file(keyOf(), () => counts(7)).acknowledge(2);
  const other = keyOf('2026-03-05');
  write(3, 3, other);
  await journal.file(other, () => counts(4, 1)).acknowledge(3);
}

describe('the counts of rows that are stored', () => {
  it('stay in the folder until the ledger has them', async () => {
    const directory = await newDirectory();
    const { journal, write } = openJournal(directory);
    const log = journal.file(keyOf(), () => counts(7));
    write(1, 2);
    await log.acknowledge(2);
    await expect(journalFiles(directory, '.log')).resolves.toEqual([]);
    await expect(journalFiles(directory, '.state')).resolves.toHaveLength(1);
    // The rows that follow need no new file for them.
    write(3);
    await log.acknowledge(3);
    journal.accounted('2026-03-05', journal.notes);
    await expect(journalFiles(directory, '.state')).resolves.toHaveLength(1);
    journal.accounted(DAY, journal.notes);
    await expect(journalFiles(directory, '.state')).resolves.toEqual([]);
    expect(write(4)).toEqual(['durable']);
    await log.acknowledge(4);
    journal.accounted(DAY, journal.notes);
    await journal.close();
    expect(existsSync(directory)).toBe(false);
  });

  it('stay when they are newer than what the ledger has, and when rows wait', async () => {
    const directory = await newDirectory();
    const { journal, write } = openJournal(directory, { writer: 'first' });
    let collected = 7;
    const log = journal.file(keyOf(), () => counts(collected));
    write(1, 2);
    await log.acknowledge(1);
    const before = journal.notes;
    collected = 9;
    await log.acknowledge(2);
    journal.accounted(DAY, before);
    await expect(journalFiles(directory, '.state')).resolves.toHaveLength(1);
    await journal.close();
    const [found] = await openJournal(directory, { writer: 'next' }).journal.claim();
    expect(found).toMatchObject({ writer: 'first', files: [], stream: streamOf() });
    expect(found?.counters).toEqual(new Map([[DAY, counts(9)]]));
    await found?.release();
    expect(placeNames(directory)).toEqual([expect.stringContaining('-')]);
  });

  it('are found of every day, and are left to the next as long as nobody could write them down', async () => {
    const directory = await newDirectory();
    await leaveCounts(directory);
    const byDay = new Map([
      [DAY, counts(7)],
      ['2026-03-05', counts(4, 1)],
    ]);
    const one = openJournal(directory, { writer: 'one' });
    const [first] = await one.journal.claim();
    expect(first?.counters).toEqual(byDay);
    await first?.release(true);
    const [second] = await one.journal.claim();
    expect(second?.counters).toEqual(byDay);
    // A process that ends in between has not written them either.
    await one.journal.close();
    const last = openJournal(directory, { writer: 'last' });
    const [third] = await last.journal.claim();
    expect(third?.counters).toEqual(byDay);
    await third?.release();
    expect(await last.journal.claim()).toEqual([]);
    await last.journal.close();
    expect(existsSync(directory)).toBe(false);
  });

  it('are kept by whoever stores what is left, with the rows that the store never takes', async () => {
    const directory = await newDirectory();
    const dead = openJournal(directory, { writer: 'dead', identity: deadIdentity() });
    dead.write(1, 3);
    const one = openJournal(directory, { writer: 'one' });
    const [found] = await one.journal.claim();
    expect(found?.counters).toEqual(new Map([[DAY, countersOf(3)]]));
    await found?.files[0]?.acknowledge(2);
    found?.refuse(DAY, 4);
    await found?.files[0]?.acknowledge(3);
    await one.journal.close();
    const [rest] = await openJournal(directory, { writer: 'two' }).journal.claim();
    const { collected, lastCall } = countersOf(3);
    expect(rest).toMatchObject({ writer: 'dead', files: [] });
    expect(rest?.counters).toEqual(new Map([[DAY, { collected, lastCall, dropped: { sampled: 3, failed: 4 } }]]));
  });

  it('are given up when no ledger took them for a week', async () => {
    const directory = await newDirectory();
    await leaveCounts(directory);
    const [old = ''] = await journalFiles(directory, '.state');
    const then = Date.now() / 1_000 - 8 * 86_400;
    await utimes(old, then, then);
    const [found] = await openJournal(directory, { writer: 'next' }).journal.claim();
    expect(found?.counters.size).toBe(1);
  });
});
