import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { types } from 'node:util';
import { errorMessage, inspectSafely, RequestTracer, runWithRequest } from '@azureml-ts/common';
import type { AccessLog } from '../log/access-log.ts';
import type { ServerLog } from '../log/server-log.ts';
import { CLIENT_GONE } from '../score/read-input.ts';
import { startRequestSpan } from '../telemetry/request-span.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { VERSION } from '../version.ts';
import { type Answer, errorAnswer, isStream, type StreamBody, writeAnswer } from './answer.ts';
import { drain } from './body.ts';
import { Cors } from './cors.ts';
import type { CheckedHttpOptions } from './http-options.ts';
import { refusedByProtocol, refusedId } from './protocol.ts';
import { type Exchange, reportRequest } from './report-request.ts';
import { idHeaders, type RequestIds, requestIds } from './request-ids.ts';
import { requestTarget } from './request-path.ts';
import type { Routes } from './routes.ts';
import { traceContext } from './trace-context.ts';
import { writeStream } from './write-stream.ts';

/** How long a refused body may still come in after its answer. */
const DRAIN_MS = 2_000;

const NOT_ANSWERED = 'The server could not answer this request. Its log says why.';

/** What answering needs. */
export interface HandlerSettings {
  readonly http: CheckedHttpOptions;
  readonly routes: Routes;
  readonly log: ServerLog;
  readonly accessLog: AccessLog;
  readonly telemetry: Telemetry;
  /** Whether the service is about to end, which readiness tells. */
  readonly isClosing: () => boolean;
  /** Whether connections end with their answer: the server closes, or another process has taken its place. */
  readonly endsConnections: () => boolean;
}

/** Answers every request of one server. */
export class RequestHandler {
  readonly #settings: HandlerSettings;
  readonly #cors: Cors | undefined;
  readonly #serverVersion: string | undefined;
  readonly #tracer = new RequestTracer('@azureml-ts/inference-server', VERSION);
  #warnedOfDeprecatedHeader = false;

  /** @param settings What answering needs. */
  constructor(settings: HandlerSettings) {
    const { corsOrigins, sendServerVersion } = settings.http;
    this.#settings = settings;
    this.#cors = corsOrigins.length === 0 ? undefined : new Cors(corsOrigins);
    this.#serverVersion = sendServerVersion ? `azureml-ts/${VERSION}` : undefined;
  }

  /** Answers one request; resolves once the answer is written. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that resets its connection must not end the process.
    response.on('error', ignore);
    try {
      const { headers } = request;
      const { path, query } = requestTarget(request.url ?? '', this.#settings.http.pathPrefix);
      const ids = requestIds(headers);
      const { requestId, clientRequestId } = ids;
      const method = request.method ?? '';
      const startedAt = new Date();
      const trace = traceContext(
        headers['traceparent'] as string | undefined,
        headers['tracestate'] as string | undefined,
      );
      const isReported = this.#settings.telemetry.isOn;
      const span = startRequestSpan(this.#tracer, { request, method, path, startedAt, isReported }, trace);
      const { traceId, spanId, parentSpanId } = span ?? trace;
      const { traceState } = trace;
      const context = { requestId, clientRequestId, startedAt, traceId, spanId, parentSpanId, traceState };
      const exchange: Exchange = {
        request,
        response,
        method,
        path,
        query,
        ids,
        context,
        span,
        startedAtMs: performance.now(),
        requestId,
        input: undefined,
      };
      await runWithRequest(context, () =>
        span === undefined ? this.#exchange(exchange) : span.run(() => this.#exchange(exchange)),
      );
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

  async #exchange(exchange: Exchange): Promise<void> {
    this.#warnOfDeprecatedHeader(exchange.ids);
    const { routes } = this.#settings;
    const isCounted = exchange.path === '/score' && routes.enter();
    try {
      const answer = await this.#answerSafely(exchange, isCounted);
      const rest = this.#write(exchange, answer);
      if (rest !== undefined) {
        await rest;
      }
    } finally {
      // Where it has not ended with the answer, there was none.
      exchange.span?.end({ statusCode: 500 });
      if (isCounted) {
        routes.leave();
      }
    }
  }

  /** Writes the answer; returns a promise only when something is left to do then. */
  #write(exchange: Exchange, answer: Answer): Promise<void> | undefined {
    const { request, response, method } = exchange;
    const withoutBody = method === 'HEAD';
    // A refused body may still be on its way: the answer is written at once, but the connection ends a little later.
    const keepOpen = answer.closeConnection === true && method !== 'CONNECT';
    const closeConnection = keepOpen || this.#settings.endsConnections();
    const wasGone = response.destroyed;
    const whole = closeConnection ? { ...answer, closeConnection } : answer;
    const bytes = writeAnswer(response, whole, this.#headers(exchange), { withoutBody, keepOpen });
    const status = wasGone ? CLIENT_GONE : answer.status;
    if (isStream(answer.body)) {
      if (!withoutBody && !wasGone) {
        return this.#writeStream(exchange, answer, answer.body);
      }
      answer.body.cancel();
      response.end();
    }
    reportRequest(this.#settings, exchange, answer, { status, bytes, isBroken: false });
    exchange.span?.end({ statusCode: status });
    return keepOpen ? drain(request, DRAIN_MS).then(() => void response.end()) : undefined;
  }

  async #writeStream(exchange: Exchange, answer: Answer, body: StreamBody): Promise<void> {
    const { bytes, isWhole, error } = await writeStream(exchange.response, body);
    this.#reportBroken(exchange, error);
    reportRequest(this.#settings, exchange, answer, { status: answer.status, bytes, isBroken: !isWhole });
    exchange.span?.end({ statusCode: answer.status, isBroken: !isWhole });
  }

  /** The headers of every answer. */
  #headers({ request: { headers }, ids }: Exchange): OutgoingHttpHeaders {
    const all = idHeaders(ids);
    if (this.#serverVersion !== undefined) {
      all['x-ms-server-version'] = this.#serverVersion;
    }
    if (headers['traceid'] !== undefined) {
      all['TraceId'] = headers['traceid'];
    }
    return this.#cors === undefined ? all : Object.assign(all, this.#cors.headers(headers));
  }

  #reportBroken({ ids }: Exchange, error: unknown): void {
    if (error !== undefined) {
      const { log, telemetry } = this.#settings;
      log.line('E', `An answer was cut: ${errorMessage(error)} (request-id=${ids.requestId})\n${inspectSafely(error)}`);
      telemetry.exception(error);
    }
  }

  #answerSafely(exchange: Exchange, isCounted: boolean): Promise<Answer> | Answer {
    try {
      const answer = this.#answer(exchange, isCounted);
      return types.isPromise(answer) ? answer.catch((error: unknown) => this.#notAnswered(exchange, error)) : answer;
    } catch (error) {
      return this.#notAnswered(exchange, error);
    }
  }

  #notAnswered({ requestId }: Exchange, error: unknown): Answer {
    this.#settings.log.line('E', `${NOT_ANSWERED} (request-id=${requestId})\n${inspectSafely(error)}`);
    this.#settings.telemetry.exception(error);
    return errorAnswer(500, `${NOT_ANSWERED} (request id ${requestId})`);
  }

  #answer(exchange: Exchange, isCounted: boolean): Promise<Answer> | Answer {
    const { request, ids, method, path, query } = exchange;
    const refusal = refusedId(ids) ?? refusedByProtocol(request, method);
    if (refusal !== undefined) {
      return refusal;
    }
    const { routes } = this.#settings;
    switch (path) {
      case '/score':
        return routes.score(exchange, isCounted, this.#cors);
      case '/':
        return routes.health(method);
      case '/ready':
        return routes.readiness(method, this.#settings.isClosing());
      case '/swagger.json':
        return routes.swagger(method, query);
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

function ignore(): void {}
