import { execFileSync, spawnSync } from 'node:child_process';
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { dataFilePath, dayPrefix } from '../../src/format/blob-path.ts';
import { ledgerPath } from '../../src/format/ledger.ts';
import { currentIdentity, newOwnerId } from '../../src/journal/process-identity.ts';
import { DirectorySink } from '../../src/sinks/directory-sink.ts';
import { encodeLockState } from '../../src/sinks/lock-state.ts';
import { openSink } from '../../src/sinks/open-sink.ts';
import { temporaryFolder } from '../support/workspace.ts';
import { runChild } from './children/run.ts';
import type { WriterOrder } from './children/writer-order.ts';
import { batchOf, DAY, Kept, ledgerEntry, schema, storeAll, streamOf, until, valuesOf } from './give.ts';

const stream = streamOf('svc');
let directory: string;
let folder: string;
let file: string;
let sink: DirectorySink;

beforeEach(async () => {
  directory = path.join(await temporaryFolder(), 'rows');
  folder = path.join(directory, 'modeldata', dayPrefix(stream, DAY));
  file = path.join(directory, 'modeldata', dataFilePath(stream, DAY));
  sink = new DirectorySink(directory);
});

const stored = async (name = 'data.csv') => valuesOf(await readFile(path.join(folder, name), 'utf8'));
const store = (...values: string[]) =>
  storeAll(
    sink,
    values.map((value) => batchOf(stream, [value])),
  );
const files = async () => (await readdir(folder)).sort();

/** Calls a function when the batch's intent is kept: the lock is held then and nothing is written yet. */
async function giveAnd(kept: Kept, between: () => Promise<void>): Promise<void> {
  await sink.append(kept.batch, {
    abortSignal: new AbortController().signal,
    intent: kept.intent,
    intend: async (intent) => {
      const isFirst = kept.intent === undefined;
      kept.intent = intent;
      if (isFirst) {
        await between();
      }
    },
  });
}

describe('files of rows in a directory', () => {
  it('are for their owner only', async () => {
    await store('1');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    for (let at = folder; at !== path.dirname(directory); at = path.dirname(at)) {
      expect((await stat(at)).mode & 0o777).toBe(0o700);
    }
  });

  it('are found again with the name of the instance in theirs', async () => {
    await storeAll(openSink({ directory }, { instance: 'my-pod_7' }), [batchOf(stream, ['1'])]);
    await storeAll(openSink({ directory }, { instance: 'my-pod_7' }), [batchOf(stream, ['2'])]);
    expect(await files()).toEqual(['data-rmy_pod_7.csv']);
    expect(await stored('data-rmy_pod_7.csv')).toEqual(['1', '2']);
  });

  it.each([
    ['a folder', (at: string) => mkdir(at)],
    ['a named pipe', async (at: string) => void execFileSync('mkfifo', [at])],
  ])('go on in the next part when %s has their name', async (_, make) => {
    await mkdir(folder, { recursive: true });
    await make(file);
    await store('1', '2');
    expect(await stored('data-2.csv')).toEqual(['1', '2']);
  });

  it('take rows after an empty file that somebody made, with a header', async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(file, '');
    await store('1');
    expect(await stored()).toEqual(['1']);
  });

  it.each([
    ['removed', () => rm(file)],
    [
      'replaced by one with other columns',
      () => writeFile(`${file}.new`, 'a,b\n1,2\n').then(() => rename(`${file}.new`, file)),
    ],
    ['emptied', () => truncate(file, 0)],
  ])('are looked at again when one was %s meanwhile', async (what, change) => {
    await store('1');
    await change();
    await store('2', '3');
    expect(await stored(what.startsWith('replaced') ? `data-${schema.hash}.csv` : undefined)).toEqual(['2', '3']);
  });

  it.each([
    ['removed', () => rm(file)],
    ['replaced', () => writeFile(`${file}.new`, '').then(() => rename(`${file}.new`, file))],
  ])('get a batch once although one is %s just before it is written', async (_, change) => {
    await store('1');
    await giveAnd(new Kept(batchOf(stream, ['2'])), change);
    await store('3');
    expect(await stored()).toEqual(['2', '3']);
  });

  it('get a batch once although somebody who knows nothing of locks writes in between', async () => {
    await store('1');
    const kept = new Kept(batchOf(stream, ['2']));
    await giveAnd(kept, () => writeFile(file, 'foreign,w-x,,,\n', { flag: 'a' }));
    await kept.store(() => new DirectorySink(directory));
    expect(await stored()).toEqual(['1', 'foreign', '2']);
  });

  it('find a batch far behind the place where it should be', async () => {
    await store('1');
    const kept = new Kept(batchOf(stream, ['2']));
    const line = `${'y'.repeat(997)},w-x,,,\n`;
    await giveAnd(kept, () => writeFile(file, line.repeat(2_000), { flag: 'a' }));
    await kept.store(() => new DirectorySink(directory));
    const values = await stored();
    expect(values).toHaveLength(2_002);
    expect(values.at(-1)).toBe('2');
  });

  it('get nothing from a process that was taken for dead, until it is given again', async () => {
    await store('1');
    const kept = new Kept(batchOf(stream, ['2']));
    let claim = '';
    const given = giveAnd(kept, async () => {
      const { id } = JSON.parse(await readFile(`${file}.lock`, 'utf8')) as { id: string };
      claim = `${file}.lock-${id}`;
      await writeFile(claim, encodeLockState({ id: newOwnerId({ ...currentIdentity(), host: 'elsewhere' }) }));
    });
    await expect(given).rejects.toMatchObject({ code: 'LOCK_LOST', retryable: true });
    expect(await stored()).toEqual(['1']);
    await rm(`${file}.lock`);
    await rm(claim);
    await kept.give(sink);
    expect(await stored()).toEqual(['1', '2']);
  });

  it.each([
    ['a part of the rows is cut off', 10, ['1']],
    ['all of the rows stay', 0, ['1', 'torn']],
  ])('are repaired when a holder on another machine died: %s', async (_, missing, expected) => {
    await store('1');
    const { size } = await stat(file);
    const torn = batchOf(stream, ['torn']).bytes;
    await writeFile(file, torn.subarray(0, torn.length - missing), { flag: 'a' });
    const id = newOwnerId({ ...currentIdentity(), host: 'elsewhere' });
    const lock = await open(`${file}.lock`, 'w');
    await lock.write(encodeLockState({ id, part: { position: size, length: torn.length } }));
    await lock.utimes(new Date(0), new Date(0));
    await lock.close();
    await store('2');
    expect(await stored()).toEqual([...expected, '2']);
    expect(await files()).toEqual(['data.csv']);
  });

  it('are not cut when there is no lock that says so', async () => {
    await store('1');
    await writeFile(file, 'no line end', { flag: 'a' });
    await store('2');
    expect(await readFile(file, 'utf8')).toContain('no line end2,');
  });

  it('keep the turn and the lock of a write that hangs, and end the call all the same', async () => {
    await store('1');
    const handles = await handlePrototype();
    const { write } = handles;
    const goOn = Promise.withResolvers<void>();
    let isHanging = false;
    handles.write = async function (this: FileHandle, ...given: Parameters<FileHandle['write']>) {
      if (String(given[0]).startsWith('hangs')) {
        isHanging = true;
        await goOn.promise;
      }
      return Reflect.apply(write, this, given);
    } as FileHandle['write'];
    try {
      const kept = new Kept(batchOf(stream, ['hangs']));
      const controller = new AbortController();
      const given = kept.give(sink, controller.signal);
      given.catch(() => undefined);
      await until(() => isHanging);
      controller.abort(new Error('enough'));
      await expect(given).rejects.toThrow('enough');
      const next = kept.give(sink);
      goOn.resolve();
      await next;
      expect(await stored()).toEqual(['1', 'hangs']);
      expect(await files()).toEqual(['data.csv']);
    } finally {
      handles.write = write;
    }
  });

  it('say what is wrong when the folder cannot be made', async () => {
    await writeFile(directory, 'a file where the folder should be');
    await expect(new Kept(batchOf(stream, ['1'])).give(sink)).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it('refuse a name that is too long for a folder because of its letters', async () => {
    const named = { ...stream, modelName: '模'.repeat(100) };
    await expect(new Kept(batchOf(named, ['1'])).give(sink)).rejects.toMatchObject({ code: 'VALIDATION' });
  });

  it('have a ledger whose lines stay whole after one that was cut off', async () => {
    const { signal: abortSignal } = new AbortController();
    const ledger = path.join(directory, 'modeldata', ledgerPath(stream, DAY));
    await sink.record(ledgerEntry(stream, 1), { abortSignal });
    await writeFile(ledger, '{"version":1,"str', { flag: 'a' });
    await sink.record(ledgerEntry(stream, 2), { abortSignal });
    const lines = (await readFile(ledger, 'utf8')).split('\n');
    expect(lines.map((line) => line.slice(0, 13))).toEqual(['{"version":1,', '{"version":1,', '{"version":1,', '']);
    expect(JSON.parse(lines[2] ?? '')).toMatchObject({ entry: 2 });
    expect((await stat(ledger)).mode & 0o777).toBe(0o600);
  });
});

/** Whether this machine lets a test have a file system of its own. */
const canMount = spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=64k none /mnt']).status === 0;

describe('a disk that runs full', () => {
  const order = (change: Partial<WriterOrder> = {}): WriterOrder => ({
    directory,
    stream,
    day: DAY,
    writer: 'w',
    count: 1,
    rows: 2_000,
    journal: '',
    ...change,
  });

  it('takes no half row, and the rows later', async () => {
    await store('1');
    // Files of at most 20 KiB stand for a disk that is full after a part of the rows.
    const limit = ['bash', '-c', 'trap "" XFSZ; ulimit -f 20; exec "$@"', 'limited'];
    expect(await runChild('append-once.ts', order(), limit)).toMatchObject({ code: 0, output: 'EFBIG\n' });
    expect(await stored()).toEqual(['1']);
    expect(await files()).toEqual(['data.csv']);
    expect(await runChild('append-once.ts', order())).toMatchObject({ code: 0, output: 'stored\n' });
    expect(await stored()).toHaveLength(2_001);
  });

  (canMount ? it : it.skip)('takes no half row on a real small one either', async () => {
    await mkdir(directory, { recursive: true });
    const script = 'mount -t tmpfs -o size=96k none "$0"; "$@"; find "$0" -type f -exec wc -c {} +';
    const end = await runChild('append-once.ts', order({ rows: 5_000 }), [
      'unshare',
      '-rm',
      'sh',
      '-c',
      script,
      directory,
    ]);
    expect(end.output).toMatch(/^ENOSPC\n0 .*data\.csv\n$/);
  });

  (canMount ? it : it.skip)('and one that is read-only, are named as what they are', async () => {
    await mkdir(directory, { recursive: true });
    const script = 'mount -t tmpfs -o ro none "$0"; "$@"';
    const end = await runChild('append-once.ts', order(), ['unshare', '-rm', 'sh', '-c', script, directory]);
    expect(end.output).toBe('EROFS\n');
  });
});

async function handlePrototype(): Promise<FileHandle> {
  const probe = await open(process.execPath, 'r');
  const prototype = Object.getPrototypeOf(probe) as FileHandle;
  await probe.close();
  return prototype;
}
