import type { WrittenPart } from '../../../src/sinks/lock-state.ts';

/** Takes a lock, says what it writes, and dies with it. */
const { file, part } = JSON.parse(process.argv[2] ?? '{}') as { file: string; part: WrittenPart };

const { FileLock } = await import('../../../src/sinks/file-lock.ts');
const lock = await FileLock.acquire(file, { abortSignal: new AbortController().signal });
await lock.intend(part);
process.kill(process.pid, 'SIGKILL');
