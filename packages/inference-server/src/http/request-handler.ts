import type { IncomingMessage, ServerResponse } from 'node:http';
import { inspectSafely, runWithRequest } from '@azureml-ts/common';
import { logRequest } from '../log/server-log.ts';
import { type ScoringSettings, score } from '../score/score.ts';
import { type Answer, errorAnswer, writeAnswer } from './answer.ts';
import { drain } from './body.ts';
import { idHeaders, MAX_ID_LENGTH, type RequestIds, requestIds } from './request-ids.ts';
import { requestPath } from './request-path.ts';
import { traceContext } from './trace-context.ts';

/** How long a refused body may still come in after its answer. */
const DRAIN_MS = 2_000;

const NOT_ANSWERED = 'The server could not answer this request. Its log says why.';

/** What Node itself takes for a wish to be asked for the body. */
const EXPECTS_CONTINUE = /(?:^|\W)100-continue(?:$|\W)/i;

/** Answers every request of one server. */
export class RequestHandler {
  readonly #settings: ScoringSettings;
  readonly #isClosing: () => boolean;
  #warnedOfDeprecatedHeader = false;

  /**
   * @param settings The script and its limits.
   * @param isClosing Whether the server takes no more requests: connections then end with their answer.
   */
  constructor(settings: ScoringSettings, isClosing: () => boolean) {
    this.#settings = settings;
    this.#isClosing = isClosing;
  }

  /** Answers one request; resolves once the answer is written. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that resets its connection must not end the process.
    response.on('error', () => undefined);
    try {
      await this.#handle(request, response);
    } catch (error) {
      this.#settings.log.line('E', `A request could not be answered.\n${inspectSafely(error)}`);
      if (response.headersSent) {
        response.destroy();
      } else {
        const answer = errorAnswer(500, NOT_ANSWERED, { closeConnection: true });
        writeAnswer(response, answer, {}, { withoutBody: false, keepOpen: false });
      }
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedAt = new Date();
    const startedAtMs = performance.now();
    const method = request.method ?? '';
    const path = requestPath(request.url ?? '');
    const ids = requestIds(request.headers);
    const { requestId, clientRequestId } = ids;
    const trace = traceContext(request.headers.traceparent as string | undefined);
    this.#warnOfDeprecatedHeader(ids);

    const isScoring = path === '/score' && method === 'POST';
    const context = { requestId, clientRequestId, startedAt, traceId: trace.traceId, spanId: trace.spanId };
    await runWithRequest(context, async () => {
      const answer = await this.#answerSafely(request, ids, method, path);
      const withoutBody = method === 'HEAD';
      // A refused body may still be on its way: the answer is written at once, but the connection ends a little later.
      const keepOpen = answer.closeConnection === true && method !== 'CONNECT';
      const closeConnection = keepOpen || this.#isClosing();
      writeAnswer(response, { ...answer, closeConnection }, idHeaders(ids), { withoutBody, keepOpen });
      const durationMs = performance.now() - startedAtMs;
      const isHealthy = path === '/' && answer.status === 200;
      if (!isHealthy) {
        logRequest(this.#settings.log, { method, path, status: answer.status, durationMs, requestId });
      }
      if (isScoring) {
        const { parentSpanId } = trace;
        const url = `http://${request.headers.host ?? 'localhost'}${path}`;
        const { status } = answer;
        this.#settings.telemetry.request({ ...context, parentSpanId, method, path, url, status, durationMs });
      }
      if (keepOpen) {
        await drain(request, DRAIN_MS);
        response.end();
      }
    });
  }

  async #answerSafely(request: IncomingMessage, ids: RequestIds, method: string, path: string): Promise<Answer> {
    try {
      return await this.#answer(request, ids, method, path);
    } catch (error) {
      this.#settings.log.line('E', `${NOT_ANSWERED} (request-id=${ids.requestId})\n${inspectSafely(error)}`);
      this.#settings.telemetry.exception(error);
      return errorAnswer(500, `${NOT_ANSWERED} (request id ${ids.requestId})`);
    }
  }

  async #answer(request: IncomingMessage, ids: RequestIds, method: string, path: string): Promise<Answer> {
    if (ids.tooLong !== undefined) {
      return errorAnswer(431, `The header ${ids.tooLong} is longer than ${MAX_ID_LENGTH} characters.`);
    }
    const refusal = refused(request, method);
    if (refusal !== undefined) {
      return refusal;
    }
    switch (path) {
      case '/':
        return method === 'GET' || method === 'HEAD'
          ? { status: 200, body: 'Healthy', contentType: 'text/html; charset=utf-8' }
          : notAllowed(method, path, 'GET, HEAD');
      case '/score':
        return method === 'POST' ? score(this.#settings, request, ids.requestId) : notAllowed(method, path, 'POST');
      default:
        return errorAnswer(404, 'There is nothing at this path. Send scoring requests to POST /score.');
    }
  }

  #warnOfDeprecatedHeader(ids: RequestIds): void {
    if (ids.usesDeprecatedHeader && !this.#warnedOfDeprecatedHeader) {
      this.#warnedOfDeprecatedHeader = true;
      this.#settings.log.line(
        'W',
        'A caller sends the deprecated header x-ms-request-id. It should send x-ms-client-request-id instead.',
      );
    }
  }
}

/** What the protocol itself forbids, whatever the path; nothing is known of a body, so the connection ends. */
function refused(request: IncomingMessage, method: string): Answer | undefined {
  const { host, expect } = request.headers;
  const closeConnection = true;
  if (method === 'CONNECT') {
    return errorAnswer(405, 'This server is no proxy. Send scoring requests to POST /score.', {
      headers: { allow: 'GET, HEAD, POST' },
      closeConnection,
    });
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

function notAllowed(method: string, path: string, allow: string): Answer {
  return errorAnswer(405, `${method} is not allowed at ${path}. Allowed: ${allow}.`, { headers: { allow } });
}
