import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AccessRecord } from '../log/access-log.ts';
import { VERSION } from '../version.ts';
import { tellFault } from './body.ts';
import type { BodyFault } from './body-fault.ts';
import { http } from './node-http.ts';
import { randomId } from './random-ids.ts';

/** What the answers to malformed requests need to know. */
export interface ClientErrorSettings {
  readonly maxHeaderBytes: number;
  readonly sendServerVersion: boolean;
  /** Told of each answer. */
  readonly onAnswered: (record: AccessRecord) => void;
}

/**
 * Answers what Node's parser refuses (bad syntax, headers too large, a request that never ends) in the form of every
 * other error.
 */
export function answerClientError(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  { maxHeaderBytes, sendServerVersion, onAnswered }: ClientErrorSettings,
): void {
  // Into an answer that has begun nothing can be written any more.
  const current = (socket as { _httpMessage?: ServerResponse | null })._httpMessage;
  if (error.code === 'ECONNRESET' || !socket.writable || current?.headersSent === true) {
    socket.destroy();
    return;
  }
  // Its headers were fine: it is answered under its own ids.
  if (current?.req !== undefined && tellFault(current.req, faultOf(error.code))) {
    return;
  }
  const [status, message] = describe(error.code, maxHeaderBytes);
  const body = JSON.stringify({ message });
  // The ids of the caller are not known: its headers could not be read.
  const requestId = randomId();
  const version = sendServerVersion ? `x-ms-server-version: azureml-ts/${VERSION}\r\n` : '';
  socket.end(
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nx-request-id: ${requestId}\r\nx-ms-request-id: ${requestId}\r\n` +
      `x-ms-run-function-failed: False\r\n${version}\r\n${body}`,
  );
  onAnswered({
    at: Date.now(),
    method: '-',
    path: '-',
    status,
    durationMs: 0,
    bytesIn: undefined,
    bytesOut: body.length,
    requestId,
    isOwnId: true,
    clientRequestId: undefined,
  });
}

function faultOf(code: string | undefined): BodyFault['kind'] {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'late';
    case 'HPE_INVALID_EOF_STATE':
      return 'truncated';
    default:
      return 'malformed';
  }
}

function describe(code: string | undefined, maxHeaderBytes: number): [status: number, message: string] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return [431, `The headers are too large: at most ${maxHeaderBytes} bytes in all.`];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, 'The request did not arrive in time.'];
    default:
      return [400, 'The request is not valid HTTP.'];
  }
}
