import { randomUUID } from 'node:crypto';
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { VERSION } from '../version.ts';

/**
 * Answers what Node's parser refuses (bad syntax, headers too large, a request that never ends) in the form of every
 * other error.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  // Into an answer that has begun nothing can be written any more.
  const hasBegun = (socket as { _httpMessage?: ServerResponse | null })._httpMessage?.headersSent === true;
  if (error.code === 'ECONNRESET' || !socket.writable || hasBegun) {
    socket.destroy();
    return;
  }
  const [status, message] = describe(error.code);
  const body = JSON.stringify({ message });
  // The ids of the caller are not known: its headers could not be read.
  const requestId = randomUUID();
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nx-request-id: ${requestId}\r\nx-ms-request-id: ${requestId}\r\nx-ms-run-function-failed: False\r\n` +
      `x-ms-server-version: azureml-ts/${VERSION}\r\n\r\n${body}`,
  );
}

function describe(code: string | undefined): [status: number, message: string] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return [431, 'The headers are too large: at most 16 KiB in all.'];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, 'The request did not arrive in time.'];
    default:
      return [400, 'The request is not valid HTTP.'];
  }
}
