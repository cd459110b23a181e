import { isMainThread } from 'node:worker_threads';
import { processSingleton } from '../process-singleton.ts';
import { takeOverLostWorker } from './cluster-worker.ts';
import { joinMainThread, type MainThread } from './main-thread.ts';
import { runPhases, SHUTDOWN_DEADLINE_MS } from './order.ts';
import {
  type Part,
  partOf,
  type ShutdownHook,
  type ShutdownPhase,
  type ShutdownReport,
  sayLastWords,
} from './parts.ts';
import { listen, type ProcessListeners, unlisten } from './process-events.ts';
import { ECHO_MS, isOursToDecide, otherShapesClosed, raise, STATE_VERSION } from './signals.ts';
import { MESSAGES_VERSION } from './thread-messages.ts';
import { sayLastWordsIfHandlerThrows } from './uncaught.ts';
import { acceptWorkerThreads, type WorkerThreads } from './worker-threads.ts';

/** One per process, and per worker thread: each thread has globals of its own. */
interface ShutdownState {
  readonly parts: Set<Part>;
  readonly begun: WeakMap<Part, Promise<boolean>>;
  running: Promise<ShutdownReport> | undefined;
  isListening: boolean;
  /** The signal that the running shutdown answers to. */
  asked: { readonly signal: NodeJS.Signals; readonly at: number } | undefined;
  /** In a worker thread with hooks. */
  mainThread: MainThread | undefined;
}

const state = processSingleton<ShutdownState>('shutdown', STATE_VERSION, () => ({
  parts: new Set(),
  begun: new WeakMap(),
  running: undefined,
  isListening: false,
  asked: undefined,
  mainThread: undefined,
}));

const listeners = processSingleton<ProcessListeners>('shutdown-listeners', STATE_VERSION, () => ({
  signal: (signal) => void onSignal(signal),
  beforeExit: onBeforeExit,
  exit: sayAllLastWords,
  uncaught: () => sayLastWordsIfHandlerThrows(sayAllLastWords),
  disconnect: onDisconnect,
}));

const workerThreads: WorkerThreads | undefined = isMainThread
  ? processSingleton('shutdown-worker-threads', MESSAGES_VERSION, () => acceptWorkerThreads(addPart))
  : undefined;

/**
 * Has a part of the process closed when the process ends: on SIGTERM, SIGINT and SIGHUP, and at its natural end.
 *
 * The process's own signal handlers stay as they are. When nobody else listens to the signal, it is raised again
 * afterwards, so that the process ends with the status it would have had; otherwise the other listener decides, and for
 * SIGHUP, which many servers take as "read your configuration again", nothing is closed then. The same signal again,
 * later than a second after the first, ends the process at once. On Windows SIGHUP and SIGBREAK keep their default
 * action: they could not be raised again.
 *
 * `process.exit()`, in the middle of a shutdown too, and an error that nobody caught leave no time: each hook's `onExit`
 * runs, and exit code and message are Node's. An error that a handler of the process caught closes nothing.
 *
 * A worker of Node's cluster closes on `worker.kill()` and `worker.disconnect()` of its primary, and when its primary is
 * gone: it then ends with code 0, as Node has it, but only after the shutdown, with `exitedAfterDisconnect` set. When it
 * calls `kill()` on itself, only `onExit` runs.
 *
 * In a worker thread the hooks close at the natural end of the thread; on its `process.exit()` and on an error that nobody
 * caught, `onExit` runs. Signals reach the main thread only: when that has loaded this package, its shutdown, whatever
 * the cause, closes the hooks of all worker threads with its own, phase by phase, under the same deadline; at its
 * `process.exit()` it waits up to 200 ms for their `onExit`. When it has not, its end stops the thread like
 * `worker.terminate()`: Node then runs nothing more in the thread, not even listeners of `exit`.
 *
 * @param phase When to close it, in the order of {@link SHUTDOWN_PHASES}; parts of one phase close side by side. A part
 *   that comes during the shutdown is closed too, in the phase that runs when its own is over.
 * @param hook What to do.
 * @returns A function that takes the hook back, for parts that close earlier. A `close` that has begun is waited for.
 */
export function onShutdown(phase: ShutdownPhase, hook: ShutdownHook): () => void {
  return addPart(partOf(phase, hook));
}

/**
 * Closes everything that registered with {@link onShutdown}, in order, under one deadline; each part once. A second call
 * while the first runs waits for the same work. In a worker thread: the hooks of that thread.
 *
 * A part that fails or hangs is logged and does not keep the others from closing.
 *
 * @param options `deadlineMs`: time for the whole, default {@link SHUTDOWN_DEADLINE_MS}; the server may use 60 % of it,
 *   collectors 25 % more, telemetry the rest. Time that a phase leaves over goes to the next.
 * @returns Whether everything closed in time.
 */
export function shutdown(options: { readonly deadlineMs?: number } = {}): Promise<ShutdownReport> {
  if (state.running !== undefined) {
    return state.running;
  }
  const { promise, resolve } = Promise.withResolvers<ShutdownReport>();
  // Noted first: a part may itself ask for a shutdown, or take itself back.
  state.running = promise;
  void runPhases(state, options.deadlineMs ?? SHUTDOWN_DEADLINE_MS).then((isComplete) => {
    state.running = undefined;
    settle();
    resolve({ isComplete });
  });
  return promise;
}

function addPart(part: Part): () => void {
  state.parts.add(part);
  if (!state.isListening) {
    state.isListening = true;
    listen(listeners);
  }
  if (!isMainThread) {
    state.mainThread?.sayMore();
    state.mainThread ??= joinMainThread(state, settle);
  }
  return () => {
    state.parts.delete(part);
    settle();
  };
}

/** Without parts, and while no shutdown runs, nothing listens. */
function settle(): void {
  if (state.parts.size === 0 && state.running === undefined && !state.mainThread?.isClosing) {
    stopListening();
    state.mainThread?.leave();
    state.mainThread = undefined;
  }
}

function stopListening(): void {
  state.isListening = false;
  unlisten(listeners);
}

async function onSignal(signal: NodeJS.Signals): Promise<void> {
  const isOurs = isOursToDecide(signal);
  if (signal === 'SIGHUP' && !isOurs) {
    return;
  }
  const { asked } = state;
  const now = performance.now();
  if (asked !== undefined) {
    if (isOurs && (asked.signal !== signal || now - asked.at > ECHO_MS)) {
      // Whoever asks twice does not want to wait.
      raiseAgain(signal);
    }
    return;
  }
  state.asked = { signal, at: now };
  await shutdown();
  await otherShapesClosed(signal);
  state.asked = undefined;
  if (isOurs) {
    raiseAgain(signal);
  }
}

function raiseAgain(signal: NodeJS.Signals): void {
  sayAllLastWords();
  stopListening();
  raise(signal);
}

function onBeforeExit(): void {
  // The work of a shutdown keeps the loop busy, and the event comes again when it is done.
  if ([...state.parts].some((part) => !state.begun.has(part))) {
    void shutdown();
  } else {
    state.mainThread?.sayBye();
  }
}

function sayAllLastWords(): void {
  sayLastWords(state.parts);
  workerThreads?.waitForLastWords();
}

function onDisconnect(): void {
  if (takeOverLostWorker()) {
    void shutdown().then(() => process.exit(0));
  }
}
