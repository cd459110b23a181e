import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import type { BlobFaultEffect } from './fault.ts';

type AnswerFault = Extract<BlobFaultEffect, { kind: 'answer' }>;

/** Answers as a blob store that refuses: error code in a header and in an XML body. @internal */
export async function answerWithFault(
  request: IncomingMessage,
  response: ServerResponse,
  fault: AnswerFault,
): Promise<void> {
  // Read first: a client that is still sending would see a cut connection rather than the answer.
  request.resume();
  if (!request.readableEnded) {
    await finished(request, { writable: false });
  }
  const { status, errorCode = 'InjectedFault', headers = {} } = fault;
  const requestId = randomUUID();
  const body =
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' +
    `<Error><Code>${errorCode}</Code><Message>Injected by the fault proxy.\nRequestId:${requestId}</Message></Error>`;
  response.writeHead(status, {
    'content-type': 'application/xml',
    'x-ms-request-id': requestId,
    'x-ms-version': '2021-12-02',
    ...(status >= 400 ? { 'x-ms-error-code': errorCode } : {}),
    ...headers,
  });
  response.end(status >= 400 && request.method !== 'HEAD' ? body : undefined);
}
