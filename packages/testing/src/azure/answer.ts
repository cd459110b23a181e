import { randomUUID } from 'node:crypto';
import type { AzureExchange } from './stand-in-types.ts';

/** Part of the stand-in that answers. @internal */
export type Plane = AzureExchange['plane'];

/** A request, understood. @internal */
export interface AzureRequest {
  readonly method: string;
  /** As the client meant it. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it came. */
  readonly wire: Buffer;
  readonly text: string;
  /** Parsed JSON, the text when it is none, `undefined` when empty. */
  readonly body: unknown;
}

/** What is sent back. @internal */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** `undefined` sends no body; a text is sent as it is. */
  readonly body?: unknown;
}

/** Codes that the management plane gives where nothing more exact is known. */
const CODES: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'InvalidAuthenticationToken',
  403: 'AuthorizationFailed',
  404: 'ResourceNotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  412: 'PreconditionFailed',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  502: 'BadGateway',
  503: 'ServiceUnavailable',
  504: 'GatewayTimeout',
};

/** Code of an error that has only a status. @internal */
export function errorCodeOf(status: number): string {
  return CODES[status] ?? 'UnknownError';
}

/** An error of the management plane. @internal */
export function managementError(status: number, code: string, message: string, more: object = {}): Answer {
  return { status, body: { error: { code, message, ...more } } };
}

/** An error of the classic service. @internal */
export function classicError(status: number, code: string, message: string): Answer {
  return {
    status,
    body: { code, statusCode: status, message: 'The request is invalid.', details: [{ code, message }] },
  };
}

/** An error as the part that answers words it. @internal */
export function errorOf(plane: Plane, status: number, code: string, message: string): Answer {
  return plane === 'classic' ? classicError(status, code, message) : managementError(status, code, message);
}

/** The headers that every answer of Azure has. @internal */
export function requestIdHeaders(request: AzureRequest): Record<string, string> {
  const clientId = request.headers['x-ms-client-request-id'];
  return {
    'x-ms-request-id': randomUUID(),
    'x-ms-correlation-request-id': request.headers['x-ms-correlation-request-id'] ?? randomUUID(),
    ...(clientId === undefined ? {} : { 'x-ms-client-request-id': clientId }),
  };
}

/** Text or JSON of a body, as it came. @internal */
export function parseBody(text: string): unknown {
  if (text === '') {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
