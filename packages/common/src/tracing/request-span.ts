import { currentRequest } from '../request-context.ts';
import {
  ERROR_STATUS,
  type OtelApi,
  type OtelContext,
  type OtelSpan,
  RPC_METADATA_KEY,
  SAMPLED_FLAG,
  SPAN_KEY,
} from './otel-api.ts';
import { runInContext } from './run-in-context.ts';

/** Where a request keeps its span; a symbol of the process, for the other copies of this package. */
const SPAN = Symbol.for('@azureml-ts/request-span@1');

/** How a request ended. */
export interface RequestOutcome {
  /** Status of the answer. */
  readonly statusCode: number;
  /** Whether the answer broke off, or the caller went away. Default `false`. */
  readonly isBroken?: boolean | undefined;
}

/**
 * The OpenTelemetry span of one request; see `RequestTracer`. Nothing here throws, apart from the work itself.
 */
export class RequestSpan {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits. */
  readonly spanId: string;
  /** Id of the caller's span, when the caller sent one. */
  readonly parentSpanId: string | undefined;
  readonly #api: OtelApi;
  readonly #span: OtelSpan;
  readonly #context: OtelContext;
  /** A span that somebody else began is ended by him too. */
  readonly #isOurs: boolean;
  readonly #recordsExceptions: boolean;
  #hasEnded = false;
  #errorType: string | undefined;

  /** @internal */
  constructor(parts: {
    readonly api: OtelApi;
    readonly span: OtelSpan;
    readonly context: OtelContext;
    readonly parentSpanId: string | undefined;
    readonly isOurs: boolean;
    readonly recordsExceptions?: boolean;
  }) {
    const { traceId, spanId } = parts.span.spanContext();
    this.traceId = traceId;
    this.spanId = spanId;
    this.parentSpanId = parts.parentSpanId;
    this.#api = parts.api;
    this.#span = parts.span;
    this.#context = parts.context;
    this.#isOurs = parts.isOurs;
    this.#recordsExceptions = parts.recordsExceptions ?? true;
  }

  /** Whether it is exported. */
  get isSampled(): boolean {
    return (this.#span.spanContext().traceFlags & SAMPLED_FLAG) !== 0;
  }

  /**
   * Runs the work of the request: the span is the active one in it, so that others nest below.
   *
   * @param work The work; its result, or promise, is returned as it is, and what it throws is thrown.
   */
  run<T>(work: () => T): T {
    currentRequest()?.state.set(SPAN, this);
    return this.#isOurs
      ? runInContext(this.#api.context, () => this.#context.setValue(SPAN_KEY, this.#span), work)
      : work();
  }

  /**
   * Records a failure of the request.
   *
   * @param error What was thrown.
   */
  recordException(error: unknown): void {
    harmlessly(() => {
      const isError = typeof error === 'object' && error !== null && typeof (error as Error).message === 'string';
      this.#errorType = isError ? String((error as Error).name) : '_OTHER';
      if (this.#recordsExceptions) {
        this.#span.recordException(isError ? (error as Error) : String(error));
      }
    });
  }

  /**
   * Ends the span.
   *
   * @param outcome How the request ended.
   */
  end({ statusCode, isBroken = false }: RequestOutcome): void {
    if (this.#hasEnded) {
      return;
    }
    this.#hasEnded = true;
    harmlessly(() => {
      if (!this.#isOurs) {
        return;
      }
      this.#span.setAttribute('http.response.status_code', statusCode);
      // What the caller did wrong is no error of the server. Source: OpenTelemetry's conventions for HTTP spans.
      if (statusCode >= 500 || isBroken) {
        this.#span.setAttribute('error.type', this.#errorType ?? (isBroken ? '_OTHER' : String(statusCode)));
        this.#span.setStatus({ code: ERROR_STATUS });
      }
    });
    if (this.#isOurs) {
      harmlessly(() => this.#span.end());
    }
  }
}

/**
 * Records a failure on the OpenTelemetry span of the request that the calling code works for, if it has one.
 *
 * @param error What was thrown. Never throws itself.
 * @example
 * ```ts
 * import { recordRequestException } from '@azureml-ts/common';
 *
 * recordRequestException(new Error('no such model')); // nothing happens outside a request
 * ```
 */
export function recordRequestException(error: unknown): void {
  const span = currentRequest()?.state.get(SPAN) as RequestSpan | undefined;
  span?.recordException(error);
}

/** Tells the span that somebody else began by which route it was answered. @internal */
export function nameRoute(context: OtelContext, span: OtelSpan, route: string): void {
  harmlessly(() => {
    span.setAttribute('http.route', route);
    const metadata = context.getValue(RPC_METADATA_KEY) as { route?: string } | undefined;
    if (metadata !== undefined) {
      metadata.route = route;
    }
  });
}

function harmlessly(run: () => void): void {
  try {
    run();
  } catch {
    // Foreign code that fails must not disturb the request.
  }
}
