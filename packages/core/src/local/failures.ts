import { AzuremlError, errorMessage, redactSecrets, waitAtMost } from '@azureml-ts/common';
import { DeploymentFailedError, WebserviceError } from '../errors.ts';
import type { WebserviceState } from '../webservice/state.ts';
import { readLogTail } from './log-tail.ts';
import type { ServerExit, ServerProcess, StopReason } from './server-process.ts';

/** How many log lines go into an error. */
const LOG_LINES = 50;
/** How much of the log is read for an error, in bytes. */
const LOG_BYTES = 256 * 1024;
/** How much of one line goes into an error, and into its message. */
const LINE_CHARACTERS = 4_000;
const QUOTED_CHARACTERS = 500;

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
  const { text, leftOut } = await readLogTail(logFile, LOG_LINES, LOG_BYTES).catch(() => ({ text: '', leftOut: 0 }));
  const lines = text.split(/\r?\n/);
  if (leftOut > 0) {
    // A line without its beginning may be the rest of a secret, which nothing would recognise.
    lines[0] = '[the beginning of the log is left out: see getLogs()]';
  }
  const short = lines.filter((line) => line.trim() !== '').map((line) => shortened(line, LINE_CHARACTERS));
  // All at once: a name and its secret may stand on two lines.
  return redactSecrets(short.join('\n'))
    .split('\n')
    .filter((line) => line !== '');
}

function shortened(line: string, length: number): string {
  return line.length > length ? `${line.slice(0, length)}...` : line;
}

function quoted(line: string): string {
  return shortened(line.trim(), QUOTED_CHARACTERS);
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
    exit.failure?.message ?? `its process ${describeExit(exit)}${telling === undefined ? '' : `: ${quoted(telling)}`}`;
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
  const last = logs.at(-1);
  return new WebserviceError(
    'WEBSERVICE_UNREACHABLE',
    `${start}: its process ${describeExit(exit)}${last === undefined ? '' : `; last log line: ${quoted(last)}`}. ` +
      'Correct the cause, then start it again with update({}) or deploy it again.',
    { cause: error, details: { exitCode: exit.code, signal: exit.signal, logs } },
  );
}

/**
 * Makes the error of a service that is asked to score although it did not start or has ended.
 *
 * @param name Name of the service.
 * @param error Why it does not run.
 * @param logFile The service's log.
 */
export async function notRunning(name: string, error: unknown, logFile: string): Promise<WebserviceError> {
  const logs = await lastLogLines(logFile);
  return new WebserviceError('WEBSERVICE_UNREACHABLE', `Service "${name}" is not running: ${errorMessage(error)}`, {
    cause: error,
    details: { logs },
  });
}

/**
 * Makes the error of a scoring request that a restart or a deletion cut off.
 *
 * @param name Name of the service.
 * @param stop What stopped the process, and how long it waited for the request.
 */
export function cutOff(name: string, { by, waitedMs }: StopReason): WebserviceError {
  return new WebserviceError(
    'WEBSERVICE_UNREACHABLE',
    `Service "${name}" gave no answer: ${by} waited ${waitedMs / 1_000} s for the request, then cut it off to stop the process. ` +
      'Whether the input was scored is not known.',
    { retryable: by !== 'delete()', details: { cutBy: by } },
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
  const line = logs.at(-1);
  const last = line === undefined ? '' : ` Last log line: ${quoted(line)}`;
  const details = { ...timeout.details, state, logs };
  return new AzuremlError(timeout.code, `${timeout.message}${last}`, { retryable: timeout.retryable, details });
}
