import { activeSpan, exportsSpansToAzureMonitor, isQuiet, isTracingSuppressed } from '@azureml-ts/common';
import { nodeCrypto } from '../node-modules.ts';
import type { Destination } from './call-address.ts';
import { type CallOrigin, callOrigin } from './call-origin.ts';
import { carriesTelemetry } from './known-hosts.ts';
import { OutgoingCall } from './outgoing-call.ts';
import type { DependencyTarget } from './target.ts';
import { readTraceparent, type TraceHeader, traceparent } from './trace-header.ts';

/** A call that begins. @internal */
export interface BeginningCall {
  readonly method: string;
  readonly destination: Destination;
  readonly userAgent: unknown;
  /** The `traceparent` header that it has. */
  readonly traceparent: unknown;
}

/** Headers to add to a call. @internal */
export interface AddedHeaders {
  readonly traceparent: string;
  readonly tracestate: string | undefined;
}

/** Where calls are reported to, and who is told of the trace. @internal */
export interface WatchSettings {
  readonly target: DependencyTarget;
  readonly tellsTrace: (host: string) => boolean;
  /** Host, with its port unless it is the default, that the telemetry itself goes to. */
  readonly telemetryHost?: string | undefined;
}

/** Watches calls, whatever they are made with. @internal */
export class CallWatch {
  readonly underWay = new Set<OutgoingCall>();
  readonly #settings: () => WatchSettings | undefined;
  readonly #isTelemetryHost: (host: string) => boolean;

  /**
   * @param settings Those that hold now; none while nothing is to be reported.
   * @param isTelemetryHost Whether telemetry of this process goes there.
   */
  constructor(settings: () => WatchSettings | undefined, isTelemetryHost: (host: string) => boolean) {
    this.#settings = settings;
    this.#isTelemetryHost = isTelemetryHost;
  }

  /** A call begins. Returns nothing for one that is not reported: telemetry itself, background work. */
  begin(
    beginning: BeginningCall,
  ):
    | { readonly call: OutgoingCall; readonly origin: CallOrigin; readonly headers: AddedHeaders | undefined }
    | undefined {
    const { method, destination } = beginning;
    const settings = this.#settings();
    // The tunnel to a proxy carries calls, and is none itself.
    if (settings === undefined || method === 'CONNECT' || isQuiet() || isTracingSuppressed()) {
      return undefined;
    }
    if (carriesTelemetry(destination.host, destination.path, beginning.userAgent, this.#isTelemetryHost)) {
      return undefined;
    }
    const { target, tellsTrace } = settings;
    const origin = callOrigin();
    const made = spanOf(origin, beginning.traceparent);
    const spanId = made?.spanId ?? nodeCrypto().randomBytes(8).toString('hex');
    const call = new OutgoingCall({
      underWay: this.underWay,
      target,
      method,
      destination,
      origin,
      spanId,
      isReportedAsSpan: made !== undefined && isReported(made),
    });
    if (beginning.traceparent !== undefined || !origin.isInRequest || !tellsTrace(destination.host)) {
      return { call, origin, headers: undefined };
    }
    const { traceId, traceState } = origin;
    const header = traceparent({ traceId, spanId, isSampled: target.isSampled?.(traceId) ?? true });
    return {
      call,
      origin,
      headers: header === undefined ? undefined : { traceparent: header, tracestate: traceState },
    };
  }

  /** Somebody set the header after the call had begun. */
  headerSet(call: OutgoingCall, origin: CallOrigin, text: unknown): void {
    const made = spanOf(origin, text);
    if (made !== undefined) {
      call.becomeSpan(made.spanId, isReported(made));
    }
  }
}

/**
 * The span of the call, when an instrumentation of OpenTelemetry has made one: it is active, or its header has the trace of
 * the call and a span that is none of the request's. A caller who passes a header on by hand repeats one that is.
 */
function spanOf(origin: CallOrigin, text: unknown): TraceHeader | undefined {
  const header = readTraceparent(text);
  const active = header === undefined ? undefined : activeSpan();
  if (header !== undefined && active?.spanId === header.spanId) {
    return active.isCall ? header : undefined;
  }
  return header?.traceId === origin.traceId && !origin.otherSpanIds.includes(header.spanId) ? header : undefined;
}

/** Whether somebody else reports the call to Application Insights. */
function isReported({ isSampled }: TraceHeader): boolean {
  return isSampled && exportsSpansToAzureMonitor();
}
