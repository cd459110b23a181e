import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { temporaryFolder } from '../support/workspace.ts';
import { range, readNumbers } from './fixtures/slices.ts';
import { startJournal } from './support/journal-process.ts';
import {
  deadIdentity,
  foreignIdentity,
  journalFiles,
  numbersOf,
  openJournal,
  placeNames,
  silence,
} from './support/journals.ts';

const FILE = '2026-03-04 x';

/** Slices of a process that is stopped in the middle of writing them. */
const LAST = 1_000;
const BYTES = 4_000;

/** Bytes of all segments. */
async function bytesIn(directory: string): Promise<number> {
  const sizes = await Promise.all((await journalFiles(directory, '.log')).map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe('a process that is killed', () => {
  it.each([1, 2, 17, 300])('leaves every slice that was durable, after %d of them', async (count) => {
    const directory = await temporaryFolder();
    const child = startJournal({ directory, writer: 'killed' });
    child.order('writeAndDie', { first: 1, last: count });
    await expect(child.answer()).resolves.toEqual(range(1, count).map(() => 'durable'));
    await child.ended();
    expect(child.child.signalCode).toBe('SIGKILL');
    const { journal, troubles } = openJournal(directory);
    await expect(numbersOf(await journal.claim())).resolves.toEqual({ [`killed ${FILE}`]: range(1, count) });
    expect(troubles).toEqual([]);
  });

  it('leaves at most a torn end when it is killed in the middle of writing', async () => {
    const directory = await temporaryFolder();
    for (const round of range(1, 5)) {
      const child = startJournal({ directory, writer: `killed${round}` });
      await child.ask('write', { first: 1, last: 100 });
      // About 64 MB are on their way when the signal comes.
      child.order('write', { first: 101, last: 400, byteLength: 200_000 });
      await child.kill();
      const { journal, troubles } = openJournal(directory);
      const [found] = await journal.claim();
      const numbers: number[] = [];
      for await (const { sequence } of found?.files[0]?.slices() ?? []) {
        numbers.push(sequence);
      }
      expect(numbers).toEqual(range(1, numbers.length));
      expect(numbers.length).toBeGreaterThanOrEqual(100);
      await found?.files[0]?.acknowledge(400);
      await found?.release();
      expect(troubles).toEqual([]);
    }
  });

  it('leaves its intent, and what it had stored', async () => {
    const directory = await temporaryFolder();
    const child = startJournal({ directory, writer: 'killed' });
    await child.ask('write', { first: 1, last: 6 });
    await child.ask('acknowledge', { last: 2 });
    await child.ask('intend', { first: 3, last: 4 });
    await child.kill();
    const [found] = await openJournal(directory).journal.claim();
    expect(found?.files[0]?.intent).toEqual({ first: 3, last: 4, value: { of: 'killed' } });
    await expect(numbersOf(found === undefined ? [] : [found])).resolves.toEqual({ [`killed ${FILE}`]: range(3, 6) });
  });

  it('leaves nothing when it ends in order', async () => {
    const directory = await temporaryFolder();
    const child = startJournal({ directory, writer: 'closed' });
    await child.ask('write', { first: 1, last: 6 });
    await child.ask('acknowledge', { last: 6 });
    child.child.stdin?.end();
    await child.ended();
    expect(child.child.exitCode).toBe(0);
    expect(placeNames(directory)).toEqual([]);
  });

  it('leaves its folder to the next also when it died while taking over that of another', async () => {
    const directory = await temporaryFolder();
    openJournal(directory, { writer: 'first', identity: deadIdentity() }).write(1, 5);
    const [name = ''] = placeNames(directory);
    const child = startJournal({ directory, writer: 'thief' });
    child.order('takeAndDie', { name });
    await child.ended();
    expect(placeNames(directory)).not.toContain(name);
    const { journal } = openJournal(directory);
    await expect(numbersOf(await journal.claim())).resolves.toEqual({ [`first ${FILE}`]: range(1, 5) });
  });
});

describe('processes that look for journals at the same time', () => {
  it('get each of them once, round after round', async () => {
    const directory = await temporaryFolder();
    const claimers = ['a', 'b', 'c'].map((writer) => startJournal({ directory, writer }));
    await Promise.all(claimers.map((claimer) => claimer.ask('claim')));
    const shares: number[] = [];
    for (const round of range(1, 40)) {
      const writers = range(1, 8).map((number) => `${round}/${number}`);
      const dead = writers.map((writer) => openJournal(directory, { writer, identity: deadIdentity() }));
      for (const { write } of dead) {
        write(1, 3);
      }
      const taken = await Promise.all(claimers.map((claimer) => claimer.ask<string[]>('store')));
      expect(taken.flat().sort()).toEqual(writers.sort());
      shares.push(...taken.map((list) => list.length));
      await Promise.all(dead.map(({ journal }) => journal.close()));
    }
    // Otherwise they did not meet.
    expect(shares.filter((share) => share > 0 && share < 8).length).toBeGreaterThan(0);
    await expect(Promise.all(claimers.map((claimer) => claimer.ask('troubles')))).resolves.toEqual([[], [], []]);
  });
});

describe('a process that is stopped and counts as dead', () => {
  it.each(range(1, 6))('loses nothing and keeps nothing twice, wherever it was stopped (%d)', async (round) => {
    const directory = await temporaryFolder();
    const child = startJournal({ directory, writer: 'stopped', identity: foreignIdentity('pid:[1]') });
    await child.ask('write', { first: 1, last: 10, byteLength: BYTES });
    child.order('write', { first: 11, last: LAST, byteLength: BYTES });
    while ((await bytesIn(directory)) < (10 + 30 * round) * BYTES) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    child.child.kill('SIGSTOP');

    await silence(directory, 3_600);
    const thief = openJournal(directory, { writer: 'thief', staleAfterMs: 100 });
    const [found] = await thief.journal.claim();
    child.child.kill('SIGCONT');
    const outcomes = await child.answer<string[]>();
    const durable = 10 + outcomes.filter((outcome) => outcome === 'durable').length;
    expect(outcomes.slice(durable - 10)).toEqual(range(durable + 1, LAST).map(() => 'taken'));

    await expect(child.ask('write', { first: LAST + 1, byteLength: BYTES })).resolves.toEqual(['taken']);
    const [through = 0] = Object.values(await child.ask<Record<string, number>>('settle'));
    expect(through).toBeGreaterThanOrEqual(durable);
    const file = found?.files[0];
    expect(file && (await readNumbers(file, 'stopped', BYTES))).toEqual(range(1, through));

    const again = range(through + 1, LAST + 1);
    const written = child.ask('write', { first: through + 1, last: LAST + 1, byteLength: BYTES });
    await expect(written).resolves.toEqual(again.map(() => 'durable'));
    await child.kill();
    await silence(directory, 3_600);
    const next = openJournal(directory, { writer: 'next', staleAfterMs: 100 });
    const [rest] = await next.journal.claim();
    expect(rest?.files[0] && (await readNumbers(rest.files[0], 'stopped', BYTES))).toEqual(again);
  });

  it('is left alone when it can be seen', async () => {
    const directory = await temporaryFolder();
    const child = startJournal({ directory, writer: 'stopped' });
    await child.ask('write', { first: 1, last: 3 });
    child.child.kill('SIGSTOP');
    const { journal } = openJournal(directory, { staleAfterMs: 1 });
    await expect(journal.claim()).resolves.toEqual([]);
    await expect(journal.claim()).resolves.toEqual([]);
    child.child.kill('SIGCONT');
    await expect(child.ask('write', { first: 4 })).resolves.toEqual(['durable']);
  });
});

describe('a thread', () => {
  it('that has ended without closing is found by its heartbeat; the main thread is never in doubt', async () => {
    const directory = await temporaryFolder();
    const main = openJournal(directory, { writer: 'main', staleAfterMs: 100 });
    main.write(1, 2);
    const thread = new Worker(path.join(__dirname, 'fixtures', 'journal-thread.ts'), { workerData: directory });
    // It has looked for others, and found that the main thread lives.
    await expect(once(thread, 'message')).resolves.toEqual([{ outcomes: ['durable', 'durable'], found: 0 }]);
    await thread.terminate();
    await silence(directory, 3_600);
    const found = await main.journal.claim();
    await expect(numbersOf(found)).resolves.toEqual({ [`thread ${FILE}`]: [1, 2] });
  });
});

const UNSHARE = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];

/** Why two containers cannot be had here; `undefined` when they can. */
function whyNoContainers(): string | undefined {
  try {
    execFileSync('unshare', [...UNSHARE.slice(1), 'true'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'unshare is not permitted';
  }
}

const noContainers = whyNoContainers();
const inContainers = noContainers === undefined ? it : it.skip;

describe(`two containers with one journal folder${noContainers === undefined ? '' : ` (skipped: ${noContainers})`}`, () => {
  inContainers(
    'know each other apart though both are process 1: the living keeps its rows, the dead does not',
    async () => {
      const directory = await temporaryFolder();
      const one = startJournal({ directory, writer: 'one', within: UNSHARE });
      const two = startJournal({ directory, writer: 'two', within: UNSHARE });
      const identities = await Promise.all([one, two].map((child) => child.ask<{ pid: number }>('identity')));
      expect(identities.map(({ pid }) => pid)).toEqual([1, 1]);
      await one.ask('write', { first: 1, last: 5 });
      await two.ask('write', { first: 1, last: 2 });
      await expect(one.ask('claim')).resolves.toEqual([]);
      await expect(two.ask('claim')).resolves.toEqual([]);

      await one.kill();
      const [ofOne = ''] = await foldersOf(directory, 'one');
      await silence(ofOne, 3_600);
      const three = startJournal({ directory, writer: 'three', staleAfterMs: 20_000, within: UNSHARE });
      await expect(three.ask('claim')).resolves.toEqual([{ writer: 'one', numbers: [range(1, 5)] }]);
      await expect(two.ask('write', { first: 3 })).resolves.toEqual(['durable']);
    },
  );
});

/** Folders of a writer. */
async function foldersOf(directory: string, writer: string): Promise<string[]> {
  const owners = await journalFiles(directory, 'owner.json');
  const isOf = await Promise.all(
    owners.map(async (file) => JSON.parse(await readFile(file, 'utf8')).writer === writer),
  );
  return owners.filter((_, index) => isOf[index]).map((file) => path.dirname(file));
}
