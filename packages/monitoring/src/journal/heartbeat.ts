import type { Clock, TimerHandle } from '@azureml-ts/common';
import type { HeldFolder } from './held-folder.ts';

/** How often it is said that a holder lives, in milliseconds. */
const BEAT_MS = 5_000;

/** Touches the folders that a journal holds, so that processes which cannot see this one know that it lives. */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #folders = new Set<HeldFolder>();
  #timer: TimerHandle | undefined;

  /** @param clock The time. Its timers must not keep the process alive. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins to touch a folder. */
  add(folder: HeldFolder): void {
    this.#folders.add(folder);
    this.#timer ??= this.#clock.setTimeout(() => this.#beat(), BEAT_MS);
  }

  /** Ends it. */
  remove(folder: HeldFolder): void {
    this.#folders.delete(folder);
    if (this.#folders.size === 0 && this.#timer !== undefined) {
      this.#clock.clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }

  #beat(): void {
    for (const folder of this.#folders) {
      folder.touch();
    }
    this.#timer = this.#clock.setTimeout(() => this.#beat(), BEAT_MS);
  }
}
