import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { VERSION } from '../version.ts';

/** What a request is answered with, before it is written. */
export interface Answer {
  /** HTTP status. */
  readonly status: number;
  /** The whole body. */
  readonly body: string;
  /** Default `application/json`. */
  readonly contentType?: string | undefined;
  /** More headers. */
  readonly headers?: OutgoingHttpHeaders | undefined;
  /** Whether `run()` was called and failed; sent as `x-ms-run-function-failed` where it is known. */
  readonly runFailed?: boolean | undefined;
  /** Whether the connection cannot carry another request. */
  readonly closeConnection?: boolean | undefined;
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

/** Writes an answer; does nothing when the client has gone. The caller ends a `keepOpen` answer itself. */
export function writeAnswer(
  response: ServerResponse,
  answer: Answer,
  headers: OutgoingHttpHeaders,
  options: { readonly withoutBody: boolean; readonly keepOpen: boolean },
): void {
  if (response.destroyed || response.headersSent) {
    return;
  }
  const body = Buffer.from(answer.body, 'utf8');
  response.writeHead(answer.status, {
    ...headers,
    ...answer.headers,
    'content-type': answer.contentType ?? 'application/json',
    'content-length': body.length,
    'x-ms-server-version': `azureml-ts/${VERSION}`,
    // Capitalised as the reference server sends it: callers compare the text.
    ...(answer.runFailed === undefined ? {} : { 'x-ms-run-function-failed': answer.runFailed ? 'True' : 'False' }),
    ...(answer.closeConnection === true ? { connection: 'close' } : {}),
  });
  if (!options.withoutBody) {
    response.write(body);
  }
  if (!options.keepOpen) {
    response.end();
  }
}
