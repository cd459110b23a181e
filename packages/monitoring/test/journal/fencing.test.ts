import { existsSync } from 'node:fs';
import { open, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, systemClock } from '@azureml-ts/common';
import { HeldFolder } from '../../src/journal/held-folder.ts';
import { JournalPlace } from '../../src/journal/journal-place.ts';
import { newOwnerId } from '../../src/journal/process-identity.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { temporaryFolder } from '../support/workspace.ts';
import { keyOf, range } from './fixtures/slices.ts';
import {
  deadIdentity,
  foreignIdentity,
  journalFiles,
  numbersOf,
  openJournal,
  placeNames,
  placePath,
  silence,
  type TestJournal,
} from './support/journals.ts';

const FILE = '2026-03-04 x';
const TEXT = `2026-03-04/${keyOf().schema.hash}`;

/** A process beside the owner, which the owner sees to have ended. */
const endedThief = foreignIdentity('pid:[1]', { pid: 4_194_305 });

/** Short, so that a look that has to make sure does not take long. */
const SOON = { staleAfterMs: 100 };

/** A journal of another container with slices 1 to 5, which gives no sign of life any more. */
async function silentOwner(options: { readonly clock?: Clock } = {}): Promise<SilentOwner> {
  const directory = await temporaryFolder();
  const owner = openJournal(directory, { writer: 'owner', identity: foreignIdentity('pid:[1]'), ...options });
  owner.write(1, 5);
  await silence(directory, 3_600);
  return { ...owner, directory, name: placeNames(directory)[0] ?? '' };
}

interface SilentOwner extends TestJournal {
  readonly directory: string;
  /** Name of its folder. */
  readonly name: string;
}

describe('a process that cannot be seen', () => {
  it('counts as alive as long as its heartbeat is fresh, though it has our own number', async () => {
    const directory = await temporaryFolder();
    openJournal(directory, { writer: 'a', identity: foreignIdentity('pid:[1]') }).write(1, 2);
    const { journal } = openJournal(directory, { writer: 'b', identity: foreignIdentity('pid:[2]') });
    await expect(journal.claim()).resolves.toEqual([]);
  });

  it('counts as dead when its heartbeat is old by the clock of the file system', async () => {
    const { directory } = await silentOwner();
    const { journal } = openJournal(directory, { writer: 'b', identity: foreignIdentity('pid:[2]'), ...SOON });
    await expect(numbersOf(await journal.claim())).resolves.toEqual({ [`owner ${FILE}`]: range(1, 5) });
  });

  it.each([-86_400_000, 86_400_000])('counts the same when the local clock is %d ms off', async (offMs) => {
    const clock = { ...systemClock, now: () => Date.now() + offMs };
    const directory = await temporaryFolder();
    const alive = openJournal(directory, { writer: 'alive', identity: foreignIdentity('pid:[1]') });
    alive.write(1, 2);
    const { journal } = openJournal(directory, { writer: 'b', clock });
    await expect(journal.claim()).resolves.toEqual([]);
    await silence(directory, 3_600);
    const soon = openJournal(directory, { writer: 'c', clock, ...SOON });
    const found = await soon.journal.claim();
    expect(found.map(({ writer }) => writer)).toEqual(['alive']);
  });

  it('is left alone when its heartbeat goes on: then the clock was set, or the machine slept', async () => {
    const directory = await temporaryFolder();
    const ownersClock = new FakeClock();
    const owner = openJournal(directory, { writer: 'owner', clock: ownersClock, identity: foreignIdentity('pid:[1]') });
    owner.write(1, 5);
    await silence(directory, 3_600);
    const clock = new FakeClock();
    const { journal } = openJournal(directory, { writer: 'b', clock });
    const looking = journal.claim();
    await ownersClock.advance(5_000);
    await clock.advance(6_000);
    await expect(looking).resolves.toEqual([]);
    expect(owner.write(6)).toEqual(['durable']);
    // And without it, the same look takes it.
    await silence(directory, 3_600);
    const again = journal.claim();
    await clock.advance(6_000);
    await expect(again).resolves.toHaveLength(1);
  });

  it('counts as dead when its heartbeat stands still for as long, whatever the clocks say', async () => {
    const directory = await temporaryFolder();
    openJournal(directory, { writer: 'owner', identity: foreignIdentity('pid:[1]') }).write(1);
    // In the future by the clock of the file system: it was set back since.
    await silence(directory, -86_400);
    const clock = new FakeClock();
    const { journal } = openJournal(directory, { writer: 'b', clock });
    await expect(journal.claim()).resolves.toEqual([]);
    await clock.advance(60_001);
    const looking = journal.claim();
    await clock.advance(6_000);
    await expect(looking).resolves.toHaveLength(1);
  });

  it('keeps its folders, also those that it took over, by touching them', async () => {
    const directory = await temporaryFolder();
    const clock = new FakeClock();
    openJournal(directory, { writer: 'dead', identity: deadIdentity() }).write(1);
    const owner = openJournal(directory, { writer: 'owner', clock });
    owner.write(1);
    await expect(owner.journal.claim()).resolves.toHaveLength(1);
    await silence(directory, 3_600);
    await clock.advance(5_000);
    const other = openJournal(directory, { writer: 'b', identity: foreignIdentity(), ...SOON, staleAfterMs: 60_000 });
    await expect(other.journal.claim()).resolves.toEqual([]);
  });
});

describe('a living process whose folder was taken', () => {
  it('can do nothing with it any more, learns what is gone, and goes on with a new one', async () => {
    const owner = await silentOwner();
    const { directory, journal, write, troubles } = owner;
    await journal.file(keyOf()).acknowledge(1);
    const thief = openJournal(directory, { writer: 'thief', ...SOON });
    const found = await thief.journal.claim();

    expect(write(6, 8)).toEqual(['taken', 'taken', 'taken']);
    const log = journal.file(keyOf());
    await expect(log.intend(2, 3, 'append')).rejects.toMatchObject({ code: 'JOURNAL_TAKEN' });
    await expect(log.acknowledge(3)).rejects.toMatchObject({ code: 'JOURNAL_TAKEN' });
    await expect(log.skip(4, 4)).rejects.toMatchObject({ code: 'JOURNAL_TAKEN' });
    expect(troubles.map(({ code }) => code)).toEqual(['JOURNAL_TAKEN']);

    const settled = await journal.settleTaken();
    expect(Object.fromEntries(settled)).toEqual({ [TEXT]: 5 });
    await expect(numbersOf(found)).resolves.toEqual({ [`owner ${FILE}`]: range(2, 5) });
    // What was sent before it was known must not be sent now.
    await expect(log.intend(4, 5, 'append')).rejects.toMatchObject({ code: 'JOURNAL_TAKEN' });
    expect(write(6, 9)).toEqual(['durable', 'durable', 'durable', 'durable']);
    await log.intend(6, 7, 'append');
    await log.acknowledge(7);
    journal.release();
    await expect(numbersOf(await thief.journal.claim())).resolves.toEqual({ [`owner ${FILE}`]: [8, 9] });
  });

  it('finds it out also by an intent, an acknowledgement or a skip', async () => {
    for (const act of ['intend', 'acknowledge', 'skip'] as const) {
      const { directory, journal } = await silentOwner();
      await openJournal(directory, { writer: 'thief', ...SOON }).journal.claim();
      const log = journal.file(keyOf());
      const acting = act === 'intend' ? log.intend(1, 2, 'x') : act === 'skip' ? log.skip(1, 1) : log.acknowledge(1);
      await expect(acting).rejects.toMatchObject({ code: 'JOURNAL_TAKEN' });
      await expect(journal.settleTaken()).resolves.toEqual(new Map([[TEXT, 5]]));
    }
  });

  it('has slices that reach the folder too late for itself, whoever reads it next', async () => {
    const { directory, journal, write } = await silentOwner();
    const thief = openJournal(directory, { writer: 'thief', identity: foreignIdentity('pid:[2]'), ...SOON });
    const found = await thief.journal.claim();
    // The file is still open, and so these are in it.
    expect(write(6, 7)).toEqual(['taken', 'taken']);
    await expect(numbersOf(found)).resolves.toEqual({ [`owner ${FILE}`]: range(1, 5) });
    thief.journal.release();
    const next = openJournal(directory, { writer: 'next' });
    await expect(numbersOf(await next.journal.claim())).resolves.toEqual({ [`owner ${FILE}`]: range(1, 5) });
    await expect(journal.settleTaken()).resolves.toEqual(new Map([[TEXT, 5]]));
  });

  it('writes a newer slice only after the older ones that it writes again', async () => {
    const { directory, journal, write } = await silentOwner();
    await openJournal(directory, { writer: 'thief', ...SOON }).journal.claim();
    expect(write(6, 7)).toEqual(['taken', 'taken']);
    await journal.settleTaken();
    expect([...write(8), ...write(6, 8)]).toEqual(['taken', 'durable', 'durable', 'durable']);
    journal.release();
    const next = openJournal(directory, { writer: 'next' });
    const numbers = await numbersOf(await next.journal.claim());
    expect(numbers[`owner ${FILE}`]).toEqual([6, 7, 8]);
  });

  it('waits for the note of a thief that has renamed the folder and not yet read it', async () => {
    const clock = new FakeClock();
    const { directory, journal, write, name } = await silentOwner({ clock });
    HeldFolder.take(new JournalPlace(directory, 'store'), name, newOwnerId(foreignIdentity('pid:[3]')));
    expect(write(6)).toEqual(['taken']);
    const settled = jest.fn();
    const settling = journal.settleTaken().then(settled);
    await clock.advance(1_000);
    expect(settled).not.toHaveBeenCalled();
    await writeFile(placePath(directory, `${name}.taken.json`), JSON.stringify({ [TEXT]: 5 }));
    await clock.advance(100);
    await settling;
    expect(settled).toHaveBeenCalledWith(new Map([[TEXT, 5]]));
  });

  it('takes the folder back when the thief died before its note, and leaves all of it to the next', async () => {
    const { directory, journal, write, name } = await silentOwner();
    HeldFolder.take(new JournalPlace(directory, 'store'), name, newOwnerId(endedThief));
    expect(write(6)).toEqual(['taken']);
    await expect(journal.settleTaken()).resolves.toEqual(new Map([[TEXT, 6]]));
    expect(placeNames(directory)).toEqual([`${name}.free`]);
    expect(write(7)).toEqual(['taken']);
    await journal.settleTaken();
    expect(write(7)).toEqual(['durable']);
    const next = openJournal(directory, { writer: 'next' });
    await expect(numbersOf(await next.journal.claim())).resolves.toEqual({ [`owner ${FILE}`]: range(1, 6) });
  });

  it('takes it back from a thief that is too slow, which can do nothing with it any more', async () => {
    const clock = new FakeClock();
    const { directory, journal, write, name } = await silentOwner({ clock });
    const thief = HeldFolder.take(new JournalPlace(directory, 'store'), name, newOwnerId(foreignIdentity('pid:[3]')));
    expect(write(6)).toEqual(['taken']);
    const settling = journal.settleTaken();
    await clock.advance(5_000);
    await expect(settling).resolves.toEqual(new Map([[TEXT, 6]]));
    expect(thief?.isHeld()).toBe(false);
  });

  it('keeps to what the thief had noted in the folder when it died before it could tell', async () => {
    const { directory, journal, write, name } = await silentOwner();
    const place = new JournalPlace(directory, 'store');
    const thief = HeldFolder.take(place, name, newOwnerId(endedThief));
    expect(write(6)).toEqual(['taken']);
    await writeFile(thief?.file('limits.json') ?? '', JSON.stringify({ [TEXT]: 5 }));
    await expect(journal.settleTaken()).resolves.toEqual(new Map([[TEXT, 5]]));
    const next = openJournal(directory, { writer: 'next' });
    await expect(numbersOf(await next.journal.claim())).resolves.toEqual({ [`owner ${FILE}`]: range(1, 5) });
  });

  it('learns what is gone also from a thief that has stored everything', async () => {
    const { directory, journal, write } = await silentOwner();
    const thief = openJournal(directory, { writer: 'thief', ...SOON });
    const [found] = await thief.journal.claim();
    await found?.files[0]?.acknowledge(5);
    await found?.release();
    expect(write(6)).toEqual(['taken']);
    await expect(journal.settleTaken()).resolves.toEqual(new Map([[TEXT, 5]]));
  });

  it('has everything itself when the folder was not taken but removed', async () => {
    const clock = new FakeClock();
    const { directory, journal, write, name } = await silentOwner({ clock });
    await rm(placePath(directory, name), { recursive: true });
    expect(write(6)).toEqual(['taken']);
    const settling = journal.settleTaken();
    await clock.advance(5_000);
    await expect(settling).resolves.toEqual(new Map());
    expect(write(1, 6)).toEqual(range(1, 6).map(() => 'durable'));
    await journal.file(keyOf()).intend(1, 6, 'append');
  });

  it('does not lose what it was told of when it closes meanwhile', async () => {
    const clock = new FakeClock();
    const { directory, journal, write, name } = await silentOwner({ clock });
    HeldFolder.take(new JournalPlace(directory, 'store'), name, newOwnerId(foreignIdentity('pid:[3]')));
    expect(write(6)).toEqual(['taken']);
    const settling = journal.settleTaken();
    await journal.close();
    await expect(settling).resolves.toEqual(new Map([[TEXT, 6]]));
    const next = openJournal(directory, { writer: 'next' });
    await expect(numbersOf(await next.journal.claim())).resolves.toEqual({ [`owner ${FILE}`]: range(1, 6) });
  });
});

describe('a thief', () => {
  it('is followed by another when it dies: with its intent and what it had stored', async () => {
    const { directory, journal } = await silentOwner();
    const first = openJournal(directory, { writer: 'first', identity: deadIdentity(), ...SOON });
    const [taken] = await first.journal.claim();
    await taken?.files[0]?.acknowledge(2);
    await taken?.files[0]?.skip(4, 4);
    await taken?.files[0]?.intend(3, 3, 'of the first');

    const second = openJournal(directory, { writer: 'second' });
    const [again] = await second.journal.claim();
    expect(again?.files[0]).toMatchObject({ intent: { first: 3, last: 3, value: 'of the first' } });
    await expect(numbersOf(again === undefined ? [] : [again])).resolves.toEqual({ [`owner ${FILE}`]: [3, 5] });
    const log = taken?.files[0];
    await expect(log?.intend(3, 3, 'late')).rejects.toMatchObject({ code: 'JOURNAL_TAKEN' });
    await expect(log?.acknowledge(3)).rejects.toMatchObject({ code: 'JOURNAL_TAKEN' });
    await expect(numbersOf(taken === undefined ? [] : [taken])).rejects.toMatchObject({ code: 'JOURNAL_TAKEN' });
    await expect(journal.settleTaken()).resolves.toEqual(new Map());
  });

  it('can no longer change what is noted when another, which could not see it, has taken over from it', async () => {
    const { directory } = await silentOwner();
    const first = openJournal(directory, { writer: 'first', identity: foreignIdentity('pid:[2]'), ...SOON });
    const [taken] = await first.journal.claim();
    await silence(directory, 3_600);
    const second = openJournal(directory, { writer: 'second', ...SOON });
    const [again] = await second.journal.claim();
    await again?.files[0]?.intend(1, 2, 'of the second');
    await expect(taken?.files[0]?.intend(1, 1, 'of the first')).rejects.toMatchObject({ code: 'JOURNAL_TAKEN' });
    second.journal.release();
    const [last] = await openJournal(directory, { writer: 'last' }).journal.claim();
    expect(last?.files[0]?.intent).toEqual({ first: 1, last: 2, value: 'of the second' });
  });

  it('is safe from an update that a stopped process had begun', async () => {
    const { directory } = await silentOwner();
    const [state = ''] = await journalFiles(directory, '.state');
    const begun = await open(state, 'r+');
    const thief = openJournal(directory, { writer: 'thief', ...SOON });
    const [found] = await thief.journal.claim();
    await found?.files[0]?.intend(1, 2, 'of the thief');
    await begun.write(Buffer.alloc(8_192, 1), 0, 8_192, 0);
    await begun.close();
    thief.journal.release();
    const [next] = await openJournal(directory, { writer: 'next' }).journal.claim();
    expect(next?.files[0]?.intent?.value).toBe('of the thief');
  });

  it('counts as alive from the first moment, for those who cannot see it', async () => {
    const { directory } = await silentOwner();
    const clocks = [new FakeClock(), new FakeClock()] as const;
    const first = openJournal(directory, { writer: 'first', identity: foreignIdentity('pid:[2]'), clock: clocks[0] });
    const taking = first.journal.claim();
    await clocks[0].advance(6_000);
    await expect(taking).resolves.toHaveLength(1);
    const second = openJournal(directory, { writer: 'second', identity: foreignIdentity('pid:[3]'), clock: clocks[1] });
    const looking = second.journal.claim();
    await clocks[1].advance(6_000);
    await expect(looking).resolves.toEqual([]);
  });

  it('leaves no note for a process that has certainly ended', async () => {
    const directory = path.join(await temporaryFolder(), 'journals');
    openJournal(directory, { writer: 'dead', identity: deadIdentity() }).write(1, 2);
    const { journal } = openJournal(directory);
    const [found] = await journal.claim();
    expect(placeNames(directory).filter((name) => name.endsWith('.json'))).toEqual([]);
    await found?.files[0]?.acknowledge(2);
    await found?.release();
    await journal.close();
    expect(existsSync(directory)).toBe(false);
  });

  it('removes notes that nobody has asked for in a week', async () => {
    const { directory, name } = await silentOwner();
    const thief = openJournal(directory, { writer: 'thief', ...SOON });
    await thief.journal.claim();
    const note = placePath(directory, `${name}.taken.json`);
    await thief.journal.claim();
    expect(existsSync(note)).toBe(true);
    const then = Date.now() / 1_000 - 7 * 86_400 - 60;
    await utimes(note, then, then);
    await thief.journal.claim();
    expect(existsSync(note)).toBe(false);
  });
});
