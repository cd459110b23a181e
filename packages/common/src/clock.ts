/** A started timer. */
export interface TimerHandle {
  /** Keeps the process from ending; see Node's timers. */
  ref?(): unknown;
  /** Lets the process end although the timer has not fired. */
  unref?(): unknown;
}

/**
 * Time as the packages see it. Tests pass their own, so that a day passes in a millisecond.
 */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Calls `callback` once after `delayMs`. */
  setTimeout(callback: () => void, delayMs: number): TimerHandle;
  /** Stops a timer that has not fired yet. */
  clearTimeout(handle: TimerHandle): void;
}

/** Longest delay of a timer, in milliseconds; Node fires a longer one at once. */
export const MAX_TIMER_MS = 2_147_483_647;

/** The real time. Timers never keep the process alive; one of more than 24 days fires after 24 days. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, delayMs) => {
    const handle = setTimeout(callback, Math.min(delayMs, MAX_TIMER_MS));
    handle.unref();
    return handle;
  },
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
};
