import type { IncomingMessage } from 'node:http';
import { type Answer, errorAnswer } from './answer.ts';
import { MAX_ID_LENGTH, type RequestIds } from './request-ids.ts';

/** What Node itself takes for a wish to be asked for the body. */
const EXPECTS_CONTINUE = /(?:^|\W)100-continue(?:$|\W)/i;

/**
 * What the protocol itself forbids, whatever the path; nothing is known of a body, so the connection ends.
 *
 * @returns The answer to such a request, `undefined` for any other.
 */
export function refusedByProtocol(request: IncomingMessage, method: string): Answer | undefined {
  const { host, expect } = request.headers;
  const closeConnection = true;
  if (method === 'CONNECT' || method === 'TRACE') {
    return errorAnswer(405, 'This server is no proxy. Send scoring requests to POST /score.', {
      headers: { allow: 'GET, HEAD, POST, OPTIONS' },
      closeConnection,
    });
  }
  if (countOf(request.rawHeaders, 'host') > 1) {
    return errorAnswer(400, 'The header host comes more than once.', { closeConnection });
  }
  if (request.httpVersion !== '1.1') {
    return undefined;
  }
  if (host === undefined) {
    return errorAnswer(400, 'The header host is missing, which HTTP/1.1 requires.', { closeConnection });
  }
  if (expect !== undefined && !EXPECTS_CONTINUE.test(expect)) {
    return errorAnswer(417, 'The header expect asks for something else than 100-continue.', { closeConnection });
  }
  return undefined;
}

function countOf(rawHeaders: readonly string[], name: string): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const header = rawHeaders[index] as string;
    if (header.length === name.length && header.toLowerCase() === name) {
      count++;
    }
  }
  return count;
}

/** The answer to a request with an id that cannot be taken, `undefined` for any other. */
export function refusedId({ fault }: RequestIds): Answer | undefined {
  if (fault === undefined) {
    return undefined;
  }
  return fault.kind === 'tooLong'
    ? errorAnswer(431, `The header ${fault.header} is longer than ${MAX_ID_LENGTH} characters.`)
    : errorAnswer(400, `The header ${fault.header} holds a control character.`);
}
