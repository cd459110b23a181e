import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

/** Longest id that is taken from a caller, in characters. */
export const MAX_ID_LENGTH = 100;

const ID_HEADERS = ['x-request-id', 'x-ms-request-id', 'x-ms-client-request-id'] as const;

/** The ids of one request. */
export interface RequestIds {
  /** `x-request-id`, or an id made here. */
  readonly requestId: string;
  /** `x-ms-client-request-id`, or the deprecated `x-ms-request-id`. */
  readonly clientRequestId: string | undefined;
  /** Whether the caller used the deprecated header. */
  readonly usesDeprecatedHeader: boolean;
  /** Name of a header whose id is too long; the request is refused with 431 and that id is not used. */
  readonly tooLong: string | undefined;
}

/**
 * Reads the ids of a request.
 *
 * Source: the reference inference server 1.5.1, which also refuses ids over 100 characters with 431. Of control characters
 * only the tab arrives here, Node's parser refuses the others; it becomes a space.
 */
export function requestIds(headers: IncomingHttpHeaders): RequestIds {
  const tooLong = ID_HEADERS.find((name) => (idOf(headers, name)?.length ?? 0) > MAX_ID_LENGTH);
  const take = (name: string) => {
    const id = idOf(headers, name);
    return id === undefined || id === '' || id.length > MAX_ID_LENGTH ? undefined : id;
  };
  const deprecated = take('x-ms-request-id');
  return {
    requestId: take('x-request-id') ?? randomUUID(),
    clientRequestId: take('x-ms-client-request-id') ?? deprecated,
    usesDeprecatedHeader: deprecated !== undefined,
    tooLong,
  };
}

function idOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return (Array.isArray(value) ? value.join(', ') : value)?.replaceAll('\t', ' ');
}

/** The headers that tell the caller under which ids its request was handled. */
export function idHeaders(ids: RequestIds): OutgoingHttpHeaders {
  return {
    'x-request-id': ids.requestId,
    'x-ms-request-id': ids.clientRequestId ?? ids.requestId,
    ...(ids.clientRequestId === undefined ? {} : { 'x-ms-client-request-id': ids.clientRequestId }),
  };
}
