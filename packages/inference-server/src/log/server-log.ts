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

/** Asking `process` for it takes its time. */
const PID = process.pid;

/** How long a line of a request waits for others, in milliseconds. */
const GATHER_MS = 10;

/** Lines that are made when they are written. */
export interface LaterLines {
  /** Gives the lines that wait, without the last line end, and keeps none. */
  take(): string;
}

/**
 * Writes the server's own lines: UTC time, level, process id, text. They go to standard error and pass by `console`, so
 * that they never reach telemetry as prints of the script.
 */
export class ServerLog {
  readonly #write: (line: string) => void;
  readonly #least: number;
  /** Whether lines of requests may be written together. */
  readonly gathers: boolean;
  #later: LaterLines | undefined;
  #timeMs = -1;
  #time = '';
  #atExit: (() => void) | undefined;

  /** @param write Gets each line, without line end; standard error when left out. */
  constructor(write?: (line: string) => void) {
    this.#write = write ?? writeToStandardError;
    this.gathers = write === undefined;
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

  /** A text with what stands before every line, of now or another time. */
  prefixed(level: LineLevel, text: string, ms?: number): string {
    return `${this.time(ms)} ${level} [${PID}] ${text}`;
  }

  /** Now, or another time, in UTC; under load, many lines have the same. */
  time(ms: number = Date.now()): string {
    if (ms !== this.#timeMs) {
      this.#timeMs = ms;
      this.#time = new Date(ms).toISOString();
    }
    return this.#time;
  }

  /**
   * Writes one line at once. Never throws.
   *
   * @param line The whole line, without secrets.
   */
  whole(line: string): void {
    this.flush();
    this.#put(line);
  }

  /**
   * Has lines written in ten milliseconds: of all that a request costs, a write of its own would be the dearest. They are
   * written before any other line, and when the process exits. Never throws.
   *
   * @param lines Where they are taken from.
   */
  later(lines: LaterLines): void {
    if (this.#later !== undefined) {
      return;
    }
    this.#later = lines;
    setTimeout(() => this.flush(), GATHER_MS).unref();
    if (this.#atExit === undefined) {
      this.#atExit = () => this.flush();
      process.on('exit', this.#atExit);
    }
  }

  /** Writes what waits. Never throws. */
  flush(): void {
    const later = this.#later;
    if (later !== undefined) {
      this.#later = undefined;
      this.#put(later.take());
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
