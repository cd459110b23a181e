import type { ServerLog } from '../log/server-log.ts';

/** How often a start that is under way is mentioned. */
const REPORT_EVERY_MS = 30_000;

/** Tells how long the start takes, and holds the process until it is over. */
export class StartWatch {
  readonly #log: ServerLog;
  readonly #timer: NodeJS.Timeout;
  #step = 'Loading the scoring script';
  #startedAt = Date.now();

  /** @param log Gets a line every 30 s. */
  constructor(log: ServerLog) {
    this.#log = log;
    // Not unref'ed: a promise alone keeps no process alive, and it would end with 0 in the middle of init().
    this.#timer = setInterval(() => this.#report(), REPORT_EVERY_MS);
  }

  /** Names what runs from now on. */
  step(name: string): void {
    this.#step = name;
    this.#startedAt = Date.now();
  }

  /** The start is over. */
  end(): void {
    clearInterval(this.#timer);
  }

  #report(): void {
    const seconds = Math.round((Date.now() - this.#startedAt) / 1000);
    this.#log.line('W', `${this.#step} has been running for ${seconds} s. The port opens once it has ended.`);
  }
}
