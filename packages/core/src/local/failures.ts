import { AzuremlError, errorMessage, redactSecrets, waitAtMost } from '@azureml-ts/common';
import { DeploymentFailedError, WebserviceError } from '../errors.ts';
import type { WebserviceState } from '../webservice/webservice.ts';
import { readLogTail } from './log-tail.ts';
import type { ServerExit, ServerProcess } from './server-process.ts';

/** How many log lines go into an error. */
const LOG_LINES = 50;

/**
 * Says how a process ended, for a message.
 *
 * @param exit How it ended.
 */
export function describeExit(exit: ServerExit): string {
  if (exit.signal !== null) {
    return `was ended by ${exit.signal}`;
  }
  return exit.code === null ? 'could not be started' : `ended with exit code ${exit.code}`;
}

/**
 * Last log lines of a service that are not blank, without secrets.
 *
 * @param logFile The log.
 */
export async function lastLogLines(logFile: string): Promise<string[]> {
  const text = await readLogTail(logFile, LOG_LINES).catch(() => '');
  return redactSecrets(text)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
}

/**
 * Makes the error of a service that did not start, or that ended by itself, from what the server said, else from its log.
 *
 * @param what What failed, for example `Service "svc" could not start`.
 * @param exit How its process ended.
 * @param logFile Its log.
 */
export async function startFailure(what: string, exit: ServerExit, logFile: string): Promise<DeploymentFailedError> {
  const logs = await lastLogLines(logFile);
  const telling = logs.findLast((line) => /\b\w*(error|exception)\b|cannot|failed/i.test(line)) ?? logs.at(-1);
  const reason = exit.failure?.code ?? 'PROCESS_EXITED';
  const message =
    exit.failure?.message ?? `its process ${describeExit(exit)}${telling === undefined ? '' : `: ${telling.trim()}`}`;
  return new DeploymentFailedError(
    what,
    { reason, message, exitCode: exit.code ?? undefined, signal: exit.signal ?? undefined, logs },
    // What the server says already ends with what to do next.
    exit.failure === undefined ? 'The log has more: getLogs().' : '',
  );
}

/**
 * Makes the error of a scoring request that got no answer.
 *
 * @param name Name of the service.
 * @param server The process it was sent to.
 * @param error What the connection threw.
 * @param logFile The service's log.
 */
export async function unreachable(
  name: string,
  server: ServerProcess,
  error: unknown,
  logFile: string,
): Promise<WebserviceError> {
  // A connection breaks a moment before its process is known to have ended.
  const exit = await waitAtMost(server.exited, 'The end of the process', { timeoutMs: 1_000 }).catch(() => undefined);
  const start = `Service "${name}" gave no answer (${errorMessage(error)})`;
  if (exit === undefined) {
    return new WebserviceError(
      'WEBSERVICE_UNREACHABLE',
      `${start}, although its process runs. Whether the input was scored is not known; see getLogs().`,
      { cause: error, retryable: true },
    );
  }
  const logs = await lastLogLines(logFile);
  return new WebserviceError(
    'WEBSERVICE_UNREACHABLE',
    `${start}: its process ${describeExit(exit)}${logs.length > 0 ? `; last log line: ${logs.at(-1)}` : ''}. ` +
      'Correct the cause, then start it again with update({}) or deploy it again.',
    { cause: error, details: { exitCode: exit.code, signal: exit.signal, logs } },
  );
}

/**
 * Adds what the service last wrote to the error of a wait that took too long.
 *
 * @param timeout The error.
 * @param state State of the service.
 * @param logFile Its log.
 */
export async function withLogs(timeout: AzuremlError, state: WebserviceState, logFile: string): Promise<AzuremlError> {
  const logs = await lastLogLines(logFile);
  const last = logs.length > 0 ? ` Last log line: ${logs.at(-1)}` : '';
  const details = { ...timeout.details, state, logs };
  return new AzuremlError(timeout.code, `${timeout.message}${last}`, { retryable: timeout.retryable, details });
}
