import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

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

/**
 * Writes the head of an answer, and its body unless that is a stream; does nothing when the client has gone.
 *
 * @param headers Headers of the server.
 * @returns Bytes of the body; 0 for a stream.
 */
export function writeAnswer(
  response: ServerResponse,
  answer: Answer,
  headers: OutgoingHttpHeaders,
  { withoutBody, keepOpen }: WriteOptions,
): number {
  const { status, body, contentType = 'application/json' } = answer;
  if (response.destroyed || response.headersSent) {
    return 0;
  }
  const all: OutgoingHttpHeaders = answer.headers === undefined ? headers : { ...answer.headers, ...headers };
  const vary = answer.headers?.['vary'];
  if (vary !== undefined && headers['vary'] !== undefined) {
    all['vary'] = [vary, headers['vary']].flat().join(', ');
  }
  if (contentType !== null) {
    all['content-type'] = contentType;
  }
  // Capitalised as the reference server sends it: callers compare the text.
  if (answer.runFailed !== undefined) {
    all['x-ms-run-function-failed'] = answer.runFailed ? 'True' : 'False';
  }
  if (answer.closeConnection !== undefined && answer.closeConnection !== false) {
    all['connection'] = 'close';
  }
  if (isStream(body)) {
    response.writeHead(status, all);
    return 0;
  }
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  // RFC 9110, section 8.6: these have no body, and no length of one.
  const isBodiless = status === 204 || status === 304;
  if (!isBodiless) {
    all['content-length'] = length;
  }
  response.writeHead(status, all);
  const text = withoutBody || isBodiless ? undefined : body;
  if (!keepOpen) {
    response.end(text);
  } else if (text !== undefined) {
    response.write(text);
  }
  return text === undefined ? 0 : length;
}
