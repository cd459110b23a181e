import { execFileSync } from 'node:child_process';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { FakeClock } from '../support/fake-clock.ts';
import { temporaryFolder } from '../support/workspace.ts';
import { countersOf, keyOf, range, readNumbers, sliceOf } from './fixtures/slices.ts';
import {
  deadIdentity,
  journalFiles,
  openJournal,
  placeNames,
  placePath,
  type TestJournal,
} from './support/journals.ts';

const BYTES = 10_000;
const mounts: string[] = [];

/** Why no disk of our own can be had here; `undefined` when it can. */
function whyNoMount(): string | undefined {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'mounting is not permitted';
  }
}

const noMount = whyNoMount();
const onDisk = noMount === undefined ? it : it.skip;
const reason = noMount === undefined ? '' : ` (skipped: ${noMount})`;

/** A small disk; taken away after the test. */
async function smallDisk(): Promise<string> {
  const folder = await temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=0700', 'tmpfs', folder]);
  mounts.push(folder);
  return folder;
}

afterEach(async () => {
  for (const folder of mounts.splice(0)) {
    execFileSync('umount', ['--lazy', folder]);
  }
});

function fill({ journal, writer }: TestJournal, first: number, last: number): string[] {
  return range(first, last).map((sequence) =>
    journal.write(keyOf(), sliceOf(writer, sequence, BYTES), countersOf(sequence)),
  );
}

describe(`a disk that is full${reason}`, () => {
  onDisk('means memory for what comes, said once; what is there is noted, stored and makes room', async () => {
    const directory = await smallDisk();
    const clock = new FakeClock();
    const full = openJournal(directory, { writer: 'full', clock, identity: deadIdentity() });
    const outcomes = fill(full, 1, 60);
    const durable = outcomes.indexOf('memory');
    expect(durable).toBeGreaterThan(5);
    expect(outcomes.slice(durable)).not.toContain('durable');
    expect(full.journal.state).toBe('memory');
    await clock.advance(10_000);
    // A slice that is small enough may still find room; the disk is full to the last page then.
    for (const sequence of range(61, 100)) {
      full.journal.write(keyOf(), sliceOf('full', sequence, 100), countersOf(sequence));
      await clock.advance(10_000);
    }
    expect(full.troubles.every(({ code }) => code === 'JOURNAL_UNAVAILABLE')).toBe(true);
    expect(full.troubles[0]?.message).toMatch(/ENOSPC.*in memory only/s);
    const before = full.troubles.length;

    await full.journal.file(keyOf()).intend(1, durable, { at: 1 });
    await full.journal.file(keyOf()).acknowledge(100);
    expect(full.troubles).toHaveLength(before);
    await clock.advance(10_000);
    expect(fill(full, 101, 101)).toEqual(['durable']);
  });

  onDisk('keeps every slice that was durable, whole, and no part of another', async () => {
    const directory = await smallDisk();
    const clock = new FakeClock();
    const full = openJournal(directory, { writer: 'full', identity: deadIdentity(), clock });
    const durable = fill(full, 1, 60).indexOf('memory');
    expect(full.troubles.map(({ code }) => code)).toEqual(['JOURNAL_UNAVAILABLE']);
    await clock.advance(10_000);
    // It takes the place in which the last one found no room.
    expect(full.journal.write(keyOf(), sliceOf('full', 61, 500), countersOf(61))).toBe('durable');
    // There is no room for a folder of its own, and none is needed to take over this one.
    const next = openJournal(directory, { writer: 'next' });
    const [found] = await next.journal.claim();
    const file = found?.files[0];
    const numbers: number[] = [];
    for await (const { sequence, pieces } of file?.slices() ?? []) {
      const expected = sliceOf('full', sequence, sequence === 61 ? 500 : BYTES);
      expect(Buffer.concat(pieces).equals(Buffer.concat(expected.pieces))).toBe(true);
      numbers.push(sequence);
    }
    expect(numbers).toEqual([...range(1, durable), 61]);
    await file?.intend(1, 3, 'append');
    await file?.acknowledge(61);
    await found?.release();
    expect(next.troubles.filter(({ code }) => code === 'JOURNAL_DAMAGED')).toEqual([]);
    expect(placeNames(directory).filter((name) => name.includes(found?.writer ?? ''))).toEqual([]);
    await full.journal.close();
    await next.journal.close();
    expect(placeNames(directory)).toEqual([]);
  });
});

describe(`a disk that is read-only${reason}`, () => {
  onDisk('means memory, and rows of others stay where they are until it can be written', async () => {
    const directory = await smallDisk();
    const dead = openJournal(directory, { writer: 'dead', identity: deadIdentity() });
    fill(dead, 1, 3);
    // Closes what is open, so that the disk can be made read-only.
    await dead.journal.close();
    execFileSync('mount', ['-o', 'remount,ro', directory]);
    const clock = new FakeClock();
    const { journal, write, troubles } = openJournal(directory, { writer: 'next', clock });
    expect(write(1, 2)).toEqual(['memory', 'memory']);
    await expect(journal.claim()).resolves.toEqual([]);
    await expect(journal.claim()).resolves.toEqual([]);
    expect(troubles.map(({ code, message }) => `${code} ${/EROFS/.exec(message)?.[0]}`)).toEqual([
      'JOURNAL_UNAVAILABLE EROFS',
      'JOURNAL_UNAVAILABLE EROFS',
    ]);
    execFileSync('mount', ['-o', 'remount,rw', directory]);
    await clock.advance(10_000);
    expect(write(3)).toEqual(['durable']);
    await expect(journal.claim()).resolves.toHaveLength(1);
    expect(journal.state).toBe('disk');
  });
});

describe('a disk that refuses an update', () => {
  async function refusing() {
    const directory = await temporaryFolder();
    const test = openJournal(directory, { writer: 'w1' });
    test.write(1, 4);
    const [state = ''] = await journalFiles(directory, '.state');
    await rename(state, `${state}.aside`);
    await mkdir(state);
    const mend = async () => {
      await rm(state, { recursive: true });
      await rename(`${state}.aside`, state);
    };
    return { ...test, directory, state, mend };
  }

  it('loses nothing: what was acknowledged stays until that is noted, with the next update', async () => {
    const { journal, troubles, directory, mend } = await refusing();
    const log = journal.file(keyOf());
    await log.acknowledge(2);
    await log.acknowledge(4);
    expect(troubles.map(({ code }) => code)).toEqual(['JOURNAL_UNAVAILABLE']);
    expect(troubles[0]?.message).toMatch(/cannot be updated: .*EISDIR/s);
    await expect(journalFiles(directory, '.log')).resolves.toHaveLength(1);
    await mend();
    await log.acknowledge(4);
    await expect(journalFiles(directory, '.log')).resolves.toEqual([]);
  });

  it('is asked once more at the end', async () => {
    const { journal, directory, mend } = await refusing();
    await journal.file(keyOf()).acknowledge(4);
    await mend();
    await journal.close();
    expect(placeNames(directory)).toEqual([]);
  });

  it('keeps rows from being sent whose intent is not noted', async () => {
    const { journal, mend } = await refusing();
    const log = journal.file(keyOf());
    await expect(log.intend(1, 2, 'append')).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE', retryable: true });
    await mend();
    await log.intend(1, 2, 'append');
  });

  it('means that others find the rows again, also those that were stored without a note', async () => {
    const { journal, directory, state } = await refusing();
    await journal.file(keyOf()).acknowledge(4);
    journal.release();
    const [folder = ''] = placeNames(directory);
    const left = placePath(directory, folder, path.basename(state));
    await rm(left, { recursive: true });
    await rename(`${left}.aside`, left);
    const [found] = await openJournal(directory, { writer: 'next' }).journal.claim();
    expect(found?.files[0] && (await readNumbers(found.files[0], 'w1'))).toEqual(range(1, 4));
  });
});
