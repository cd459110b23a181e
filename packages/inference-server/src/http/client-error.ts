import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { VERSION } from '../version.ts';

/**
 * Answers what Node's parser refuses (bad syntax, headers too large, a request that never ends) in the form of every
 * other error.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = describe(error.code);
  const body = JSON.stringify({ message });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nx-ms-run-function-failed: False\r\n` +
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
