import type { IncomingMessage } from 'node:http';
import { errorMessage, inspectSafely, redactSecrets } from '@azureml-ts/common';
import { type Answer, errorAnswer } from '../http/answer.ts';
import { readBody } from '../http/body.ts';
import type { ServerLog } from '../log/server-log.ts';
import type { RequestHeaders, Scoring } from '../script/scoring.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { jsonResult, NotSerializableError } from './json-result.ts';
import { ScoringTimeoutError, withinLimit } from './time-limit.ts';

/** What scoring needs from its server. */
export interface ScoringSettings {
  readonly scoring: Scoring;
  readonly scoringTimeoutMs: number;
  readonly maxBodyBytes: number;
  readonly log: ServerLog;
  readonly telemetry: Telemetry;
}

/** Status in log and telemetry when the client went away before its request was whole; nothing is sent. */
const CLIENT_GONE = 499;

/** Answers one `POST /score`. Runs inside the request's context; never rejects. */
export async function score(settings: ScoringSettings, request: IncomingMessage, requestId: string): Promise<Answer> {
  const body = await readBody(request, settings.maxBodyBytes);
  switch (body.kind) {
    case 'text':
      return runScript(settings, body.text, headersOf(request), requestId);
    case 'tooLarge':
      return errorAnswer(
        413,
        `The body is larger than ${settings.maxBodyBytes} bytes. Send less at once, or raise maxBodyBytes of the server.`,
        { closeConnection: true },
      );
    case 'notUtf8': {
      const encoding = request.headers['content-encoding'];
      const hint =
        encoding === undefined ? '' : ' This server does not decode content encodings: send the body as it is.';
      return errorAnswer(400, `The body is not UTF-8 text.${hint}`);
    }
    case 'aborted':
      return errorAnswer(CLIENT_GONE, 'The client went away before its request was whole.');
  }
}

async function runScript(
  settings: ScoringSettings,
  rawData: string,
  headers: RequestHeaders,
  requestId: string,
): Promise<Answer> {
  const { scoring, scoringTimeoutMs } = settings;
  const startedAt = performance.now();
  let result: unknown;
  try {
    result = await withinLimit(scoringTimeoutMs, () => scoring.run(rawData, headers));
  } catch (error) {
    const message = isInstance(error, ScoringTimeoutError)
      ? error.message
      : `run() of the scoring script failed: ${errorMessage(error)}`;
    return failed(settings, error, message, requestId, true);
  }
  const execMs = performance.now() - startedAt;
  try {
    return {
      status: 200,
      body: jsonResult(result),
      headers: { 'x-ms-run-fn-exec-ms': execMs.toFixed(3) },
      runFailed: false,
    };
  } catch (error) {
    return failed(settings, error, jsonFailure(error), requestId, false);
  }
}

function jsonFailure(error: unknown): string {
  return isInstance(error, NotSerializableError)
    ? error.message
    : `The value that run() returned could not be written as JSON: ${errorMessage(error)}`;
}

/** Like instanceof, but also for what cannot even be asked for its class. */
function isInstance<T>(value: unknown, type: new (...args: never[]) => T): value is T {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}

/** The stack goes to the log and to telemetry; the caller gets the message and the id to quote. */
function failed(
  settings: ScoringSettings,
  error: unknown,
  message: string,
  requestId: string,
  runFailed: boolean,
): Answer {
  settings.log.line('E', `${message} (request-id=${requestId})\n${inspectSafely(error)}`);
  settings.telemetry.exception(error);
  return errorAnswer(500, `${redactSecrets(message)} (request id ${requestId})`, { runFailed });
}

function headersOf(request: IncomingMessage): RequestHeaders {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}
