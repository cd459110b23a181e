import { activeOtelSpan, CLIENT_KIND, otelApi, SAMPLED_FLAG, SUPPRESS_TRACING_KEY } from './otel-api.ts';

/** The OpenTelemetry span of the calling code. */
export interface ActiveSpan {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits. */
  readonly spanId: string;
  /** Whether it is exported. */
  readonly isSampled: boolean;
  /** Whether it stands for a call that the code makes: an instrumentation began it. */
  readonly isCall: boolean;
}

/**
 * Returns the ids of the OpenTelemetry span that the calling code runs in.
 *
 * @returns The ids, or `undefined` when there is no span, or no OpenTelemetry in the process. Never throws.
 * @example
 * ```ts
 * import { activeSpan } from '@azureml-ts/common';
 *
 * console.log(activeSpan()); // undefined
 * ```
 */
export function activeSpan(): ActiveSpan | undefined {
  try {
    const span = activeOtelSpan();
    const context = span?.spanContext();
    return (
      context && {
        traceId: context.traceId,
        spanId: context.spanId,
        isSampled: (context.traceFlags & SAMPLED_FLAG) !== 0,
        isCall: span?.kind === CLIENT_KIND,
      }
    );
  } catch {
    return undefined;
  }
}

/**
 * Whether OpenTelemetry makes no spans for the calling code: it runs in an exporter, for example.
 *
 * @returns `false` too when there is no OpenTelemetry in the process. Never throws.
 * @example
 * ```ts
 * import { isTracingSuppressed } from '@azureml-ts/common';
 *
 * console.log(isTracingSuppressed()); // false
 * ```
 */
export function isTracingSuppressed(): boolean {
  try {
    return otelApi()?.context?.active().getValue(SUPPRESS_TRACING_KEY) === true;
  } catch {
    return false;
  }
}
