import { errorMessage } from '../errors.ts';
import { createLogger } from '../logger.ts';

/**
 * The order in which a process lets go: first no new requests, then the collected rows, last the telemetry that
 * tells of both.
 */
export const SHUTDOWN_PHASES = ['server', 'collectors', 'telemetry'] as const;

/** One step of {@link SHUTDOWN_PHASES}. */
export type ShutdownPhase = (typeof SHUTDOWN_PHASES)[number];

/** What a part of the process does when the process ends. */
export interface ShutdownHook {
  /** Lets go in good order; `abortSignal` fires at the deadline. Called once, whatever the process still does. */
  close(abortSignal: AbortSignal): Promise<void> | void;
  /**
   * Last words, when nothing asynchronous can run any more: at `exit`, before the process's own listeners, and before a
   * signal is raised again. Runs once, also when `close` has run before.
   */
  onExit?(): void;
}

/** How a shutdown went. */
export interface ShutdownReport {
  /** Whether every part closed in time and without an error. */
  readonly isComplete: boolean;
}

/**
 * Something to close, as the order sees it: a hook, or one phase of another thread. Only this interface passes from one
 * copy of the package to another.
 */
export interface Part {
  readonly phase: ShutdownPhase;
  /** Closes it and tells whether that went well. Called once; never rejects. */
  close(abortSignal: AbortSignal): Promise<boolean>;
  /** Saves at once what it can, the first time it is called. Never throws. */
  sayLastWords(): void;
}

const log = createLogger('common');

/** Makes a part of a hook: its errors are logged and go no further. */
export function partOf(phase: ShutdownPhase, hook: ShutdownHook): Part {
  let hasSpoken = false;
  return {
    phase,
    async close(abortSignal) {
      try {
        await hook.close(abortSignal);
        return true;
      } catch (error) {
        log.error(`A part of the process failed to close (${phase}): ${errorMessage(error)}`);
        return false;
      }
    },
    sayLastWords() {
      if (hasSpoken) {
        return;
      }
      hasSpoken = true;
      try {
        hook.onExit?.();
      } catch (error) {
        log.error(`A part of the process failed on exit: ${errorMessage(error)}`);
      }
    },
  };
}

/** Has every part say its last words, in the order of the phases. */
export function sayLastWords(parts: ReadonlySet<Part>): void {
  for (const phase of SHUTDOWN_PHASES) {
    for (const part of parts) {
      if (part.phase === phase) {
        part.sayLastWords();
      }
    }
  }
}
