import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../loopback/read-body.ts';
import type { AzureAddresses } from './addresses.ts';
import {
  type Answer,
  type AzureRequest,
  errorCodeOf,
  errorOf,
  type Plane,
  parseBody,
  requestIdHeaders,
} from './answer.ts';
import { isBlobAddress } from './blob-address.ts';
import { ORIGIN_HEADER } from './rewriting-policy.ts';
import type { AzureExchange, AzureFault } from './stand-in-types.ts';

/**
 * Reads a request to its end.
 *
 * @param ownUrl Address of the stand-in: what comes to it directly is told apart by its path.
 * @internal
 */
export async function readRequest(
  request: IncomingMessage,
  ownUrl: string,
  addresses: AzureAddresses,
): Promise<AzureRequest> {
  const body = await readBody(request);
  const { [ORIGIN_HEADER]: origin = ownUrl, ...others } = request.headers;
  const path = request.url ?? '/';
  const url = new URL(origin === ownUrl ? meantAddress(path, ownUrl, addresses) : `${origin}${path}`);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(others)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
  }
  // What goes into a blob may be large, and is no message.
  const text = isBlobAddress(url) ? '' : (body.text ?? '');
  return {
    method: request.method ?? 'GET',
    url,
    headers: { ...headers, host: url.host },
    wire: body.wire,
    text,
    body: parseBody(text),
  };
}

/** The address of Azure that a path of the stand-in stands for. */
function meantAddress(path: string, ownUrl: string, addresses: AzureAddresses): string {
  if (/^\/subscriptions\//i.test(path)) {
    return addresses.management + path;
  }
  if (/^\/(discovery|modelmanagement|artifact|blob)\//i.test(path)) {
    return addresses.workspace + path;
  }
  const [, endpoint, rest] = /^\/scoring\/([^/?]+)(\/.*)$/.exec(path) ?? [];
  return endpoint === undefined ? ownUrl + path : addresses.onlineEndpoint(endpoint) + rest;
}

/** An answer as it goes over the wire. @internal */
export interface WrittenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string | Buffer | undefined;
}

/** Gives an answer the headers of Azure, and its body a form. @internal */
export function written(request: AzureRequest, { status, headers, body }: Answer): WrittenAnswer {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const lowerCase = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    status,
    headers: {
      ...(text === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
      ...requestIdHeaders(request),
      ...Object.fromEntries(lowerCase),
    },
    text,
  };
}

/** Sends an answer. @internal */
export function send(response: ServerResponse, { status, headers, text }: WrittenAnswer): void {
  response.writeHead(status, headers);
  response.end(text);
}

/** What is kept of a request and its answer. @internal */
export function recorded(
  request: AzureRequest,
  receivedAt: Date,
  plane: Plane,
  isFault: boolean,
  answer: WrittenAnswer | undefined,
): AzureExchange {
  return {
    method: request.method,
    url: request.url.href,
    headers: request.headers,
    body: request.body,
    receivedAt,
    answer: {
      status: answer?.status ?? 0,
      headers: answer?.headers ?? {},
      body: typeof answer?.text === 'string' ? parseBody(answer.text) : undefined,
    },
    plane,
    isFault,
  };
}

/** The answer that a fault gives; `undefined` when it gives none. @internal */
export function answerOfFault(fault: AzureFault, plane: Plane): Answer | undefined {
  const { status, headers, body } = fault;
  if (status === undefined) {
    return undefined;
  }
  if (body !== undefined || status < 400) {
    return { status, headers, body };
  }
  return { ...errorOf(plane, status, errorCodeOf(status), `The stand-in was asked to answer ${status}.`), headers };
}
