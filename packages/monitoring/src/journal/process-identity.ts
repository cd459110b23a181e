import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import { threadId } from 'node:worker_threads';
import { isProcessAlive, processSingleton } from '@azureml-ts/common';

/** Who holds a journal folder, as far as others can find out whether it still lives. */
export interface ProcessIdentity {
  /** Name of the machine or container. */
  readonly host: string;
  /** Which start of the machine; empty where it is not known. */
  readonly bootId: string;
  /** Within which process numbers mean something; empty where there is one only. */
  readonly pidNamespace: string;
  /** Number of the process. */
  readonly pid: number;
  /** When it began, in ticks since the start of the machine; `0` where it is not known. */
  readonly startTime: string;
  /** Which thread of it; 0 is the main one. */
  readonly threadId: number;
}

/** What is known of the holder of a folder. */
export type Verdict =
  /** It lives. */
  | 'alive'
  /** It has ended. */
  | 'dead'
  /** It is of this very thread, in which nobody holds the folder. */
  | 'left'
  /** Only its heartbeat can tell. */
  | 'unsure';

/** A folder's name without the mark of a released one: place, process, start, thread and a random part. */
const OWNER_ID = /^([0-9a-f]{12})-(\d{1,10})-(\d{1,20})-(\d{1,10})-[0-9a-f]{12}$/;

/** Who this thread is. */
export function currentIdentity(): ProcessIdentity {
  return {
    host: os.hostname(),
    bootId: readText('/proc/sys/kernel/random/boot_id'),
    pidNamespace: namesOwnProcesses() ? readLink('/proc/self/ns/pid') : '',
    pid: process.pid,
    startTime: namesOwnProcesses() ? readStart('self') : '0',
    threadId,
  };
}

/**
 * A new name for a folder. It says who holds it, so that taking it over and saying so are one step.
 *
 * @param identity The holder.
 */
export function newOwnerId(identity: ProcessIdentity): string {
  const { pid, startTime, threadId: thread } = identity;
  return `${placeOf(identity)}-${pid}-${startTime}-${thread}-${randomBytes(6).toString('hex')}`;
}

/** Whether a text is what {@link newOwnerId} makes. */
export function isOwnerId(text: string): boolean {
  return OWNER_ID.test(text);
}

/**
 * Finds out whether the holder of a folder lives.
 *
 * @param ownerId Name of the folder.
 * @param me Who asks.
 */
export function judge(ownerId: string, me: ProcessIdentity): Verdict {
  const [, place, pid, startTime, thread] = OWNER_ID.exec(ownerId) ?? [];
  if (place === undefined || place !== placeOf(me)) {
    return 'unsure';
  }
  const isMyProcess = Number(pid) === me.pid && startTime === me.startTime;
  if (isMyProcess && Number(thread) === me.threadId) {
    return livingOwners().has(ownerId) ? 'alive' : 'left';
  }
  if (!isMyProcess) {
    const found = startOf(Number(pid));
    if (found === 'gone' || (found !== '0' && startTime !== '0' && found !== startTime)) {
      return 'dead';
    }
    if (found === '0' || startTime === '0') {
      return 'unsure';
    }
  }
  // The main thread lives as long as its process. Of another thread nothing is to be seen from here.
  return Number(thread) === 0 ? 'alive' : 'unsure';
}

/** Names of the folders that this thread holds. */
export function livingOwners(): Set<string> {
  return processSingleton('journal-owners', 1, () => new Set<string>());
}

/** Where process numbers mean the same, as 12 hexadecimal digits. */
function placeOf({ host, bootId, pidNamespace }: ProcessIdentity): string {
  return createHash('sha256')
    .update(JSON.stringify([host, bootId, pidNamespace]))
    .digest('hex')
    .slice(0, 12);
}

/** When a process began: `0` when that cannot be found out, `gone` when there is no such process. */
function startOf(pid: number): string {
  if (namesOwnProcesses()) {
    return readStart(pid);
  }
  return isProcessAlive(pid) ? '0' : 'gone';
}

/** What is mounted at `/proc` can be the processes of another name space. */
function namesOwnProcesses(): boolean {
  return readLink('/proc/self') === String(process.pid);
}

/** Start of a process in ticks. One that has ended, and whose parent has not asked for its end yet, is gone. */
function readStart(pid: number | 'self'): string {
  let stat: string;
  try {
    stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ESRCH' ? 'gone' : '0';
  }
  // The name of the program, in parentheses, can hold anything.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
  return state === 'Z' || state === 'X' ? 'gone' : (fields[18] ?? '0');
}

function readText(path: string): string {
  try {
    return fs.readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function readLink(path: string): string {
  try {
    return fs.readlinkSync(path);
  } catch {
    return '';
  }
}
