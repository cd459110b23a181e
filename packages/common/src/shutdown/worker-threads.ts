import { BroadcastChannel, type MessagePort } from 'node:worker_threads';
import { type Part, SHUTDOWN_PHASES, type ShutdownPhase } from './parts.ts';
import { MAIN_IS_HERE, portOf, type ToMain, type ToWorker } from './thread-messages.ts';

/** Longest wait for the last words of busy worker threads, in milliseconds; the main thread stands still meanwhile. */
const LAST_WORDS_MS = 200;

/** The worker threads of the process, as the main thread sees them. */
export interface WorkerThreads {
  /** Stands still until the worker threads have said their last words. */
  waitForLastWords(): void;
}

/**
 * Makes the hooks of worker threads parts of the main thread's shutdown, since signals reach the main thread only. Costs
 * nothing while no worker thread has hooks: what listens is no handle that could keep anything alive.
 *
 * @param add Adds a part and returns what takes it back.
 */
export function acceptWorkerThreads(add: (part: Part) => () => void): WorkerThreads {
  // How many have been asked for their last words and have not said them.
  const waiting = new Int32Array(new SharedArrayBuffer(4));
  process.on('workerMessage', (message: unknown) => {
    const port = portOf(message);
    if (port !== undefined) {
      accept(port, add, waiting);
    }
  });
  // For worker threads that had hooks before the main thread loaded this package.
  const channel = new BroadcastChannel(MAIN_IS_HERE);
  channel.postMessage(true);
  channel.close();
  return {
    waitForLastWords() {
      const until = performance.now() + LAST_WORDS_MS;
      for (let left = Atomics.load(waiting, 0); left > 0; left = Atomics.load(waiting, 0)) {
        if (performance.now() >= until || Atomics.wait(waiting, 0, left, until - performance.now()) === 'timed-out') {
          return;
        }
      }
    },
  };
}

/** One worker thread: a part in each phase, for as long as it has hooks. */
function accept(port: MessagePort, add: (part: Part) => () => void, waiting: Int32Array): void {
  const say = (message: ToWorker) => port.postMessage(message);
  const asked = new Map<number, (isComplete: boolean) => void>();
  let lastId = 0;
  let hasSaidBye = false;
  let hasSpoken = false;
  const partOf = (phase: ShutdownPhase): Part => ({
    phase,
    close(abortSignal) {
      lastId += 1;
      const id = lastId;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      asked.set(id, resolve);
      say({ type: 'close', id, phase });
      abortSignal.addEventListener('abort', () => say({ type: 'abort', id }), { once: true });
      return promise;
    },
    sayLastWords() {
      // Once for all phases: the thread keeps the order of its own hooks.
      if (!hasSpoken) {
        hasSpoken = true;
        Atomics.add(waiting, 0, 1);
        say({ type: 'lastWords', waiting });
      }
    },
  });
  const addAll = () => SHUTDOWN_PHASES.map((phase) => add(partOf(phase)));
  const takeBack = (forgets: readonly (() => void)[]) => {
    for (const forget of forgets) {
      forget();
    }
  };
  let current = addAll();
  port.on('message', (message: ToMain) => {
    switch (message.type) {
      case 'closed':
        asked.get(message.id)?.(message.isComplete);
        asked.delete(message.id);
        break;
      case 'more':
        // A part closes once: what came after that needs new ones.
        if (lastId > 0) {
          const before = current;
          current = addAll();
          takeBack(before);
        }
        break;
      case 'bye':
        hasSaidBye = true;
        break;
    }
  });
  port.on('close', () => {
    takeBack(current);
    // A thread that ended by itself has closed its hooks; one that was ended has not.
    for (const resolve of asked.values()) {
      resolve(hasSaidBye);
    }
  });
  port.unref();
  say({ type: 'welcome' });
}
