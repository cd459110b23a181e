import type { IncomingHttpHeaders } from 'node:http';
import { randomId } from './random-ids.ts';

/** Longest id that is taken from a caller, in characters. */
export const MAX_ID_LENGTH = 100;

const ID_HEADERS = ['x-request-id', 'x-ms-request-id', 'x-ms-client-request-id'] as const;

/** Node's parser refuses most of them itself; the tab and those above 127 get here. */
const CONTROL_CHARACTER = /\p{Cc}/u;

/** Why an id cannot be taken. */
export interface IdFault {
  /** Name of the header. */
  readonly header: string;
  readonly kind: 'tooLong' | 'controlCharacter';
}

/** The ids of one request. */
export interface RequestIds {
  /** `x-request-id`, or an id made here. */
  readonly requestId: string;
  /** Whether it was made here. */
  readonly isOwn: boolean;
  /** `x-ms-client-request-id`, or the deprecated `x-ms-request-id`. */
  readonly clientRequestId: string | undefined;
  /** Whether the caller used the deprecated header. */
  readonly usesDeprecatedHeader: boolean;
  /** An id that cannot be taken: the request is refused, and that id is not used. */
  readonly fault: IdFault | undefined;
}

/**
 * Reads the ids of a request. A header that comes more than once gives one id, joined by `, `.
 *
 * Source: the reference inference server 1.5.1, which also refuses ids over 100 characters with 431.
 */
export function requestIds(headers: IncomingHttpHeaders): RequestIds {
  if (ID_HEADERS.every((header) => headers[header] === undefined)) {
    return {
      requestId: randomId(),
      isOwn: true,
      clientRequestId: undefined,
      usesDeprecatedHeader: false,
      fault: undefined,
    };
  }
  let fault: IdFault | undefined;
  const take = (header: (typeof ID_HEADERS)[number]) => {
    const value = headers[header];
    if (value === undefined || value === '') {
      return undefined;
    }
    const id = Array.isArray(value) ? value.join(', ') : value;
    if (id.length <= MAX_ID_LENGTH && !CONTROL_CHARACTER.test(id)) {
      return id;
    }
    fault ??= { header, kind: id.length > MAX_ID_LENGTH ? 'tooLong' : 'controlCharacter' };
    return undefined;
  };
  const given = take('x-request-id');
  const deprecated = take('x-ms-request-id');
  const clientRequestId = take('x-ms-client-request-id') ?? deprecated;
  return {
    requestId: given ?? randomId(),
    isOwn: given === undefined,
    clientRequestId,
    usesDeprecatedHeader: deprecated !== undefined,
    fault,
  };
}

/** The headers that tell the caller under which ids its request was handled, as they are sent. */
export function idHeaders({ requestId, clientRequestId }: RequestIds): string {
  return clientRequestId === undefined
    ? `x-request-id: ${requestId}\r\nx-ms-request-id: ${requestId}\r\n`
    : `x-request-id: ${requestId}\r\nx-ms-request-id: ${clientRequestId}\r\nx-ms-client-request-id: ${clientRequestId}\r\n`;
}
