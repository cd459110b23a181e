import type { TelemetryItemError } from './ingest.ts';

/** How the stand-in answers instead of taking the items; see {@link TelemetryStandIn.respondWith}. */
export interface TelemetryAnswer {
  /**
   * Status to answer with. The items of the request are not taken, except with `itemErrors`.
   * Left out: the stand-in decides, as usual.
   */
  readonly status?: number | undefined;
  /** `Retry-After` header: seconds, or an HTTP date. */
  readonly retryAfter?: number | string | undefined;
  /** More headers, for example `location` of a redirect. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Text of the answer. Default: the service's JSON with no item accepted. */
  readonly body?: string | undefined;
  /** Refuse these items and take the others, answering 206 (400 when none is left). */
  readonly itemErrors?: readonly TelemetryItemError[] | undefined;
  /** Read the request, then cut the connection: the sender cannot know whether it arrived. Nothing is taken. */
  readonly cut?: boolean | undefined;
  /** Wait before answering, in milliseconds. */
  readonly delayMs?: number | undefined;
  /** How many requests get this answer. Default: all until the next call of `respondWith`. */
  readonly times?: number | undefined;
}

/** Hands out the planned answers in order. @internal */
export class AnswerPlan {
  #steps: { readonly answer: TelemetryAnswer; left: number }[] = [];

  set(answers: readonly TelemetryAnswer[]): void {
    this.#steps = answers.map((answer) => ({ answer, left: answer.times ?? Number.POSITIVE_INFINITY }));
  }

  next(): TelemetryAnswer | undefined {
    const step = this.#steps.find(({ left }) => left > 0);
    if (step === undefined) {
      return undefined;
    }
    step.left -= 1;
    return step.answer;
  }
}
