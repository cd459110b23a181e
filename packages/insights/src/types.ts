import type { Clock, WaitOptions } from '@azureml-ts/common';
import type { InsightsContext } from './context.ts';
import type { InsightsProperties } from './items/properties.ts';

/** How grave a trace is; the names of Application Insights. */
export type Severity = 'Verbose' | 'Information' | 'Warning' | 'Error' | 'Critical';

/** Options of `startInsights`. */
export interface InsightsOptions {
  /**
   * Connection string of the Application Insights component. Default `APPLICATIONINSIGHTS_CONNECTION_STRING`, else one
   * made of the key in `AML_APP_INSIGHTS_KEY`.
   */
  readonly connectionString?: string | undefined;
  /** Whether `console.log`, `info`, `debug`, `warn` and `error` are traces too. Default `true`. */
  readonly captureConsole?: boolean | undefined;
  /** Who sends: service, workspace and container. */
  readonly context?: InsightsContext | undefined;
  /** Most items that wait to be sent. Default 10,000; newer ones are dropped and counted. */
  readonly maxQueueItems?: number | undefined;
  /** Most bytes that wait to be sent. Default 8 MiB; newer items are dropped and counted. */
  readonly maxQueueBytes?: number | undefined;
  /** Most items in one request. Default 500. */
  readonly maxBatchItems?: number | undefined;
  /** Most bytes in one request, before packing. Default 1 MiB. */
  readonly maxBatchBytes?: number | undefined;
  /** Longest time that an item waits for others, in milliseconds. Default 1,000. */
  readonly flushIntervalMs?: number | undefined;
  /** Longest time for one request, in milliseconds. Default 30,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Time; tests pass their own. */
  readonly clock?: Clock | undefined;
}

/** A trace: a line of the log. */
export interface TraceTelemetry {
  /** The text, at most 32,768 characters. */
  readonly message: string;
  /** How grave it is. Default `Information`. */
  readonly severity?: Severity | undefined;
  /** `customDimensions`: values that are no text become text or JSON. */
  readonly properties?: InsightsProperties | undefined;
}

/** A scoring request that was answered. */
export interface RequestTelemetry {
  /** Name that requests are grouped by, for example `POST /score`. */
  readonly name: string;
  /** URL of the request. */
  readonly url?: string | undefined;
  /** When it came. */
  readonly startedAt: Date;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** Status of the answer. */
  readonly statusCode: number;
  /** Whether it went well. Default: a status below 400. */
  readonly success?: boolean | undefined;
  /** Id of the request. Default: the request that the calling code works for. */
  readonly requestId?: string | undefined;
  /** Id that the caller gave. Default as for `requestId`. */
  readonly clientRequestId?: string | undefined;
  /** W3C trace id. Default: of the request in progress, else derived from `requestId`. */
  readonly traceId?: string | undefined;
  /** W3C span id: the id of the item. Default as for `traceId`. */
  readonly spanId?: string | undefined;
  /** Span of the caller, from its `traceparent` header. */
  readonly parentSpanId?: string | undefined;
  /** `customDimensions`. */
  readonly properties?: InsightsProperties | undefined;
}

/** A failure. */
export interface ExceptionTelemetry {
  /** What was thrown: an Error with its causes, or any other value. */
  readonly error: unknown;
  /** How grave it is. Default `Error`. */
  readonly severity?: Severity | undefined;
  /** `customDimensions`. */
  readonly properties?: InsightsProperties | undefined;
}

/** What became of the items so far: always `tracked = sent + pending + dropped.queueFull + .rejected + .failed`. */
export interface InsightsStats {
  /** Items that were handed over. */
  readonly tracked: number;
  /** Items that the service took. */
  readonly sent: number;
  /** Items that wait, or are under way. */
  readonly pending: number;
  /** Items that are lost. */
  readonly dropped: {
    /** There was no room for them. */
    readonly queueFull: number;
    /** The service refuses them for good. */
    readonly rejected: number;
    /** They could not be made or sent before `close()` ended, or came after it. */
    readonly failed: number;
  };
  /** When the service last took items. */
  readonly lastSentAt: Date | undefined;
  /** What last went wrong, in words. */
  readonly lastError: string | undefined;
}

/** Started telemetry; see `startInsights`. Its `print` and `track...` methods never throw and never wait. */
export interface Insights {
  /**
   * Writes values to standard output, as `console.log` does, and sends them as one trace `STDOUT` with the values in
   * the property `Contents`.
   */
  print(...values: readonly unknown[]): void;
  /** Sends a trace. */
  trackTrace(trace: TraceTelemetry): void;
  /** Sends a request item. */
  trackRequest(request: RequestTelemetry): void;
  /** Sends an exception item with the chain of its causes. */
  trackException(exception: ExceptionTelemetry): void;
  /**
   * Sends what waits.
   *
   * @param options `timeoutMs` (default 5,000) and `abortSignal`.
   * @returns The counts after it; `pending` is above 0 when the time was too short. Rejects only with the reason of
   *   `abortSignal`.
   */
  flush(options?: WaitOptions): Promise<InsightsStats>;
  /**
   * Gives the console back, sends what waits, and counts the rest as `failed`. Later items count as `failed` too.
   *
   * @param options `timeoutMs` (default 5,000); `abortSignal` ends the wait early, without an error.
   */
  close(options?: WaitOptions): Promise<InsightsStats>;
  /** What became of the items so far. */
  stats(): InsightsStats;
  /** Same as `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
