import type { OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http';
import { milliseconds } from './milliseconds.ts';
import type { OutgoingAnswer } from './outgoing-answer.ts';

/** A body that is sent as it comes. */
export interface StreamBody {
  /** Its parts, the first of which has come already. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Lets go of it when it is not wanted any more. */
  cancel(): void;
  /** Ends it: the time for scoring is over. */
  readonly limit: AbortSignal;
}

/** What a request is answered with, before it is written. */
export interface Answer {
  /** HTTP status. */
  readonly status: number;
  /** The whole body, or one that comes bit by bit. */
  readonly body: string | Uint8Array | StreamBody;
  /** Default `application/json`; `null` for none. */
  readonly contentType?: string | null | undefined;
  /** More headers; those of the server win. */
  readonly headers?: OutgoingHttpHeaders | undefined;
  /** How long `run()` took, in milliseconds; sent as `x-ms-run-fn-exec-ms` where it is known. */
  readonly execMs?: number | undefined;
  /** Whether `run()` was called and failed; sent as `x-ms-run-function-failed` where it is known. */
  readonly runFailed?: boolean | undefined;
  /** Whether the connection cannot carry another request; `atOnce` when nothing can come in any more either. */
  readonly closeConnection?: boolean | 'atOnce' | undefined;
}

/**
 * Makes an answer in the form that every error has: `{"message": "..."}`.
 *
 * @param status HTTP status.
 * @param message What is wrong and what to do, without secrets.
 * @param more Other parts of the answer.
 */
export function errorAnswer(status: number, message: string, more: Partial<Answer> = {}): Answer {
  return { runFailed: false, ...more, status, body: JSON.stringify({ message }) };
}

/** Whether a body comes bit by bit. */
export function isStream(body: Answer['body']): body is StreamBody {
  return typeof body !== 'string' && !(body instanceof Uint8Array);
}

/** How an answer is written. */
export interface WriteOptions {
  /** Only the headers, as for HEAD. */
  readonly withoutBody: boolean;
  /** The caller ends the answer itself. */
  readonly keepOpen: boolean;
}

/** Headers of the server itself. */
export interface OwnHeaders {
  /** Those that need no look at their characters, as they are sent: each with its line end. */
  readonly lines: string;
  /** Names and values in turn. */
  readonly more?: readonly OutgoingHttpHeader[] | undefined;
}

/** Capitalised as the reference server sends it: callers compare the text. */
const FAILED = { true: 'x-ms-run-function-failed: True\r\n', false: 'x-ms-run-function-failed: False\r\n' };

/**
 * How long an idle connection stays open, in seconds: longer than the 60 s for which proxies usually keep theirs, so that a
 * proxy never sends a request into a connection that is just being closed here.
 */
export const KEEP_ALIVE_S = 65;

const KEEP_ALIVE = `keep-alive: timeout=${KEEP_ALIVE_S}\r\n`;

const JSON_TYPE = 'application/json';

/**
 * Writes the head of an answer, and its body unless that is a stream; does nothing when the client has gone.
 *
 * @param own Headers of the server.
 * @returns Bytes of the body; 0 for a stream.
 */
export function writeAnswer(
  response: OutgoingAnswer,
  answer: Answer,
  own: OwnHeaders,
  { withoutBody, keepOpen }: WriteOptions,
): number {
  const { status, body, contentType = JSON_TYPE, execMs, runFailed, closeConnection = false } = answer;
  if (response.destroyed || response.headersSent) {
    return 0;
  }
  let { lines } = own;
  if (execMs !== undefined) {
    lines += `x-ms-run-fn-exec-ms: ${milliseconds(execMs)}\r\n`;
  }
  if (runFailed !== undefined) {
    lines += runFailed ? FAILED.true : FAILED.false;
  }
  const headers = answer.headers === undefined && own.more === undefined ? [] : merged(answer.headers, own.more);
  if (contentType === JSON_TYPE) {
    lines += 'content-type: application/json\r\n';
  } else if (contentType !== null) {
    headers.push('content-type', contentType);
  }
  if (closeConnection !== false) {
    headers.push('connection', 'close');
  } else if (response.shouldKeepAlive) {
    lines += KEEP_ALIVE;
  }
  if (isStream(body)) {
    response.writeHeadWith(status, lines, headers);
    return 0;
  }
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  // RFC 9110, section 8.6: these have no body, and no length of one.
  const isBodiless = status === 204 || status === 304;
  if (!isBodiless) {
    headers.push('content-length', length);
  }
  response.writeHeadWith(status, lines, headers);
  const text = withoutBody || isBodiless ? undefined : body;
  if (!keepOpen) {
    response.end(text);
  } else if (text !== undefined) {
    response.write(text);
  }
  return text === undefined ? 0 : length;
}

/** The headers of an answer with those of the server, which win; `vary` keeps what both say. */
function merged(
  headers: OutgoingHttpHeaders | undefined,
  own: readonly OutgoingHttpHeader[] = [],
): OutgoingHttpHeader[] {
  const given: OutgoingHttpHeaders = { ...headers };
  const all: OutgoingHttpHeader[] = [];
  for (let index = 0; index < own.length; index += 2) {
    const name = own[index] as string;
    let value = own[index + 1] as OutgoingHttpHeader;
    const lowered = name.toLowerCase();
    if (lowered === 'vary' && given['vary'] !== undefined) {
      value = [given['vary'], value].flat().join(', ');
    }
    delete given[lowered];
    all.push(name, value);
  }
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) {
      all.push(name, value);
    }
  }
  return all;
}
