import { errorMessage } from './errors.ts';
import { createLogger } from './logger.ts';
import { processSingleton } from './process-singleton.ts';
import { sleep } from './wait.ts';

/**
 * The order in which a process lets go: first no new requests, then the collected rows, last the telemetry that
 * tells of both.
 */
export const SHUTDOWN_PHASES = ['server', 'collectors', 'telemetry'] as const;

/** One step of {@link SHUTDOWN_PHASES}. */
export type ShutdownPhase = (typeof SHUTDOWN_PHASES)[number];

/** What a part of the process does when the process ends. */
export interface ShutdownHook {
  /** Lets go in good order; `abortSignal` fires at the deadline. */
  close(abortSignal: AbortSignal): Promise<void> | void;
  /** Last words on `exit`, when nothing asynchronous can run any more. */
  onExit?(): void;
}

/** Time for the whole of {@link SHUTDOWN_PHASES}, in milliseconds: most platforms kill 30 s after SIGTERM. */
export const SHUTDOWN_DEADLINE_MS = 20_000;

const SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT'];
const log = createLogger('common');

interface ShutdownState {
  readonly hooks: Set<{ readonly phase: ShutdownPhase; readonly hook: ShutdownHook }>;
  running: Promise<void> | undefined;
  listening: boolean;
  endedNaturally: boolean;
}

const state = processSingleton<ShutdownState>('shutdown', 1, () => ({
  hooks: new Set(),
  running: undefined,
  listening: false,
  endedNaturally: false,
}));

/**
 * Has a part of the process closed when the process ends: on SIGTERM, on SIGINT and at its natural end.
 *
 * The process's own signal handlers stay as they are. When nobody else listens to the signal, it is raised again
 * afterwards, so that the process ends with the status it would have had; otherwise the other listener decides.
 *
 * @param phase When to close it, in the order of {@link SHUTDOWN_PHASES}; parts of one phase close side by side.
 * @param hook What to do.
 * @returns A function that takes the hook back, for parts that close earlier.
 */
export function onShutdown(phase: ShutdownPhase, hook: ShutdownHook): () => void {
  const entry = { phase, hook };
  state.hooks.add(entry);
  state.endedNaturally = false;
  listen();
  return () => {
    state.hooks.delete(entry);
    if (state.hooks.size === 0 && state.running === undefined) {
      unlisten();
    }
  };
}

/**
 * Closes everything that registered with {@link onShutdown}, in order, under one deadline. A second call while the first
 * runs waits for the same work.
 *
 * A part that fails or hangs is logged and does not keep the others from closing.
 *
 * @param options `deadlineMs`: time for the whole, default {@link SHUTDOWN_DEADLINE_MS}.
 */
export function shutdown(options: { readonly deadlineMs?: number } = {}): Promise<void> {
  state.running ??= runPhases(options.deadlineMs ?? SHUTDOWN_DEADLINE_MS).finally(() => {
    state.running = undefined;
  });
  return state.running;
}

async function runPhases(deadlineMs: number): Promise<void> {
  const deadline = new AbortController();
  const finished = new AbortController();
  const limit = sleep(deadlineMs, { abortSignal: finished.signal, keepAlive: true }).then(
    () => deadline.abort(new Error(`Shutting down took longer than ${deadlineMs} ms`)),
    () => undefined,
  );
  for (const phase of SHUTDOWN_PHASES) {
    const entries = [...state.hooks].filter((entry) => entry.phase === phase);
    const closing = Promise.all(
      entries.map(async (entry) => {
        try {
          await entry.hook.close(deadline.signal);
        } catch (error) {
          log.error(`A part of the process failed to close (${phase}): ${errorMessage(error)}`);
        }
      }),
    );
    // Past the deadline the later phases still start: each may have something that it can save at once.
    await Promise.race([closing, limit]);
    if (deadline.signal.aborted) {
      log.error(`Shutting down took longer than ${deadlineMs} ms; what was left in the phase "${phase}" is given up.`);
      await Promise.race([closing, sleep(100, { keepAlive: true })]);
    }
  }
  finished.abort();
}

async function onSignal(signal: NodeJS.Signals): Promise<void> {
  const alone = process.listenerCount(signal) === 1;
  if (state.running !== undefined && alone) {
    // Asked a second time: whoever asks does not want to wait.
    raiseAgain(signal);
    return;
  }
  await shutdown();
  if (process.listenerCount(signal) === 1) {
    raiseAgain(signal);
  }
}

function raiseAgain(signal: NodeJS.Signals): void {
  unlisten();
  process.kill(process.pid, signal);
}

function onBeforeExit(): void {
  // The work below keeps the loop busy, and the event comes again when it is done: once is enough.
  if (!state.endedNaturally && state.hooks.size > 0) {
    state.endedNaturally = true;
    void shutdown();
  }
}

function onExit(): void {
  for (const phase of SHUTDOWN_PHASES) {
    for (const entry of state.hooks) {
      if (entry.phase === phase) {
        try {
          entry.hook.onExit?.();
        } catch (error) {
          log.error(`A part of the process failed on exit: ${errorMessage(error)}`);
        }
      }
    }
  }
}

const listeners = processSingleton('shutdown-listeners', 1, () => ({
  signal: (signal: NodeJS.Signals) => void onSignal(signal),
  beforeExit: () => onBeforeExit(),
  exit: () => onExit(),
}));

function listen(): void {
  if (state.listening) {
    return;
  }
  state.listening = true;
  for (const signal of SIGNALS) {
    process.on(signal, listeners.signal);
  }
  process.on('beforeExit', listeners.beforeExit);
  process.on('exit', listeners.exit);
}

function unlisten(): void {
  state.listening = false;
  for (const signal of SIGNALS) {
    process.off(signal, listeners.signal);
  }
  process.off('beforeExit', listeners.beforeExit);
  process.off('exit', listeners.exit);
}
