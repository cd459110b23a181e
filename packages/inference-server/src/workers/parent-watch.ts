import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { errorMessage, SHUTDOWN_DEADLINE_MS } from '@azureml-ts/common';
import type { ServerLog } from '../log/server-log.ts';

/** How often the thread looks, in milliseconds. */
const LOOK_MS = 500;

/** How long the event loop may stand still once the parent has gone, in milliseconds. */
const BLOCKED_MS = 5_000;

/** What the thread is started with. */
export interface WatchData {
  readonly parentPid: number;
  /** The main thread adds to it whenever its event loop turns. */
  readonly beats: Int32Array;
  readonly lookMs: number;
  readonly blockedMs: number;
  /** The end of the process however busy it is, in milliseconds after the parent's. */
  readonly endMs: number;
}

/**
 * Ends this process when its parent has gone and it does not end by itself: a script in an endless loop never hears that
 * the channel to its parent has closed. A thread of its own looks, since the loop does not keep it from running. Never
 * keeps the process alive.
 *
 * @param log Told when the thread cannot be started; the server then goes on without.
 * @returns What ends the watch.
 */
export function watchParent(log: ServerLog): () => void {
  const parentPid = process.ppid;
  // The first process of a container or of the machine: with it, everything ends.
  if (parentPid <= 1) {
    return () => undefined;
  }
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const timer = setInterval(() => Atomics.add(beats, 0, 1), LOOK_MS);
  timer.unref();
  const data: WatchData = {
    parentPid,
    beats,
    lookMs: LOOK_MS,
    blockedMs: BLOCKED_MS,
    endMs: SHUTDOWN_DEADLINE_MS + BLOCKED_MS,
  };
  const failed = (error: unknown): void => {
    log.line('W', `The parent process is not watched: ${errorMessage(error)}`);
  };
  try {
    const file = threadFile();
    const thread = new Worker(file, {
      workerData: data,
      name: 'parent-watch',
      // Nothing of the script's own settings, such as preloaded modules, belongs in there.
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
    });
    thread.on('error', failed);
    thread.unref();
    return () => {
      clearInterval(timer);
      void thread.terminate();
    };
  } catch (error) {
    failed(error);
    return () => clearInterval(timer);
  }
}

/** The CommonJS copy, which starts without the loader of ES modules. */
function threadFile(): string {
  const file = fileURLToPath(new URL('./parent-watch-thread.cjs', import.meta.url));
  if (!existsSync(file)) {
    throw new Error(`${file} is missing`);
  }
  return file;
}
