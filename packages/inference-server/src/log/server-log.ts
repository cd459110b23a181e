import { harmless, redactSecrets, writeToStandardError } from '@azureml-ts/common';

/** Weight of a line, as one letter: error, warning, information. */
export type LineLevel = 'E' | 'W' | 'I';

const ORDER: readonly LineLevel[] = ['E', 'W', 'I'];

/** What `AZUREML_LOG_LEVEL` may be: the level names of Python, as in the reference server. */
const LEVELS: Readonly<Record<string, LineLevel>> = {
  CRITICAL: 'E',
  FATAL: 'E',
  ERROR: 'E',
  WARNING: 'W',
  WARN: 'W',
  INFO: 'I',
  DEBUG: 'I',
  NOTSET: 'I',
};

/** How long a line of a request waits for others, in milliseconds. */
const GATHER_MS = 10;

/** Most characters that wait to be written. */
const MAX_WAITING = 64 * 1024;

/**
 * Writes the server's own lines: UTC time, level, process id, text. They go to standard error and pass by `console`, so
 * that they never reach telemetry as prints of the script.
 */
export class ServerLog {
  readonly #write: (line: string) => void;
  readonly #least: number;
  /** Whether queued lines may be written together. */
  readonly #isShared: boolean;
  #waiting = '';
  #timeMs = 0;
  #time = '';
  #atExit: (() => void) | undefined;

  /** @param write Gets each line, without line end; standard error when left out. */
  constructor(write?: (line: string) => void) {
    this.#write = write ?? writeToStandardError;
    this.#isShared = write === undefined;
    const wanted = process.env['AZUREML_LOG_LEVEL']?.trim().toUpperCase() ?? '';
    const known = Object.hasOwn(LEVELS, wanted) ? LEVELS[wanted] : undefined;
    this.#least = ORDER.indexOf(known ?? 'I');
    if (wanted !== '' && known === undefined) {
      this.line('W', 'AZUREML_LOG_LEVEL is none of ERROR, WARNING, INFO and DEBUG; INFO is used.');
    }
  }

  /** Whether lines of a weight are written at all. */
  isWritten(level: LineLevel): boolean {
    return ORDER.indexOf(level) <= this.#least;
  }

  /**
   * Writes one line, without secrets and without what would steer a build system. Never throws: a log that cannot be
   * written must not change what the server does.
   */
  line(level: LineLevel, text: string): void {
    if (this.isWritten(level)) {
      this.flush();
      this.#put(redactSecrets(this.prefixed(level, harmless(text))));
    }
  }

  /** A text with what stands before every line. */
  prefixed(level: LineLevel, text: string): string {
    return `${this.time()} ${level} [${process.pid}] ${text}`;
  }

  /** Now, in UTC; under load, many lines have the same. */
  time(): string {
    const now = Date.now();
    if (now !== this.#timeMs) {
      this.#timeMs = now;
      this.#time = new Date(now).toISOString();
    }
    return this.#time;
  }

  /**
   * Writes one line together with those of the next ten milliseconds: of all that a request costs, a write of its own
   * would be the dearest. What waits is written before any other line, and when the process exits. Never throws.
   *
   * @param line The whole line.
   * @param isPlain Whether it is known to hold nothing that would have to be taken out.
   */
  queue(line: string, isPlain: boolean): void {
    const ready = isPlain ? line : redactSecrets(harmless(line));
    if (!this.#isShared) {
      this.#put(ready);
      return;
    }
    if (this.#waiting === '') {
      this.#waiting = ready;
      setTimeout(() => this.flush(), GATHER_MS).unref();
      if (this.#atExit === undefined) {
        this.#atExit = () => this.flush();
        process.on('exit', this.#atExit);
      }
    } else {
      this.#waiting += `\n${ready}`;
      if (this.#waiting.length > MAX_WAITING) {
        this.flush();
      }
    }
  }

  /** Writes what waits. Never throws. */
  flush(): void {
    if (this.#waiting !== '') {
      const lines = this.#waiting;
      this.#waiting = '';
      this.#put(lines);
    }
  }

  /** Writes what waits, and leaves nothing behind in the process; more may be written afterwards. */
  close(): void {
    this.flush();
    if (this.#atExit !== undefined) {
      process.off('exit', this.#atExit);
      this.#atExit = undefined;
    }
  }

  #put(line: string): void {
    try {
      this.#write(line);
    } catch {
      // There is nowhere left to say it.
    }
  }
}
