/**
 * What the azureml-ts packages share: errors, the request context, the shutdown order, quiet work, time, folders
 * and logging.
 *
 * @packageDocumentation
 */

export { type Clock, systemClock, type TimerHandle } from './clock.ts';
export { type Deadline, deadline } from './deadline.ts';
export {
  AzuremlError,
  type AzuremlErrorOptions,
  errorMessage,
  inspectSafely,
  isAzuremlError,
  type JsonValue,
  statusOf,
  ValidationError,
  type ValidationErrorOptions,
} from './errors.ts';
export { harmless, harmlessLine } from './harmless.ts';
export type { HttpAnswer } from './http/http-answer.ts';
export { HttpConnection, type HttpConnectionOptions } from './http/http-connection.ts';
export { createLogger, type Logger, type LogLevel, setLogLevel, setLogSink, writeToStandardError } from './logger.ts';
export { makeFolder } from './make-folder.ts';
export { nearestName } from './nearest-name.ts';
export { isProcessAlive } from './process-alive.ts';
export { processSingleton } from './process-singleton.ts';
export { REDACTED, redactSecrets } from './redact.ts';
export { currentRequest, type RequestContext, type RequestContextInit, runWithRequest } from './request-context.ts';
export { type BackoffOptions, backoffDelayMs, retryAfterMs } from './retry.ts';
export { isQuiet, runQuietly } from './run-quietly.ts';
export { endSentence } from './sentence.ts';
export { SHUTDOWN_DEADLINE_MS } from './shutdown/order.ts';
export { SHUTDOWN_PHASES, type ShutdownHook, type ShutdownPhase, type ShutdownReport } from './shutdown/parts.ts';
export { onShutdown, shutdown } from './shutdown/shutdown.ts';
export { type ActiveSpan, activeSpan, isTracingSuppressed } from './tracing/active-span.ts';
export { exportsSpansToAzureMonitor } from './tracing/azure-monitor.ts';
export { type RequestOutcome, type RequestSpan, recordRequestException } from './tracing/request-span.ts';
export { type RequestSpanInit, RequestTracer } from './tracing/request-tracer.ts';
export { sleep, type WaitOptions, waitAtMost } from './wait.ts';
