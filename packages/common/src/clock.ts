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

/** The real time. Timers never keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, delayMs) => {
    const handle = setTimeout(callback, delayMs);
    handle.unref();
    return handle;
  },
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
};
