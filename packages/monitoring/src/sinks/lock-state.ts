import { open } from 'node:fs/promises';
import { isOwnerId } from '../journal/process-identity.ts';

/** Part of a file that is being written. */
export interface WrittenPart {
  /** Where it begins: the length of the file before. */
  readonly position: number;
  /** How long it becomes. */
  readonly length: number;
}

/** What stands in a lock file. */
export interface LockState {
  /** Of this acquisition, never used again; it says who holds the lock. */
  readonly id: string;
  /** What its holder writes or has written. */
  readonly part?: WrittenPart | undefined;
  /** Whether its holder is done but could not remove it. */
  readonly isReleased?: boolean | undefined;
}

/** A lock file as somebody else sees it. */
export interface SeenLock {
  /** Where it is. */
  readonly path: string;
  /** Tells this acquisition from all others, also when what it holds cannot be read. */
  readonly id: string;
  /** What it holds; `undefined` when it is being written, or was left half-written. */
  readonly state: LockState | undefined;
  /** When its holder last wrote to it, by the clock of the file system. */
  readonly writtenAtMs: number;
}

/** A state always fills the same bytes, so that it is replaced in place by one write, which needs no space. */
const STATE_BYTES = 512;

/** The bytes of a state. */
export function encodeLockState(state: LockState): Buffer {
  return Buffer.from(
    JSON.stringify(state)
      .padEnd(STATE_BYTES - 1)
      .concat('\n'),
  );
}

/** Looks at a lock file; `undefined` when there is none. */
export async function seeLock(path: string): Promise<SeenLock | undefined> {
  try {
    const handle = await open(path, 'r');
    try {
      const { ino, mtimeMs } = await handle.stat();
      const state = decodeLockState(await handle.readFile('utf8'));
      return { path, id: state?.id ?? `unreadable-${ino}-${Math.trunc(mtimeMs)}`, state, writtenAtMs: mtimeMs };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

function decodeLockState(text: string): LockState | undefined {
  try {
    const { id, part, isReleased } = JSON.parse(text) as Partial<LockState>;
    if (typeof id !== 'string' || !isOwnerId(id)) {
      return undefined;
    }
    const isPart = Number.isSafeInteger(part?.position) && Number.isSafeInteger(part?.length);
    return { id, part: isPart ? part : undefined, isReleased: isReleased === true };
  } catch {
    return undefined;
  }
}
