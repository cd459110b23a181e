import type { Clock, WaitOptions } from '@azureml-ts/common';
import type { InsightsContext } from './context.ts';
import type { InsightsProperties } from './items/properties.ts';
import type { TraceSpill } from './spill/trace-spill.ts';

/** How grave a trace is; the names of Application Insights. */
export type Severity = 'Verbose' | 'Information' | 'Warning' | 'Error' | 'Critical';

/** What a value that `redact` gets is: a printed value, or the body of a request or of its answer. */
export type RedactedKind = 'print' | 'input' | 'output';

/**
 * Takes out of a value what must not be sent: gets the value, returns another, and leaves the one it got as it is.
 *
 * @param value A printed value, as it was passed to `print` or the console; or a body: what its JSON holds, else its text.
 * @param about What the value is.
 */
export type RedactTrace = (value: unknown, about: { readonly kind: RedactedKind }) => unknown;

/** How items reach the service; see the option `channel`. */
export type InsightsChannel = 'auto' | 'direct' | 'applicationinsights';

/** Gives tokens; every credential of @azure/identity is one. */
export interface TelemetryCredential {
  /**
   * Gets a token.
   *
   * @param scopes What the token is for.
   * @param options `abortSignal` ends the wait.
   */
  getToken(
    scopes: string | string[],
    options?: { readonly abortSignal?: AbortSignal },
  ): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>;
}

/** Where items are kept on disk while the service cannot be reached. */
export interface SpoolOptions {
  /** The folder; made when it is not there. */
  readonly directory: string;
  /** Most bytes on disk. Default 52,428,800 (50 MiB); newer items are dropped and counted. */
  readonly maxBytes?: number | undefined;
}

/** Options of `startInsights`. */
export interface InsightsOptions {
  /**
   * Connection string of the Application Insights component. Default `APPLICATIONINSIGHTS_CONNECTION_STRING`, else one
   * made of the key in `AML_APP_INSIGHTS_KEY`.
   */
  readonly connectionString?: string | undefined;
  /**
   * Signs in to components that take no items by their key alone (local authentication is off). The scope is the
   * connection string's `AADAudience`, else `https://monitor.azure.com//.default`.
   */
  readonly credential?: TelemetryCredential | undefined;
  /**
   * How items reach the service. `direct`: by this package. `applicationinsights`: through that package, which must be
   * installed. `auto` (default): through it when the application has already started it, else directly; so nothing is
   * sent twice.
   */
  readonly channel?: InsightsChannel | undefined;
  /**
   * Whether what is printed by `console.log`, `info`, `dir`, `dirxml`, `table`, `debug`, `trace`, `warn` and `error` is a trace too.
   * Default `true`.
   */
  readonly captureConsole?: boolean | undefined;
  /**
   * Whether what is written straight to `process.stdout` and `process.stderr` is a trace too, line by line. Default
   * `false`. Lines of the console are not sent twice.
   */
  readonly captureStdout?: boolean | undefined;
  /** Whether calls by `fetch`, `http`, `https` and the Azure clients are dependency items. Default `true`. */
  readonly captureDependencies?: boolean | undefined;
  /**
   * The hosts that calls of a request tell of its trace, in the header `traceparent`: names without port, `*` for any
   * characters, for example `['*.contoso.com']`. Default: all; `[]` for none. The header holds nothing but random ids.
   */
  readonly traceContextHosts?: readonly string[] | undefined;
  /**
   * Whether errors that nobody caught, and rejections that nobody handled, are exception items. Default `true`. How the
   * process ends stays as it is.
   */
  readonly captureUncaught?: boolean | undefined;
  /**
   * Whether `input` and `output` of `trackRequest` are sent as a trace of the request. Default `true`, unless
   * `APP_INSIGHTS_LOG_RESPONSE_ENABLED` is `false`.
   */
  readonly recordBodies?: boolean | undefined;
  /**
   * Takes out of printed values and of bodies what must not be sent, before they become text. When it throws, or returns
   * a promise, a mark is sent in place of the value, and it is counted.
   */
  readonly redact?: RedactTrace | undefined;
  /**
   * Stores texts whole that are too long for a property; a pointer is sent in their place. Default: the one that
   * `setTraceSpill` joined, else none, and such texts are shortened.
   */
  readonly spill?: TraceSpill | undefined;
  /**
   * Share of the operations that is sent, 0 to 1. Default 1. A request is kept or left out together with its traces,
   * dependencies and exceptions.
   */
  readonly samplingRate?: number | undefined;
  /** Keeps items on disk while the service cannot be reached, for this process or the next. Default `false`. */
  readonly spool?: SpoolOptions | false | undefined;
  /** Who sends: service, workspace and container. */
  readonly context?: InsightsContext | undefined;
  /** Most items that wait to be sent. Default 10,000; newer ones are dropped and counted. */
  readonly maxQueueItems?: number | undefined;
  /** Most bytes that wait to be sent. Default 8 MiB; newer items are dropped and counted. */
  readonly maxQueueBytes?: number | undefined;
  /** Most items in one request. Default 1,000. */
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
  /** Body of the request. Sent, with `output`, as one trace `model_data_collection` of the request. */
  readonly input?: string | undefined;
  /** Body of the answer. */
  readonly output?: string | undefined;
  /**
   * Whether `output` is JSON for certain, as what `JSON.stringify` gave: it is not looked at again then. Default `false`: a
   * text that is no JSON is sent as the JSON of a text.
   */
  readonly isOutputJson?: boolean | undefined;
  /** `customDimensions`. */
  readonly properties?: InsightsProperties | undefined;
}

/** A call to another service. */
export interface DependencyTelemetry {
  /** Name that calls are grouped by, for example `GET /items`. */
  readonly name: string;
  /** Whom was called: a host, for example. */
  readonly target?: string | undefined;
  /** Kind of the service, for example `HTTP` or `Azure blob`. */
  readonly type?: string | undefined;
  /** The command: a URL, for example. At most 8,192 characters. */
  readonly data?: string | undefined;
  /** When the call began. */
  readonly startedAt: Date;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** Status of the answer; left out when none came. */
  readonly resultCode?: number | string | undefined;
  /** Whether it went well. Default: a result code below 400; without one `true`. */
  readonly success?: boolean | undefined;
  /** W3C span id of the call, as sent in `traceparent`: the id of the item. Default: a new one. */
  readonly spanId?: string | undefined;
  /** W3C trace id. Default: of the request in progress. */
  readonly traceId?: string | undefined;
  /** Span that made the call. Default: the request in progress. */
  readonly parentSpanId?: string | undefined;
  /** `customDimensions`. */
  readonly properties?: InsightsProperties | undefined;
}

/** A measured number, or several summed up. */
export interface MetricTelemetry {
  /** Name of the metric. */
  readonly name: string;
  /** The number; with `count`, the sum of that many. Must be finite, as the others: else the item counts as failed. */
  readonly value: number;
  /** How many numbers `value` sums up. Default: it is one number. */
  readonly count?: number | undefined;
  /** The smallest of them. */
  readonly min?: number | undefined;
  /** The largest of them. */
  readonly max?: number | undefined;
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

/** Texts that were too long for an item and went to the store of `spill`. */
export interface SpillStats {
  /** Stored whole. */
  readonly written: number;
  /** Not stored: their item carries a preview and says so. */
  readonly failed: number;
  /** Being stored; their items wait for it. */
  readonly pending: number;
}

/**
 * What became of the items so far: always
 * `tracked = sent + pending + spooled + sampledOut + dropped.queueFull + dropped.rejected + dropped.failed`.
 */
export interface InsightsStats {
  /** Items that were handed over. */
  readonly tracked: number;
  /** Items that the service took. */
  readonly sent: number;
  /** Items that wait, also for the store of `spill`, or are under way. */
  readonly pending: number;
  /** Items that were put on disk and not sent since: this process or the next one will. */
  readonly spooled: number;
  /** Items that were left out by `samplingRate`. */
  readonly sampledOut: number;
  /** Texts that were too long for an item. */
  readonly spilled: SpillStats;
  /** Values that were left out because `redact` failed. */
  readonly redactFailed: number;
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
  /** Sends a request item, and its bodies as a trace. */
  trackRequest(request: RequestTelemetry): void;
  /** Sends a dependency item. */
  trackDependency(dependency: DependencyTelemetry): void;
  /** Sends a metric item. */
  trackMetric(metric: MetricTelemetry): void;
  /** Sends an exception item with the chain of its causes. */
  trackException(exception: ExceptionTelemetry): void;
  /**
   * Sends what waits, once the store of `spill` has taken what it is to take.
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
