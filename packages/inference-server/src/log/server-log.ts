import { harmless, redactSecrets, writeToStandardError } from '@azureml-ts/common';

/** Weight of a line, as one letter: error, warning, information. */
export type LineLevel = 'E' | 'W' | 'I';

/**
 * Writes the server's own lines: UTC time, level, process id, text. They go to standard error and pass by `console`, so
 * that they never reach telemetry as prints of the script.
 */
export class ServerLog {
  readonly #write: (line: string) => void;

  /** @param write Gets each line, without line end; standard error when left out. */
  constructor(write?: (line: string) => void) {
    this.#write = write ?? writeToStandardError;
  }

  /**
   * Writes one line, without secrets and without what would steer a build system. Never throws: a log that cannot be
   * written must not change what the server does.
   */
  line(level: LineLevel, text: string): void {
    try {
      this.#write(redactSecrets(`${new Date().toISOString()} ${level} [${process.pid}] ${harmless(text)}`));
    } catch {
      // There is nowhere left to say it.
    }
  }
}

/** What the line of one request tells. */
export interface RequestLine {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  readonly requestId: string;
}

/** Longest path that is logged, in characters. */
const MAX_PATH_LENGTH = 200;

/** Writes the line of one request; without the query, which may hold keys. */
export function logRequest(log: ServerLog, request: RequestLine): void {
  const { method, path, status, durationMs, requestId } = request;
  const level = status >= 500 ? 'E' : status >= 400 ? 'W' : 'I';
  const shownPath = path.length > MAX_PATH_LENGTH ? `${path.slice(0, MAX_PATH_LENGTH)}...` : path;
  const shownId = /^[\w.:-]+$/.test(requestId) ? requestId : JSON.stringify(requestId);
  log.line(level, `${method} ${shownPath} ${status} ${durationMs.toFixed(3)} ms request-id=${shownId}`);
}
