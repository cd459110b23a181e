import { AsyncResource } from 'node:async_hooks';
import type { IncomingMessage, OutgoingHttpHeader } from 'node:http';
import { types } from 'node:util';
import { errorMessage, inspectSafely, RequestTracer, runWithRequest } from '@azureml-ts/common';
import type { AccessLog } from '../log/access-log.ts';
import type { ServerLog } from '../log/server-log.ts';
import { CLIENT_GONE } from '../score/read-input.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { VERSION } from '../version.ts';
import { type Answer, errorAnswer, isStream, type OwnHeaders, type StreamBody, writeAnswer } from './answer.ts';
import { drain } from './body.ts';
import { Cors } from './cors.ts';
import { type Exchange, exchangeOf } from './exchange.ts';
import type { CheckedHttpOptions } from './http-options.ts';
import type { OutgoingAnswer } from './outgoing-answer.ts';
import { refusedByProtocol, refusedId } from './protocol.ts';
import { reportRequest } from './report-request.ts';
import { idHeaders, type RequestIds } from './request-ids.ts';
import type { Routes } from './routes.ts';
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
  readonly #versionLine: string;
  readonly #tracer = new RequestTracer('@azureml-ts/inference-server', VERSION);
  #warnedOfDeprecatedHeader = false;

  /** @param settings What answering needs. */
  constructor(settings: HandlerSettings) {
    const { corsOrigins, sendServerVersion } = settings.http;
    this.#settings = settings;
    this.#cors = corsOrigins.length === 0 ? undefined : new Cors(corsOrigins);
    this.#versionLine = sendServerVersion ? `x-ms-server-version: azureml-ts/${VERSION}\r\n` : '';
  }

  /** Answers one request. Never throws. */
  handle(request: IncomingMessage, response: OutgoingAnswer): void {
    // A client that resets its connection must not end the process.
    response.on('error', ignore);
    let exchange: Exchange | undefined;
    try {
      const { http, telemetry } = this.#settings;
      exchange = exchangeOf(request, response, {
        pathPrefix: http.pathPrefix,
        tracer: this.#tracer,
        isReported: telemetry.isOn,
      });
      this.#warnOfDeprecatedHeader(exchange.ids);
      this.#begin(exchange);
    } catch (error) {
      this.#giveUp(response, error);
      if (exchange !== undefined) {
        this.#settled(exchange);
      }
    }
  }

  /** What has a body is entered once that is there: so the request's context holds for one piece of work. */
  #begin(exchange: Exchange): void {
    const { routes } = this.#settings;
    const { ids, request, method, path } = exchange;
    exchange.isCounted = path === '/score' && routes.enter();
    exchange.refusal = refusedId(ids) ?? refusedByProtocol(request, method);
    if (exchange.isCounted && exchange.refusal === undefined && routes.readsBody(method)) {
      // The context of whoever watches requests from outside holds for what comes once the body is there.
      const scope = new AsyncResource('AZUREML_TS_BODY', { requireManualDestroy: true });
      routes.readBody(exchange, () => {
        scope.runInAsyncScope(this.#enter, this, exchange);
        scope.emitDestroy();
      });
    } else {
      this.#enter(exchange);
    }
  }

  /** Answers inside the context of the request. Never throws. */
  #enter(exchange: Exchange): void {
    const { span, context, response } = exchange;
    try {
      runWithRequest(context, () =>
        span === undefined ? this.#exchange(exchange) : span.run(() => this.#exchange(exchange)),
      );
    } catch (error) {
      this.#giveUp(response, error);
      this.#settled(exchange);
    }
  }

  #exchange(exchange: Exchange): void {
    const answer = this.#answerSafely(exchange);
    const rest = types.isPromise(answer)
      ? answer.then((made) => this.#write(exchange, made))
      : this.#write(exchange, answer);
    if (rest === undefined) {
      this.#settled(exchange);
    } else {
      void this.#settleLater(exchange, rest);
    }
  }

  async #settleLater(exchange: Exchange, rest: Promise<void>): Promise<void> {
    try {
      await rest;
    } catch (error) {
      this.#giveUp(exchange.response, error);
    } finally {
      this.#settled(exchange);
    }
  }

  /** The answer is written, or never will be. */
  #settled(exchange: Exchange): void {
    // Where it has not ended with the answer, there was none.
    exchange.span?.end({ statusCode: 500 });
    if (exchange.isCounted) {
      exchange.isCounted = false;
      this.#settings.routes.leave();
    }
  }

  #giveUp(response: OutgoingAnswer, error: unknown): void {
    this.#settings.log.line('E', `A request could not be answered.\n${inspectSafely(error)}`);
    if (response.headersSent) {
      response.destroy();
    } else {
      const answer = errorAnswer(500, NOT_ANSWERED, { closeConnection: true });
      writeAnswer(response, answer, { lines: '' }, { withoutBody: false, keepOpen: false });
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
  #headers({ request: { headers }, ids }: Exchange): OwnHeaders {
    // The ids have been looked at when they were taken.
    const lines = idHeaders(ids) + this.#versionLine;
    const traceId = headers['traceid'];
    const cors = this.#cors?.headers(headers);
    if (traceId === undefined && cors === undefined) {
      return { lines };
    }
    const more: OutgoingHttpHeader[] = traceId === undefined ? [] : ['TraceId', traceId];
    for (const [name, value] of Object.entries(cors ?? {})) {
      more.push(name, value as OutgoingHttpHeader);
    }
    return { lines, more };
  }

  #reportBroken({ ids }: Exchange, error: unknown): void {
    if (error !== undefined) {
      const { log, telemetry } = this.#settings;
      log.line('E', `An answer was cut: ${errorMessage(error)} (request-id=${ids.requestId})\n${inspectSafely(error)}`);
      telemetry.exception(error);
    }
  }

  #answerSafely(exchange: Exchange): Promise<Answer> | Answer {
    try {
      const answer = exchange.refusal ?? this.#answer(exchange);
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

  #answer(exchange: Exchange): Promise<Answer> | Answer {
    const { method, path, query, isCounted } = exchange;
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
