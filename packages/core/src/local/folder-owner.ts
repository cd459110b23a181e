import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isProcessAlive, sleep } from '@azureml-ts/common';

/** How long a file may be empty because its writer is between making and filling it. */
const WRITING_MS = 300;
const READ_AGAIN_MS = 20;

/** Who runs the service of a folder, as it stands in `owner.json`. */
export interface FolderOwner {
  /** Names this claim; no other one ever has it. */
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  /** When the process started, where the system tells: a process that got the id of an ended one is another. */
  readonly started?: string | undefined;
}

/**
 * Takes a folder for this process. Of several processes that try at the same time, one gets it.
 *
 * The file is made exclusively. One that an ended process left is replaced by whoever made, exclusively too, the file of
 * its successor (`owner.json.<id>`); that holds a claim of its own, so the same rule serves when its maker ends midway.
 *
 * @param file The `owner.json` of the folder.
 * @returns `undefined` when the folder is this process's, else the living process that has it.
 */
export async function takeFolder(file: string): Promise<FolderOwner | undefined> {
  return take(file, {
    id: randomUUID(),
    pid: process.pid,
    host: hostname(),
    started: await processStart(process.pid),
  });
}

/**
 * Reads which other process has a folder.
 *
 * @param file The `owner.json` of the folder.
 * @returns `undefined` when no other process has it that lives on this machine.
 */
export async function livingOwner(file: string): Promise<FolderOwner | undefined> {
  const owner = await readOwner(file);
  return owner !== undefined && (await isOfLivingOther(owner)) ? owner : undefined;
}

async function take(file: string, mine: FolderOwner): Promise<FolderOwner | undefined> {
  for (;;) {
    if (await madeExclusively(file, mine)) {
      return undefined;
    }
    const current = await readOwner(file);
    if (current === undefined) {
      continue;
    }
    if (await isOfLivingOther(current)) {
      return current;
    }
    const successor = `${file}.${current.id}`;
    const rival = await take(successor, mine);
    if (rival !== undefined) {
      return rival;
    }
    // Nobody else can replace `current` now; but somebody may have done so before.
    if ((await readOwner(file))?.id === current.id) {
      await rename(successor, file);
      return undefined;
    }
    await rm(successor, { force: true });
  }
}

async function madeExclusively(file: string, owner: FolderOwner): Promise<boolean> {
  try {
    await writeFile(file, JSON.stringify(owner), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      return false;
    }
    throw error;
  }
}

/** Reads a claim; `undefined` when there is none (any more). One that stays unreadable is nobody's. */
async function readOwner(file: string): Promise<FolderOwner | undefined> {
  for (let waitedMs = 0; ; waitedMs += READ_AGAIN_MS) {
    try {
      const { id, pid, host, started } = JSON.parse(await readFile(file, 'utf8'));
      if (Number.isSafeInteger(pid) && pid > 0) {
        return { id: /^[\w-]{1,64}$/.test(id) ? id : 'unknown', pid, host, started };
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') {
        return undefined;
      }
      if (code !== undefined) {
        throw error;
      }
    }
    if (waitedMs >= WRITING_MS) {
      return { id: 'unreadable', pid: 0, host: '' };
    }
    await sleep(READ_AGAIN_MS, { keepAlive: true });
  }
}

/** Whether a claim is that of another process which lives; of other machines that is not known, and taken for no. */
async function isOfLivingOther({ pid, host, started }: FolderOwner): Promise<boolean> {
  if (host !== hostname() || pid <= 0 || !isProcessAlive(pid)) {
    return false;
  }
  const startedNow = await processStart(pid);
  const isSame = started === undefined || startedNow === undefined || started === startedNow;
  return isSame && pid !== process.pid;
}

/** When a process started, in the system's own measure; `undefined` where the system does not tell (no /proc). */
async function processStart(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in parentheses, which may hold anything; the start is the 22nd.
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .at(19);
  } catch {
    return undefined;
  }
}
