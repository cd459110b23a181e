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

/** Time for a part to save what it can after its phase's time is over, in milliseconds. */
const LAST_CHANCE_MS = 100;

/** Time for the whole of {@link SHUTDOWN_PHASES}, in milliseconds: most platforms kill 30 s after SIGTERM. */
export const SHUTDOWN_DEADLINE_MS = 20_000;

/**
 * Share of the deadline that a phase may use up; what an earlier phase leaves over is there for the later ones. So a
 * request that never ends cannot take the time in which rows and traces are stored.
 */
const SHARES: Readonly<Record<ShutdownPhase, number>> = { server: 0.6, collectors: 0.25, telemetry: 0.15 };

/** How a shutdown went. */
export interface ShutdownReport {
  /** Whether every part closed in time and without an error. */
  readonly isComplete: boolean;
}

const SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT'];
const log = createLogger('common');

interface ShutdownState {
  readonly hooks: Set<{ readonly phase: ShutdownPhase; readonly hook: ShutdownHook }>;
  running: Promise<ShutdownReport> | undefined;
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
 * @param options `deadlineMs`: time for the whole, default {@link SHUTDOWN_DEADLINE_MS}; the server may use 60 % of it,
 *   collectors 25 % more, telemetry the rest. Time that a phase leaves over goes to the next.
 * @returns Whether everything closed in time.
 */
export function shutdown(options: { readonly deadlineMs?: number } = {}): Promise<ShutdownReport> {
  state.running ??= runPhases(options.deadlineMs ?? SHUTDOWN_DEADLINE_MS).finally(() => {
    state.running = undefined;
  });
  return state.running;
}

async function runPhases(deadlineMs: number): Promise<ShutdownReport> {
  const startedAt = performance.now();
  let allowedMs = 0;
  let isComplete = true;
  for (const phase of SHUTDOWN_PHASES) {
    allowedMs += deadlineMs * SHARES[phase];
    const limitMs = Math.max(0, allowedMs - (performance.now() - startedAt));
    isComplete = (await runPhase(phase, limitMs)) && isComplete;
  }
  return { isComplete };
}

/** Closes the parts of one phase side by side; tells whether all of them closed in time. */
async function runPhase(phase: ShutdownPhase, limitMs: number): Promise<boolean> {
  const limit = new AbortController();
  const finished = new AbortController();
  let hasFailed = false;
  const closing = Promise.all(
    [...state.hooks]
      .filter((entry) => entry.phase === phase)
      .map(async (entry) => {
        try {
          await entry.hook.close(limit.signal);
        } catch (error) {
          hasFailed = true;
          log.error(`A part of the process failed to close (${phase}): ${errorMessage(error)}`);
        }
      }),
  ).then(() => true);
  const late = sleep(limitMs, { abortSignal: finished.signal, keepAlive: true }).then(
    () => false,
    () => false,
  );
  let isClosed = await Promise.race([closing, late]);
  if (!isClosed) {
    limit.abort(new Error(`The ${phase} did not close within ${Math.round(limitMs)} ms`));
    // What it can still save at once, it may.
    isClosed = await Promise.race([closing, sleep(LAST_CHANCE_MS, { keepAlive: true }).then(() => false)]);
    log.error(`Closing took longer than ${Math.round(limitMs)} ms in the phase "${phase}"; what was left is given up.`);
    hasFailed = true;
  }
  finished.abort();
  return isClosed && !hasFailed;
}

async function onSignal(signal: NodeJS.Signals): Promise<void> {
  // Asked at once, and as the first listener: one that was added with `once` is gone from the list when it has run.
  const isAlone = process.listenerCount(signal) - passiveListeners() === 1;
  if (state.running !== undefined && isAlone) {
    // Asked a second time: whoever asks does not want to wait.
    raiseAgain(signal);
    return;
  }
  await shutdown();
  if (isAlone) {
    raiseAgain(signal);
  }
}

/**
 * Listeners that only watch: the package signal-exit, below many others, raises a signal again once it is the only one
 * left. Counted as somebody who decides, it and we would wait for each other.
 */
function passiveListeners(): number {
  const emitters: unknown[] = [
    (process as { __signal_exit_emitter__?: unknown }).__signal_exit_emitter__,
    (globalThis as { [key: symbol]: unknown })[Symbol.for('signal-exit emitter')],
  ];
  return emitters
    .map((emitter) => (emitter as { count?: unknown } | undefined)?.count)
    .reduce<number>((sum, count) => sum + (typeof count === 'number' ? count : 0), 0);
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
    process.prependListener(signal, listeners.signal);
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
