import { existsSync, rmdirSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { systemClock } from '@azureml-ts/common';
import { livingOwners } from '../../src/journal/process-identity.ts';
import { defaultJournalDirectory } from '../../src/journal/row-journal.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { temporaryFolder } from '../support/workspace.ts';
import { countersOf, keyOf, range, readNumbers, sliceOf, streamOf } from './fixtures/slices.ts';
import { deadIdentity, journalFiles, numbersOf, openJournal, placeNames, placePath } from './support/journals.ts';

async function newDirectory(): Promise<string> {
  return path.join(await temporaryFolder(), 'journals');
}

describe('the journal of a collector', () => {
  it('reads and writes nothing before the first slice', async () => {
    const directory = await newDirectory();
    const { journal } = openJournal(directory);
    expect(journal.state).toBe('disk');
    journal.file(keyOf());
    await journal.close();
    expect(existsSync(directory)).toBe(false);
  });

  it('is by default in the folder of temporary files, one a user', () => {
    expect(defaultJournalDirectory()).toBe(path.join(os.tmpdir(), `azureml-ts-journal-${process.getuid?.()}`));
  });

  it('lets nobody else read the rows', async () => {
    const directory = await newDirectory();
    const { write } = openJournal(directory);
    write(1);
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const modes = await Promise.all(
      [directory, ...entries.map((entry) => path.join(entry.parentPath, entry.name))].map(async (entry) => {
        const { mode } = await stat(entry);
        return `${(mode & 0o170_000) === 0o040_000 ? 'folder' : 'file'} ${(mode & 0o777).toString(8)}`;
      }),
    );
    expect(new Set(modes)).toEqual(new Set(['folder 700', 'file 600']));
    expect(modes.length).toBeGreaterThan(5);
  });

  it('removes the files of a day when all of it is acknowledged, and every folder at the end', async () => {
    const directory = await newDirectory();
    const { journal, write } = openJournal(directory);
    const other = keyOf('2026-03-05');
    expect(write(1, 3)).toEqual(['durable', 'durable', 'durable']);
    expect(write(4, 4, other)).toEqual(['durable']);
    await journal.file(keyOf()).acknowledge(2);
    await expect(journalFiles(directory, '.log')).resolves.toHaveLength(2);
    await journal.file(keyOf()).acknowledge(3);
    await expect(journalFiles(directory, '.log')).resolves.toHaveLength(1);
    await expect(journalFiles(directory, '.state')).resolves.toHaveLength(1);
    expect(write(5)).toEqual(['durable']);
    await journal.file(other).acknowledge(4);
    await journal.file(keyOf()).acknowledge(5);
    await journal.close();
    expect(existsSync(directory)).toBe(false);
  });

  it('leaves a folder alone that was there before, and what others have in it', async () => {
    const directory = await temporaryFolder();
    const first = openJournal(directory);
    const second = openJournal(directory, { writer: 'w2' });
    first.write(1);
    second.write(1);
    await first.journal.file(keyOf()).acknowledge(1);
    await first.journal.close();
    expect(placeNames(directory)).toHaveLength(1);
    await second.journal.file(keyOf()).acknowledge(1);
    await second.journal.close();
    await expect(readdir(directory)).resolves.toEqual([]);
  });

  it('makes its folders again when others remove them meanwhile', async () => {
    const directory = await newDirectory();
    for (const round of range(1, 20)) {
      const one = openJournal(directory, { writer: `a${round}` });
      const two = openJournal(directory, { writer: `b${round}` });
      expect(one.write(1)).toEqual(['durable']);
      await one.journal.file(keyOf()).acknowledge(1);
      const closing = one.journal.close();
      expect(two.write(1)).toEqual(['durable']);
      await closing;
      await two.journal.file(keyOf()).acknowledge(1);
      await two.journal.close();
      expect(two.troubles).toEqual([]);
    }
    expect(() => rmdirSync(directory)).toThrow('ENOENT');
  });

  it('begins a new segment from time to time, so that what is stored makes room', async () => {
    const directory = await newDirectory();
    const { journal } = openJournal(directory, { maxBytes: 800_000 });
    for (const sequence of range(1, 40)) {
      expect(journal.write(keyOf(), sliceOf('w1', sequence, 10_000), countersOf(sequence))).toBe('durable');
    }
    const segments = await journalFiles(directory, '.log');
    expect(segments.length).toBeGreaterThanOrEqual(4);
    await journal.file(keyOf()).acknowledge(20);
    const left = await journalFiles(directory, '.log');
    expect(left.length).toBeLessThan(segments.length);
    expect(left.length).toBeGreaterThan(1);
  });

  it('takes no more than its limit, says so once, and goes on when there is room', async () => {
    const directory = await newDirectory();
    const { journal, troubles } = openJournal(directory, { maxBytes: 100_000 });
    const write = (sequence: number) => journal.write(keyOf(), sliceOf('w1', sequence, 10_000), countersOf(sequence));
    const outcomes = range(1, 20).map(write);
    const durable = outcomes.indexOf('memory');
    expect(durable).toBeGreaterThanOrEqual(7);
    expect(outcomes.slice(durable)).toEqual(Array.from({ length: 20 - durable }, () => 'memory'));
    expect(journal.state).toBe('memory');
    const sizes = await Promise.all((await journalFiles(directory, '')).map(async (file) => await stat(file)));
    const bytes = sizes.filter((entry) => entry.isFile()).reduce((sum, { size }) => sum + size, 0);
    expect(bytes).toBeLessThanOrEqual(100_000 + 1_000);
    expect(troubles.map(({ code }) => code)).toEqual(['JOURNAL_FULL']);
    expect(troubles[0]?.message).toMatch(/has its 100000 bytes in use.*Raise journal\.maxBytes/);
    // What was never durable is acknowledged like the rest, and nothing of it comes back.
    await journal.file(keyOf()).acknowledge(20);
    expect(range(21, 40).map(write)).toContain('durable');
    expect(troubles.map(({ code }) => code)).toEqual(['JOURNAL_FULL', 'JOURNAL_FULL']);
  });

  it('makes room by what is given up', async () => {
    const directory = await newDirectory();
    const { journal } = openJournal(directory, { maxBytes: 100_000 });
    const write = (sequence: number) => journal.write(keyOf(), sliceOf('w1', sequence, 10_000), countersOf(sequence));
    expect(range(1, 20).map(write)).toContain('memory');
    await journal.file(keyOf()).skip(1, 3);
    await journal.file(keyOf()).skip(4, 6);
    expect(write(21)).toBe('durable');
    journal.release();
    const next = openJournal(directory, { writer: 'w2' });
    const [found] = await next.journal.claim();
    const numbers = found?.files[0] && (await readNumbers(found.files[0], 'w1', 10_000));
    expect(numbers).toEqual([7, 8, 21]);
  });

  it('does not write a slice behind a later one: it is in memory then', async () => {
    const { write } = openJournal(await newDirectory());
    expect([...write(5), ...write(5), ...write(4), ...write(6)]).toEqual(['durable', 'durable', 'memory', 'durable']);
  });

  it('has nothing to note of slices that it never had', async () => {
    const directory = await newDirectory();
    const log = openJournal(directory).journal.file(keyOf());
    await log.intend(1, 2, 'anything');
    await log.skip(1, 1);
    await log.acknowledge(2);
    expect(existsSync(directory)).toBe(false);
  });

  it('takes nothing any more when it is closed', async () => {
    const directory = await newDirectory();
    const { journal, write } = openJournal(directory);
    write(1);
    journal.release();
    expect(write(2)).toEqual(['memory']);
    await expect(journal.file(keyOf()).intend(1, 1, 'late')).rejects.toMatchObject({ code: 'JOURNAL_TAKEN' });
    await expect(journal.claim()).resolves.toEqual([]);
    expect(placeNames(directory)).toEqual([expect.stringMatching(/\.free$/)]);
  });
});

describe('a folder that refuses', () => {
  it.each([
    ['a file is in its place', async (directory: string) => await writeFile(directory, ''), /EEXIST|ENOTDIR/],
    ['it is a symbolic link', async (directory: string) => await symlink(os.tmpdir(), directory), /is a symbolic link/],
    [
      'it belongs to somebody else, or others can write to it',
      async (directory: string) => {
        await mkdir(directory);
        await chmod(directory, 0o770);
        // Only the superuser can give a folder away.
        await chown(directory, 12_345, 12_345).catch(() => undefined);
      },
      /belongs to user 12345|can be written to by others \(mode 0770\)/,
    ],
  ])('means memory, said once, when %s', async (_, prepare, reason) => {
    const directory = await newDirectory();
    await prepare(directory);
    const { journal, write, troubles } = openJournal(directory);
    expect(write(1, 5)).toEqual(Array.from({ length: 5 }, () => 'memory'));
    expect(journal.state).toBe('memory');
    expect(troubles).toEqual([
      { code: 'JOURNAL_UNAVAILABLE', message: expect.stringMatching(reason), error: expect.anything() },
    ]);
    await expect(journal.claim()).resolves.toEqual([]);
    await journal.file(keyOf()).intend(1, 5, 'append');
    await journal.file(keyOf()).acknowledge(5);
  });

  it('is asked again after ten seconds, also when the clock was set back', async () => {
    const directory = await newDirectory();
    await writeFile(directory, '');
    const clock = new FakeClock();
    const { journal, write, troubles } = openJournal(directory, { clock });
    expect(write(1)).toEqual(['memory']);
    await rm(directory);
    await clock.advance(9_999);
    expect(write(2)).toEqual(['memory']);
    await clock.advance(1);
    expect(write(3)).toEqual(['durable']);
    expect(journal.state).toBe('disk');
    expect(troubles).toHaveLength(1);

    let ahead = 0;
    const again = openJournal(`${directory}-2`, { clock: { ...systemClock, now: () => Date.now() + ahead } });
    await writeFile(`${directory}-2`, '');
    expect(again.write(1)).toEqual(['memory']);
    await rm(`${directory}-2`);
    ahead = -3_600_000;
    expect(again.write(2)).toEqual(['durable']);
  });

  it('is used when it is a volume of the superuser that all can write to: what is made in it is private', async () => {
    const directory = await temporaryFolder();
    await chmod(directory, 0o777);
    const isSuperuser = process.getuid?.() === 0;
    const { write, troubles } = openJournal(directory);
    expect(write(1)).toEqual([isSuperuser ? 'durable' : 'memory']);
    expect(troubles).toHaveLength(isSuperuser ? 0 : 1);
  });

  it('is not used when the folder of the store in it is open to others', async () => {
    const directory = await temporaryFolder();
    await mkdir(placePath(directory));
    await chmod(placePath(directory), 0o777);
    const { write, troubles } = openJournal(directory);
    expect(write(1)).toEqual(['memory']);
    expect(troubles[0]?.message).toMatch(/can be written to by others \(mode 0777\). Run chmod go-w /);
  });
});

describe('what a dead process left', () => {
  it('comes back as it was written, in order, with its counters and its intent', async () => {
    const directory = await newDirectory();
    const dead = openJournal(directory, { writer: 'dead', identity: deadIdentity() });
    const other = keyOf('2026-03-05', 3);
    dead.write(1, 3);
    dead.write(4, 4, other);
    dead.write(5, 6);
    await dead.journal.file(keyOf()).acknowledge(1);
    await dead.journal.file(keyOf()).skip(3, 3);
    await dead.journal.file(keyOf()).intend(2, 5, { at: 17, etag: 'é"\n' });

    const { journal, troubles } = openJournal(directory, { writer: 'next' });
    const found = await journal.claim();
    await expect(numbersOf(found)).resolves.toEqual({ 'dead 2026-03-04 x': [2, 5, 6], 'dead 2026-03-05 3': [4] });
    const [first, second] = found[0]?.files ?? [];
    const byDay = [first, second].sort((one, two) => (one?.key.day ?? '').localeCompare(two?.key.day ?? ''));
    expect(byDay[0]).toMatchObject({
      rowCount: 3 + 1 + 2,
      intent: { first: 2, last: 5, value: { at: 17, etag: 'é"\n' } },
    });
    expect(byDay[1]).toMatchObject({ rowCount: 5, intent: undefined });
    expect(byDay[0]?.key).toMatchObject({
      stream: streamOf(),
      day: '2026-03-04',
      schema: { hash: keyOf().schema.hash },
    });
    expect(found[0]?.counters).toEqual(
      new Map([
        ['2026-03-04', countersOf(6)],
        ['2026-03-05', countersOf(4)],
      ]),
    );
    expect(troubles).toEqual([]);
  });

  it('vanishes when everything is acknowledged, and is left to others when not', async () => {
    const directory = await newDirectory();
    openJournal(directory, { writer: 'dead', identity: deadIdentity() }).write(1, 4);
    const one = openJournal(directory, { writer: 'one' });
    const [half] = await one.journal.claim();
    await half?.files[0]?.intend(1, 2, 'first');
    await half?.files[0]?.acknowledge(2);
    await half?.files[0]?.intend(3, 3, 'second');
    await half?.release();
    await half?.release();

    const two = openJournal(directory, { writer: 'two' });
    const [rest] = await two.journal.claim();
    expect(rest?.writer).toBe('dead');
    await expect(numbersOf(rest === undefined ? [] : [rest])).resolves.toEqual({ 'dead 2026-03-04 x': [3, 4] });
    expect(rest?.files[0]?.intent).toEqual({ first: 3, last: 3, value: 'second' });
    await rest?.files[0]?.acknowledge(3);
    await rest?.files[0]?.skip(4, 4);
    await rest?.release();
    await one.journal.close();
    await two.journal.close();
    expect(existsSync(directory)).toBe(false);
  });

  it('can be acknowledged while it is read', async () => {
    const directory = await newDirectory();
    const dead = openJournal(directory, { writer: 'dead', identity: deadIdentity(), maxBytes: 1_000_000 });
    for (const sequence of range(1, 60)) {
      dead.journal.write(keyOf(), sliceOf('dead', sequence, 10_000), countersOf(sequence));
    }
    expect((await journalFiles(directory, '.log')).length).toBeGreaterThan(3);
    const [found] = await openJournal(directory).journal.claim();
    const numbers: number[] = [];
    for await (const { sequence } of found?.files[0]?.slices() ?? []) {
      numbers.push(sequence);
      await found?.files[0]?.acknowledge(sequence);
    }
    expect(numbers).toEqual(range(1, 60));
    await expect(journalFiles(directory, '.log')).resolves.toEqual([]);
  });

  it('is left at once by a process that ends, and by one that closes with rows that wait', async () => {
    const directory = await newDirectory();
    const one = openJournal(directory, { writer: 'one' });
    const two = openJournal(directory, { writer: 'two' });
    one.write(1, 2);
    two.write(1, 2);
    const { journal } = openJournal(directory, { writer: 'next' });
    await expect(journal.claim()).resolves.toEqual([]);
    one.journal.release();
    await two.journal.close();
    const found = await journal.claim();
    await expect(numbersOf(found)).resolves.toEqual({ 'one 2026-03-04 x': [1, 2], 'two 2026-03-04 x': [1, 2] });
    // What this one holds is left with it.
    journal.release();
    await expect(openJournal(directory, { writer: 'last' }).journal.claim()).resolves.toHaveLength(2);
  });

  it('is not that of another store', async () => {
    const directory = await newDirectory();
    openJournal(directory, { storage: 'elsewhere', identity: deadIdentity() }).write(1);
    await expect(openJournal(directory).journal.claim()).resolves.toEqual([]);
  });

  it('waits for a collector of its own stream first, and is taken by another after a while', async () => {
    const directory = await newDirectory();
    openJournal(directory, { writer: 'old', stream: streamOf('inputs', '0'), identity: deadIdentity() }).write(1);
    openJournal(directory, { writer: 'same', identity: deadIdentity() }).write(1);
    const clock = new FakeClock();
    const { journal } = openJournal(directory, { clock });
    const names = async () => (await journal.claim()).map(({ writer }) => writer);
    await expect(names()).resolves.toEqual(['same']);
    await clock.advance(14_999);
    await expect(names()).resolves.toEqual([]);
    await clock.advance(1);
    await expect(names()).resolves.toEqual(['old']);
  });

  it('is one that somebody left in this thread without closing it', async () => {
    const directory = await newDirectory();
    const identity = deadIdentity();
    openJournal(directory, { writer: 'left', identity }).write(1);
    const { journal } = openJournal(directory, { writer: 'next', identity });
    await expect(journal.claim()).resolves.toEqual([]);
    livingOwners().clear();
    await expect(journal.claim()).resolves.toHaveLength(1);
  });

  it('is nothing when it ended before its first slice, and is tidied up', async () => {
    const directory = await newDirectory();
    const dead = openJournal(directory, { identity: deadIdentity() });
    await dead.journal.claim();
    expect(placeNames(directory)).toHaveLength(1);
    const { journal } = openJournal(directory);
    await expect(journal.claim()).resolves.toEqual([]);
    await journal.close();
    expect(existsSync(directory)).toBe(false);
  });

  it('comes back also when everything but the segments is gone', async () => {
    const directory = await newDirectory();
    openJournal(directory, { writer: 'dead', identity: deadIdentity() }).write(1, 3);
    for (const end of ['owner.json', 'heartbeat', '.state']) {
      await Promise.all((await journalFiles(directory, end)).map((file) => rm(file)));
    }
    const { journal } = openJournal(directory, { otherStreamsAfterMs: 0 });
    const found = await journal.claim();
    await expect(numbersOf(found)).resolves.toEqual({ 'dead 2026-03-04 x': [1, 2, 3] });
    await found[0]?.files[0]?.acknowledge(2);
    await found[0]?.release();
    await expect(numbersOf(await journal.claim())).resolves.toEqual({ 'dead 2026-03-04 x': [3] });
  });
});

describe('a damaged segment', () => {
  async function damagedAt(share: number) {
    const directory = await newDirectory();
    openJournal(directory, { writer: 'dead', identity: deadIdentity() }).write(1, 5);
    const [segment = ''] = await journalFiles(directory, '.log');
    const bytes = await readFile(segment);
    const place = Math.floor(share * bytes.length);
    bytes.writeUInt8(bytes.readUInt8(place) ^ 0xff, place);
    await writeFile(segment, bytes);
    return { directory, bytes };
  }

  it('gives what is before the damage, says how much is lost, and is kept when the rest is stored', async () => {
    const { directory, bytes } = await damagedAt(0.6);
    const { journal, troubles } = openJournal(directory);
    const [found] = await journal.claim();
    await expect(numbersOf(found === undefined ? [] : [found])).resolves.toEqual({ 'dead 2026-03-04 x': [1, 2, 3] });
    expect(troubles).toEqual([{ code: 'JOURNAL_DAMAGED', message: expect.stringMatching(/^\d+ bytes of rows/) }]);
    await found?.files[0]?.acknowledge(3);
    await found?.release();
    const kept = placeNames(directory).filter((name) => name.endsWith('.damaged'));
    expect(kept).toHaveLength(1);
    expect(troubles[0]?.message).toContain(kept[0]);
    await expect(readFile(placePath(directory, kept[0] ?? ''))).resolves.toEqual(bytes);
  });

  it('is kept at once when nothing of it can be read', async () => {
    const { directory, bytes } = await damagedAt(0.01);
    const { journal, troubles } = openJournal(directory);
    await expect(journal.claim()).resolves.toEqual([]);
    expect(troubles[0]?.message).toMatch(new RegExp(`^${bytes.length} bytes of rows`));
    expect(placeNames(directory).filter((name) => name.endsWith('.damaged'))).toHaveLength(1);
  });

  it('is not one that a kill has cut', async () => {
    const directory = await newDirectory();
    openJournal(directory, { writer: 'dead', identity: deadIdentity() }).write(1, 5);
    const [segment = ''] = await journalFiles(directory, '.log');
    await writeFile(segment, (await readFile(segment)).subarray(0, -3));
    const { journal, troubles } = openJournal(directory);
    const found = await journal.claim();
    await expect(numbersOf(found)).resolves.toEqual({ 'dead 2026-03-04 x': [1, 2, 3, 4] });
    await found[0]?.files[0]?.acknowledge(4);
    await found[0]?.release();
    await journal.close();
    expect(existsSync(directory)).toBe(false);
    expect(troubles).toEqual([]);
  });

  it('means that rows are stored again, said aloud, when it is the note of what was stored', async () => {
    const directory = await newDirectory();
    const dead = openJournal(directory, { writer: 'dead', identity: deadIdentity() });
    dead.write(1, 3);
    await dead.journal.file(keyOf()).acknowledge(1);
    const [state = ''] = await journalFiles(directory, '.state');
    await writeFile(state, Buffer.alloc(8_192, 1));
    const { journal, troubles } = openJournal(directory);
    await expect(numbersOf(await journal.claim())).resolves.toEqual({ 'dead 2026-03-04 x': [1, 2, 3] });
    expect(troubles.map(({ code }) => code)).toEqual(['JOURNAL_DAMAGED']);
  });
});
