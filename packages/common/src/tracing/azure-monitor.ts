import { type OtelTracerProvider, otelApi } from './otel-api.ts';

const EXPORTER = /^AzureMonitor(Trace|Span)?Exporter$/;
/** Processors within processors. */
const MAX_DEPTH = 5;

let known: { readonly provider: unknown; readonly answer: boolean } | undefined;

/**
 * Whether the OpenTelemetry spans of this process go to Azure Monitor: `applicationinsights` or
 * `@azure/monitor-opentelemetry` runs, for example. What is a span then must not be sent a second time.
 *
 * @returns `false` too for providers that are built in another way than those of the SDK. Never throws.
 * @example
 * ```ts
 * import { exportsSpansToAzureMonitor } from '@azureml-ts/common';
 *
 * console.log(exportsSpansToAzureMonitor()); // false
 * ```
 */
export function exportsSpansToAzureMonitor(): boolean {
  try {
    const registered = otelApi()?.trace;
    if (registered === undefined) {
      return false;
    }
    const provider = providerOf(registered);
    if (known === undefined || known.provider !== provider) {
      known = { provider, answer: isExported(provider, MAX_DEPTH) };
    }
    return known.answer;
  } catch {
    return false;
  }
}

function providerOf(registered: OtelTracerProvider): unknown {
  return registered.getDelegate?.() ?? registered;
}

/** A provider knows its processors, and a processor its exporter, only in fields that the SDK keeps for itself. */
function isExported(part: unknown, depth: number): boolean {
  if (typeof part !== 'object' || part === null || depth === 0) {
    return false;
  }
  if (EXPORTER.test(part.constructor?.name ?? '')) {
    return true;
  }
  const { _activeSpanProcessor, _spanProcessors, _exporter, _delegate, _processor } = part as Record<string, unknown>;
  return [
    _activeSpanProcessor,
    _exporter,
    _delegate,
    _processor,
    ...(Array.isArray(_spanProcessors) ? _spanProcessors : []),
  ].some((inner) => isExported(inner, depth - 1));
}
