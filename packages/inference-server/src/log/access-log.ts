import { harmless, harmlessLine, redactSecrets } from '@azureml-ts/common';
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
  /** When it was answered, by `Date.now()`. */
  readonly at: number;
  readonly method: string;
  /** Without the query, which may hold keys. */
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  /** Bytes of the body that was announced; `undefined` when none was. */
  readonly bytesIn: string | undefined;
  /** Bytes of the body of the answer. */
  readonly bytesOut: number;
  readonly requestId: string;
  /** Whether the server made the id: then it is plain. */
  readonly isOwnId: boolean;
  readonly clientRequestId: string | undefined;
}

/** Longest path that is logged, in characters. */
const MAX_PATH_LENGTH = 200;

/** What needs no look at each of its characters, and is no secret. */
const PLAIN_ID = /^[\w.:-]{1,40}$/;

/** Most lines that wait to be written. */
const MAX_WAITING = 512;

/** Writes a line for each request. */
export class AccessLog {
  readonly #log: ServerLog;
  readonly #format: AccessLogFormat | false;
  /** To be made into lines together: that takes a fraction of the time of making each beside its request. */
  #waiting: AccessRecord[] = [];
  /** The start of the line before, and what it was made of: under load, many begin with the same. */
  #start = '';
  #startIsOf: Pick<AccessRecord, 'at' | 'method' | 'path' | 'status'> | undefined;

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
    if (this.#format === false || !this.#log.isWritten(levelOf(record.status))) {
      return;
    }
    if (!this.#log.gathers) {
      this.#log.whole(this.#line(record));
      return;
    }
    const count = this.#waiting.push(record);
    if (count === 1) {
      this.#log.later(this);
    } else if (count >= MAX_WAITING) {
      this.#log.flush();
    }
  }

  /** The lines that wait; none waits afterwards. */
  take(): string {
    const records = this.#waiting;
    this.#waiting = [];
    return records.map((record) => this.#line(record)).join('\n');
  }

  #line(record: AccessRecord): string {
    if (this.#format === 'json') {
      return jsonLine(this.#log, record);
    }
    const { path, durationMs, bytesOut, requestId, isOwnId } = record;
    const isPlainId = isOwnId || PLAIN_ID.test(requestId);
    const shownId = isPlainId || /^[\w.:-]+$/.test(requestId) ? requestId : JSON.stringify(requestId);
    const line = `${this.#startOf(record)}${milliseconds(durationMs)} ms ${bytesOut} bytes request-id=${shownId}`;
    return isPlainId && (path === '/score' || path === '/swagger.json') ? line : redactSecrets(harmless(line));
  }

  #startOf({ at, method, path, status }: AccessRecord): string {
    const last = this.#startIsOf;
    if (last?.at !== at || last.path !== path || last.method !== method || last.status !== status) {
      this.#startIsOf = { at, method, path, status };
      this.#start = this.#log.prefixed(levelOf(status), `${method} ${shortened(path)} ${status} `, at);
    }
    return this.#start;
  }
}

function levelOf(status: number): LineLevel {
  return status >= 500 ? 'E' : status >= 400 ? 'W' : 'I';
}

function shortened(path: string): string {
  return path.length > MAX_PATH_LENGTH ? `${path.slice(0, MAX_PATH_LENGTH)}...` : path;
}

const LEVEL_NAMES: Readonly<Record<LineLevel, string>> = { E: 'error', W: 'warning', I: 'information' };

function jsonLine(log: ServerLog, record: AccessRecord): string {
  const { at, method, path, status, durationMs, bytesIn, bytesOut, requestId, clientRequestId } = record;
  return JSON.stringify({
    time: log.time(at),
    level: LEVEL_NAMES[levelOf(record.status)],
    pid: process.pid,
    requestId: safe(requestId),
    clientRequestId: clientRequestId === undefined ? undefined : safe(clientRequestId),
    method,
    path: safe(shortened(path)),
    status,
    durationMs: Math.round(durationMs * 1000) / 1000,
    bytesIn: bytesIn === undefined ? undefined : Number(bytesIn),
    bytesOut,
  });
}

/** Taken out of the values, not of the line: afterwards it could be JSON no longer. */
function safe(text: string): string {
  return PLAIN_ID.test(text) ? text : redactSecrets(harmlessLine(text));
}
