import { readdirSync, readFileSync } from 'node:fs';

/** Length of a tick of the processor's clock in /proc, the same on every Linux that Node runs on. */
const TICK_MS = 10;

/** Processor time of a process and of those that it started, in milliseconds; `undefined` where there is no /proc. */
export function processorMs(pid: number): number | undefined {
  try {
    // The name of the command, in brackets, may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const own = (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    return childrenOf(pid).reduce((sum, child) => sum + (processorMs(child) ?? 0), own);
  } catch {
    return undefined;
  }
}

/** Memory that a process has in use, in bytes; `undefined` where there is no /proc. */
export function residentBytes(pid: number): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}
