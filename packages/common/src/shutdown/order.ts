import { setImmediate } from 'node:timers/promises';
import { createLogger } from '../logger.ts';
import { sleep } from '../wait.ts';
import { type Part, SHUTDOWN_PHASES, type ShutdownPhase } from './parts.ts';

/** Time for the whole of {@link SHUTDOWN_PHASES}, in milliseconds: most platforms kill 30 s after SIGTERM. */
export const SHUTDOWN_DEADLINE_MS = 20_000;

/** Time for a part to save what it can after its phase's time is over, in milliseconds. */
export const LAST_CHANCE_MS = 100;

/**
 * Share of the deadline that a phase may use up; what an earlier phase leaves over is there for the later ones. So a
 * request that never ends cannot take the time in which rows and traces are stored.
 */
const SHARES: Readonly<Record<ShutdownPhase, number>> = { server: 0.6, collectors: 0.25, telemetry: 0.15 };

const log = createLogger('common');

/** What is to be closed, and what has been: a part closes once, however many runs there are. */
export interface Closing {
  /** Parts may come and go while they are closed. */
  readonly parts: ReadonlySet<Part>;
  /** The parts whose closing has begun, with whether it went well. */
  readonly begun: WeakMap<Part, Promise<boolean>>;
}

/** Runs all phases; tells whether every part closed in time and without an error. */
export async function runPhases(closing: Closing, deadlineMs: number): Promise<boolean> {
  const startedAt = performance.now();
  let allowedMs = 0;
  let isComplete = true;
  for (const phase of SHUTDOWN_PHASES) {
    allowedMs += deadlineMs * SHARES[phase];
    const limitMs = Math.max(0, allowedMs - (performance.now() - startedAt));
    isComplete = (await runPhase(closing, phase, limitMs)) && isComplete;
  }
  return isComplete;
}

async function runPhase(closing: Closing, phase: ShutdownPhase, limitMs: number): Promise<boolean> {
  const limit = new AbortController();
  // Lets go of the timers, which keep the process alive, as soon as nothing waits for them.
  const finished = new AbortController();
  const timer = (delayMs: number) => sleep(delayMs, { abortSignal: finished.signal, keepAlive: true }).catch(() => {});
  const closed = closePhase(closing, phase, limit.signal);
  try {
    const first = await Promise.race([closed, timer(limitMs)]);
    if (first !== undefined) {
      return first;
    }
    limit.abort(new Error(`The ${phase} did not close within ${Math.round(limitMs)} ms`));
    await Promise.race([closed, timer(LAST_CHANCE_MS)]);
    log.error(`Closing took longer than ${Math.round(limitMs)} ms in the phase "${phase}"; what was left is given up.`);
    return false;
  } finally {
    finished.abort();
  }
}

/**
 * Closes the parts of one phase side by side, and those that came too late for an earlier one.
 *
 * @returns Whether all of them closed well.
 */
export async function closePhase(closing: Closing, phase: ShutdownPhase, abortSignal: AbortSignal): Promise<boolean> {
  const now = SHUTDOWN_PHASES.indexOf(phase);
  const waitedFor = new Set<Part>();
  const isDue = (part: Part) => {
    const at = SHUTDOWN_PHASES.indexOf(part.phase);
    // What an earlier phase has given up is not waited for again.
    return !waitedFor.has(part) && (at === now || (at < now && !closing.begun.has(part)));
  };
  const due = () => [...closing.parts].filter(isDue);
  let isGood = true;
  let isFirst = true;
  while (isFirst || due().length > 0) {
    if (!isFirst) {
      // Parts whose closing makes new parts, again and again, must not keep the time limit from coming.
      await setImmediate();
      if (abortSignal.aborted) {
        return false;
      }
    }
    isFirst = false;
    const results = due().map((part) => {
      waitedFor.add(part);
      return closing.begun.get(part) ?? begin(closing, part, abortSignal);
    });
    isGood = (await Promise.all(results)).every(Boolean) && isGood;
  }
  return isGood;
}

function begin(closing: Closing, part: Part, abortSignal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  // Noted first: a part may itself ask for a shutdown.
  closing.begun.set(part, promise);
  resolve(part.close(abortSignal));
  return promise;
}
