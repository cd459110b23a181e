import { AsyncLocalStorage } from 'node:async_hooks';
import { processSingleton } from './process-singleton.ts';
import { runOutsideRequests } from './request-context.ts';
import { otelApi, SPAN_KEY, SUPPRESS_TRACING_KEY } from './tracing/otel-api.ts';
import { runInContext } from './tracing/run-in-context.ts';

const quiet = processSingleton('quiet', 1, () => new AsyncLocalStorage<true>());

/**
 * Runs background work of a package: storing rows, sending telemetry. What it calls and starts, also behind `await`,
 * timers and callbacks,
 *
 * - belongs to no request: `currentRequest()` is `undefined`, whichever request happened to start it;
 * - is told apart by {@link isQuiet}, so that telemetry does not report on itself;
 * - makes no OpenTelemetry spans, when `@opentelemetry/api` has a context manager in the process: tracing is suppressed,
 *   and the active span is not passed on.
 *
 * @param work The work; its result, or promise, is returned as it is, and what it throws is thrown.
 * @example
 * ```ts
 * import { currentRequest, isQuiet, runQuietly, runWithRequest } from '@azureml-ts/common';
 *
 * await runWithRequest({ requestId: 'r-1' }, () =>
 *   runQuietly(async () => {
 *     console.log(isQuiet(), currentRequest()); // true undefined
 *   }),
 * );
 * ```
 */
export function runQuietly<T>(work: () => T): T {
  return runOutsideRequests(() => quiet.run(true, () => withoutTracing(work)));
}

/** Whether the calling code runs as part of {@link runQuietly}: telemetry must not report what it does. */
export function isQuiet(): boolean {
  return quiet.getStore() === true;
}

function withoutTracing<T>(work: () => T): T {
  return runInContext(
    otelApi()?.context,
    (active) => active.deleteValue(SPAN_KEY).setValue(SUPPRESS_TRACING_KEY, true),
    work,
  );
}
