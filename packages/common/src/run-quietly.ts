import { AsyncLocalStorage } from 'node:async_hooks';
import { processSingleton } from './process-singleton.ts';
import { runOutsideRequests } from './request-context.ts';

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

/** Where `@opentelemetry/api` 1.x registers what it shares among its copies. */
const API = Symbol.for('opentelemetry.js.api.1');
/** Keys of an OpenTelemetry context; `createContextKey` makes them with `Symbol.for`. */
const SUPPRESS_TRACING = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
const SPAN = Symbol.for('OpenTelemetry Context Key SPAN');

interface TracingContext {
  setValue(key: symbol, value: unknown): TracingContext;
  deleteValue(key: symbol): TracingContext;
}

interface ContextManager {
  active(): TracingContext;
  with(context: TracingContext, run: () => void): void;
}

function withoutTracing<T>(work: () => T): T {
  const manager = contextManager();
  if (manager === undefined) {
    return work();
  }
  // The manager is foreign code: whatever it does, the work runs once, and only what the work throws is thrown.
  const outcome: { hasBegun: boolean; hasFailed: boolean; value?: T; error?: unknown } = {
    hasBegun: false,
    hasFailed: false,
  };
  const run = () => {
    if (!outcome.hasBegun) {
      outcome.hasBegun = true;
      try {
        outcome.value = work();
      } catch (error) {
        outcome.hasFailed = true;
        outcome.error = error;
      }
    }
  };
  try {
    manager.with(manager.active().deleteValue(SPAN).setValue(SUPPRESS_TRACING, true), run);
  } catch {
    // Quiet as far as it goes.
  }
  run();
  if (outcome.hasFailed) {
    throw outcome.error;
  }
  return outcome.value as T;
}

function contextManager(): ContextManager | undefined {
  try {
    const api = (globalThis as { readonly [key: symbol]: unknown })[API];
    return (api as { readonly context?: ContextManager } | undefined)?.context;
  } catch {
    return undefined;
  }
}
