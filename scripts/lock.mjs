import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processStart } from './process-table.mjs';
import { say } from './say.mjs';
import { sleep, throwIfEnding } from './supervise.mjs';

/**
 * Runs a function while no other process of this checkout is inside the same lock.
 *
 * The lock is a file that names its owner; a lock whose owner no longer runs is taken over.
 *
 * @template T
 * @param {string} folder Folder of the lock file; made when missing.
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(folder, work) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'lock');
  const mine = JSON.stringify({ pid: process.pid, start: processStart(process.pid) });
  let told = false;
  while (!tryCreate(file, mine)) {
    throwIfEnding();
    const owner = readOwner(file);
    if (owner !== undefined && !isRunning(owner)) {
      takeAway(file);
    } else {
      if (!told && owner !== undefined) {
        told = true;
        say(`waiting for process ${owner.pid}, which is setting up this checkout`);
      }
      await sleep(100);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Creates the file with its text in one step: a lock without an owner is never seen. */
function tryCreate(file, text) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') {
      return false;
    }
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readOwner(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // Released in this moment.
  }
}

/** A number can be given to another process later: the start time tells the two apart where it is known. */
function isRunning({ pid, start }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  return processStart(pid) === start;
}

/** Removes a dead owner's lock. Only one process at a time may do so, or it could remove its successor's lock. */
function takeAway(file) {
  const removal = `${file}.removal`;
  if (!tryCreate(removal, JSON.stringify({ pid: process.pid, start: processStart(process.pid) }))) {
    if (Date.now() - (statSync(removal, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > 10_000) {
      rmSync(removal, { force: true }); // Its owner died between two lines of this function.
    }
    return;
  }
  try {
    const owner = readOwner(file);
    if (owner !== undefined && !isRunning(owner)) {
      say(`removing the lock of process ${owner.pid}, which no longer runs`);
      rmSync(file, { force: true });
    }
  } finally {
    rmSync(removal, { force: true });
  }
}
