import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import type { WatchData } from './workers/parent-watch.ts';

const { parentPid, beats, lookMs, blockedMs, endMs } = workerData as WatchData;

let beatsSeen = -1;
let stoodStillMs = 0;
let orphanedMs = 0;

setInterval(() => {
  if (isParentAlive()) {
    return;
  }
  orphanedMs += lookMs;
  const beatsNow = Atomics.load(beats, 0);
  stoodStillMs = beatsNow === beatsSeen ? stoodStillMs + lookMs : 0;
  beatsSeen = beatsNow;
  if (stoodStillMs >= blockedMs || orphanedMs >= endMs) {
    const what = stoodStillMs >= blockedMs ? 'the script stays in synchronous work' : 'the process does not end';
    try {
      writeSync(
        2,
        `${new Date().toISOString()} E [${process.pid}] The parent process has ended and ${what}: killed.\n`,
      );
    } catch {
      // Nobody reads.
    }
    process.kill(process.pid, 'SIGKILL');
  }
}, lookMs);

function isParentAlive(): boolean {
  if (process.ppid !== parentPid) {
    return false;
  }
  // Windows goes on to name a parent that has ended.
  if (process.platform !== 'win32') {
    return true;
  }
  try {
    process.kill(parentPid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
