import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorMessage, inspectSafely, redactSecrets } from '@azureml-ts/common';
import { type Answer, errorAnswer } from '../http/answer.ts';
import { BodyTooLargeError } from '../http/body.ts';
import { BodyFault } from '../http/body-fault.ts';
import { now } from '../http/monotonic-clock.ts';
import type { ServerLog } from '../log/server-log.ts';
import type { Binding } from '../script/binding.ts';
import type { RequestHeaders, Scoring } from '../script/scoring.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { jsonResult, NotSerializableError } from './json-result.ts';
import { faultAnswer, goneAnswer, InputReader, type ReadInput, tooLargeAnswer } from './read-input.ts';
import { asResponse, type OwnResponse, responseAnswer } from './response-answer.ts';
import { elapsedWithin, inTime, isPromiseLike, ScoringTimeoutError, withinLimit } from './time-limit.ts';
import { webRequest } from './web-request.ts';

/** What scoring needs from its server. */
export interface ScoringSettings {
  readonly scoring: Scoring;
  readonly binding: Binding;
  readonly scoringTimeoutMs: number;
  readonly maxBodyBytes: number;
  readonly log: ServerLog;
  readonly telemetry: Telemetry;
}

/** One request to `/score`. */
export interface ScoreCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  /** Without the question mark. */
  readonly query: string;
  readonly requestId: string;
  /** What the body holds, where it is read first. */
  read: ReadInput | undefined;
  /** The text that was scored, once it is known. */
  input: string | undefined;
}

/** Answers the requests to `/score` by the functions of a script. */
export class Scorer {
  readonly #settings: ScoringSettings;
  readonly #inputs: InputReader;

  /** @param settings The script and its limits. */
  constructor(settings: ScoringSettings) {
    this.#settings = settings;
    this.#inputs = new InputReader(settings);
  }

  /** Whether the script answers every method itself. */
  get isRaw(): boolean {
    return this.#settings.binding.kind === 'rawHttp';
  }

  /** Whether the body of a request with this method is read before it is scored. */
  readsBody(method: string): boolean {
    return method === 'POST' && !this.isRaw;
  }

  /**
   * Reads the body of a request, for {@link score}.
   *
   * @param call The request.
   * @param then Called once, perhaps at once.
   */
  readBody(call: ScoreCall, then: () => void): void {
    this.#inputs.readBody(call, (read) => {
      call.read = read;
      then();
    });
  }

  /** Answers one request. Runs inside the request's context; never fails. */
  score(call: ScoreCall): Answer | Promise<Answer> {
    if (this.isRaw) {
      return this.#scoreRaw(call);
    }
    const read = call.read ?? this.#inputs.readQuery(call);
    if (read.refusal !== undefined) {
      return read.refusal;
    }
    const { scoring } = this.#settings;
    // A schema's run() takes its inputs where the others take the text.
    return this.#run(call, () => scoring.run(read.input as string, headersOf(call.request)));
  }

  async #scoreRaw(call: ScoreCall): Promise<Answer> {
    const { scoring, maxBodyBytes } = this.#settings;
    const made = webRequest(call, maxBodyBytes);
    if ('refusal' in made) {
      return made.refusal;
    }
    const answer = await this.#run(call, () => scoring.run(made.request as never, headersOf(call.request)), made.fault);
    // What run() did not read stands before the next request on the same connection.
    return call.request.complete ? answer : { ...answer, closeConnection: answer.closeConnection ?? true };
  }

  /** Calls `run()`; what is not asynchronous there stays synchronous here, which is a good part of a small request. */
  #run(call: ScoreCall, run: () => unknown, bodyFault?: () => Error | undefined): Answer | Promise<Answer> {
    const { scoringTimeoutMs } = this.#settings;
    const startedAt = now();
    try {
      const result = run();
      if (!isPromiseLike(result)) {
        return this.#answerOf(call, result, elapsedWithin(scoringTimeoutMs, startedAt));
      }
      return inTime(scoringTimeoutMs, startedAt, result).then(
        (value) => this.#answerOf(call, value, now() - startedAt),
        (error: unknown) => this.#runFailed(call, error, bodyFault),
      );
    } catch (error) {
      return this.#runFailed(call, error, bodyFault);
    }
  }

  #answerOf(call: ScoreCall, result: unknown, execMs: number): Answer | Promise<Answer> {
    try {
      const response = asResponse(result);
      return response === undefined
        ? { status: 200, body: jsonResult(result), execMs, runFailed: false }
        : this.#responseOf(call, response, execMs);
    } catch (error) {
      return this.#resultFailed(call, error);
    }
  }

  async #responseOf(call: ScoreCall, response: OwnResponse, execMs: number): Promise<Answer> {
    const leftMs = Math.max(1, Math.floor(this.#settings.scoringTimeoutMs - execMs));
    try {
      const limit = AbortSignal.timeout(leftMs);
      const answer = await withinLimit(leftMs, () => responseAnswer(response, limit));
      return { ...answer, execMs };
    } catch (error) {
      return this.#resultFailed(call, error);
    }
  }

  #runFailed(call: ScoreCall, error: unknown, bodyFault: (() => Error | undefined) | undefined): Answer {
    const fault = bodyFault?.();
    if (fault instanceof BodyTooLargeError) {
      return tooLargeAnswer(this.#settings.maxBodyBytes);
    }
    if (fault instanceof BodyFault) {
      return faultAnswer(fault);
    }
    if (fault !== undefined) {
      return goneAnswer();
    }
    return this.#failed(call, error, this.#runFailure(error, 'run() of the scoring script failed'), true);
  }

  #resultFailed(call: ScoreCall, error: unknown): Answer {
    return isInstance(error, NotSerializableError)
      ? this.#failed(call, error, error.message, false)
      : this.#failed(call, error, this.#runFailure(error, 'What run() returned could not be sent'), false);
  }

  #runFailure(error: unknown, what: string): string {
    return isInstance(error, ScoringTimeoutError)
      ? new ScoringTimeoutError(this.#settings.scoringTimeoutMs).message
      : `${what}: ${errorMessage(error)}`;
  }

  /** The stack goes to the log and to telemetry; the caller gets the message and the id to quote. */
  #failed({ requestId }: ScoreCall, error: unknown, message: string, runFailed: boolean): Answer {
    this.#settings.log.line('E', `${message} (request-id=${requestId})\n${inspectSafely(error)}`);
    this.#settings.telemetry.exception(error);
    return errorAnswer(500, `${redactSecrets(message)} (request id ${requestId})`, { runFailed });
  }
}

/** Like instanceof, but also for what cannot even be asked for its class. */
function isInstance<T>(value: unknown, type: new (...args: never[]) => T): value is T {
  try {
    return value instanceof type;
  } catch {
    return false;
  }
}

function headersOf({ headers }: IncomingMessage): RequestHeaders {
  // The only header that Node keeps as a list.
  const { 'set-cookie': cookies } = headers;
  return cookies === undefined
    ? (headers as RequestHeaders)
    : { ...(headers as RequestHeaders), 'set-cookie': cookies.join(', ') };
}
