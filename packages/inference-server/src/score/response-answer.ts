import { isUtf8 } from 'node:buffer';
import type { OutgoingHttpHeaders } from 'node:http';
import { types } from 'node:util';
import type { Answer } from '../http/answer.ts';
import { bodyChunks, isStreamable, peek } from './body-chunks.ts';
import { jsonResult } from './json-result.ts';
import { isScoringResponse, type ScoringResponse } from './scoring-response.ts';

/** What only the server itself says of an answer. */
const SERVER_HEADERS = [
  'connection',
  'content-length',
  'keep-alive',
  'transfer-encoding',
  'trailer',
  'upgrade',
  'x-request-id',
  'x-ms-request-id',
  'x-ms-client-request-id',
  'x-ms-server-version',
  'x-ms-run-function-failed',
  'x-ms-run-fn-exec-ms',
];

/** An answer with a status and headers of its own. */
export type OwnResponse = ScoringResponse | Response;

/** Answers without a body, whatever was given. */
const BODILESS = [204, 205, 304];

/**
 * Finds out whether `run()` returned an answer with a status and headers of its own.
 *
 * @param result What it returned.
 */
export function asResponse(result: unknown): OwnResponse | undefined {
  if (typeof result !== 'object' || result === null || types.isProxy(result) || isPlain(result)) {
    return undefined;
  }
  return isScoringResponse(result) || isWebResponse(result) ? result : undefined;
}

function isPlain(value: object): boolean {
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

/** By its tag: that is also right for another copy than Node's own, and does not load Node's, which takes its time. */
function isWebResponse(value: object): value is Response {
  return (
    Object.prototype.toString.call(value) === '[object Response]' &&
    typeof (value as { arrayBuffer?: unknown }).arrayBuffer === 'function'
  );
}

/**
 * Makes the answer of it. A body that is there as a whole is sent as a whole; of any other the first part is waited for, so
 * that one that fails at once is still answered with 500.
 *
 * @param response What `run()` returned.
 * @param limit Ends a body that takes too long.
 */
export function responseAnswer(response: OwnResponse, limit: AbortSignal): Promise<Answer> {
  return isScoringResponse(response) ? scoringAnswer(response, limit) : webAnswer(response, limit);
}

async function scoringAnswer(response: ScoringResponse, limit: AbortSignal): Promise<Answer> {
  const { status, body, headers: given, runFunctionFailed: runFailed } = response;
  const headers: OutgoingHttpHeaders = {};
  for (const [name, value] of Object.entries(given)) {
    put(headers, name, typeof value === 'string' ? value : [...value]);
  }
  const ownType = response.contentType ?? takeType(headers);
  if (body === undefined || BODILESS.includes(status)) {
    return { status, body: '', contentType: ownType ?? null, headers, runFailed };
  }
  if (typeof body === 'string') {
    return { status, body, contentType: ownType ?? 'text/plain; charset=utf-8', headers, runFailed };
  }
  if (types.isUint8Array(body)) {
    return { status, body, contentType: ownType ?? 'application/octet-stream', headers, runFailed };
  }
  if (isStreamable(body)) {
    const sent = await peek(bodyChunks(body), limit);
    return { status, body: sent, contentType: ownType ?? 'application/octet-stream', headers, runFailed };
  }
  return { status, body: body === null ? 'null' : jsonResult(body), contentType: ownType, headers, runFailed };
}

async function webAnswer(response: Response, limit: AbortSignal): Promise<Answer> {
  const { status, body } = response;
  if (status < 200 || status > 599) {
    throw new RangeError(`a Response of the status ${status} is none that can be sent`);
  }
  if (response.bodyUsed) {
    throw new TypeError('the body of the Response has been read already; return response.clone() or a new Response');
  }
  const headers: OutgoingHttpHeaders = {};
  response.headers.forEach((value, name) => {
    if (name !== 'set-cookie') {
      put(headers, name, value);
    }
  });
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) {
    headers['set-cookie'] = cookies;
  }
  const contentType = takeType(headers) ?? null;
  const runFailed = status >= 500;
  if (body === null || BODILESS.includes(status)) {
    return { status, body: '', contentType, headers, runFailed };
  }
  return { status, body: textIf(contentType, await peek(bodyChunks(body), limit)), contentType, headers, runFailed };
}

function put(headers: OutgoingHttpHeaders, name: string, value: string | string[]): void {
  const lowered = name.toLowerCase();
  if (!SERVER_HEADERS.includes(lowered)) {
    headers[lowered] = value;
  }
}

function takeType(headers: OutgoingHttpHeaders): string | undefined {
  const type = headers['content-type'];
  delete headers['content-type'];
  return type === undefined ? undefined : String(type);
}

/** Texts can be recorded by telemetry, bytes cannot. */
function textIf(contentType: string | null, body: Answer['body']): Answer['body'] {
  const isText = /^text\/|[/+](json|xml|x-ndjson)\b/i.test(contentType ?? '');
  return isText && body instanceof Uint8Array && isUtf8(body)
    ? Buffer.from(body.buffer, body.byteOffset, body.length).toString()
    : body;
}
