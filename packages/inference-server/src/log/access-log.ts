import { harmlessLine, redactSecrets } from '@azureml-ts/common';
import { milliseconds } from '../http/milliseconds.ts';
import type { LineLevel, ServerLog } from './server-log.ts';

/** How the line of a request is written. */
export const ACCESS_LOG_FORMATS = ['text', 'json'] as const;

/**
 * Format of the access log: `text` is a line as all others, `json` an object with `time`, `level`, `pid`, `requestId`,
 * `clientRequestId`, `method`, `path`, `status`, `durationMs`, `bytesIn` and `bytesOut`.
 */
export type AccessLogFormat = (typeof ACCESS_LOG_FORMATS)[number];

/** What the line of one request tells. */
export interface AccessRecord {
  readonly method: string;
  /** Without the query, which may hold keys. */
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  /** Bytes of the body that was announced; `undefined` when none was. */
  readonly bytesIn: number | undefined;
  /** Bytes of the body of the answer. */
  readonly bytesOut: number;
  readonly requestId: string;
  readonly clientRequestId: string | undefined;
}

/** Longest path that is logged, in characters. */
const MAX_PATH_LENGTH = 200;

/** What needs no look at each of its characters, and is no secret. */
const PLAIN_ID = /^[\w.:-]{1,40}$/;

/** Writes a line for each request. */
export class AccessLog {
  readonly #log: ServerLog;
  readonly #format: AccessLogFormat | false;

  /**
   * @param log Where to.
   * @param format How; `false` for no lines.
   */
  constructor(log: ServerLog, format: AccessLogFormat | false) {
    this.#log = log;
    this.#format = format;
  }

  /** Writes the line of one request. Never throws. */
  write(record: AccessRecord): void {
    if (this.#format === false) {
      return;
    }
    const { status } = record;
    const level = status >= 500 ? 'E' : status >= 400 ? 'W' : 'I';
    if (!this.#log.isWritten(level)) {
      return;
    }
    if (this.#format === 'json') {
      this.#log.queue(jsonLine(level, this.#log.time(), record), true);
      return;
    }
    const isPlainId = PLAIN_ID.test(record.requestId);
    const isPlain = isPlainId && (record.path === '/score' || record.path === '/swagger.json');
    this.#log.queue(this.#log.prefixed(level, textLine(record, isPlainId)), isPlain);
  }
}

function textLine(record: AccessRecord, isPlainId: boolean): string {
  const { method, path, status, durationMs, bytesOut, requestId } = record;
  const shownId = isPlainId || /^[\w.:-]+$/.test(requestId) ? requestId : JSON.stringify(requestId);
  return `${method} ${shortened(path)} ${status} ${milliseconds(durationMs)} ms ${bytesOut} bytes request-id=${shownId}`;
}

function shortened(path: string): string {
  return path.length > MAX_PATH_LENGTH ? `${path.slice(0, MAX_PATH_LENGTH)}...` : path;
}

const LEVEL_NAMES: Readonly<Record<LineLevel, string>> = { E: 'error', W: 'warning', I: 'information' };

function jsonLine(level: LineLevel, time: string, record: AccessRecord): string {
  const { method, path, status, durationMs, bytesIn, bytesOut, requestId, clientRequestId } = record;
  return JSON.stringify({
    time,
    level: LEVEL_NAMES[level],
    pid: process.pid,
    requestId: safe(requestId),
    clientRequestId: clientRequestId === undefined ? undefined : safe(clientRequestId),
    method,
    path: safe(shortened(path)),
    status,
    durationMs: Math.round(durationMs * 1000) / 1000,
    bytesIn,
    bytesOut,
  });
}

/** Taken out of the values, not of the line: afterwards it could be JSON no longer. */
function safe(text: string): string {
  return PLAIN_ID.test(text) ? text : redactSecrets(harmlessLine(text));
}
