import { type Clock, systemClock, type TimerHandle } from '@azureml-ts/common';

/** Time that passes when a test says so. */
export class FakeClock implements Clock {
  #now: number;
  readonly #timers = new Map<TimerHandle, { at: number; callback: () => void }>();

  constructor(start = '2026-03-04T05:06:07.890Z') {
    this.#now = Date.parse(start);
  }

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    const handle: TimerHandle = {};
    this.#timers.set(handle, { at: this.#now + delayMs, callback });
    return handle;
  }

  clearTimeout(handle: TimerHandle): void {
    this.#timers.delete(handle);
  }

  /** Milliseconds until each timer that waits. */
  get waiting(): number[] {
    return [...this.#timers.values()].map((timer) => timer.at - this.#now);
  }

  /** Lets time pass; timers fire in order, and what they started runs. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (due === undefined) {
        break;
      }
      this.#timers.delete(due[0]);
      this.#now = Math.max(this.#now, due[1].at);
      due[1].callback();
      await settle();
    }
    this.#now = end;
    await settle();
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Real timers, on a day that a test chose. */
export function clockOn(day: string): Clock {
  const ahead = Date.parse(`${day}T12:00:00Z`) - Date.now();
  return { ...systemClock, now: () => Date.now() + ahead };
}
