import { AsyncLocalStorage } from 'node:async_hooks';
import { callAddress, type Destination } from './call-address.ts';
import type { CallOrigin } from './call-origin.ts';
import { failureName, wasStopped } from './failure-name.ts';
import type { DependencyTarget } from './target.ts';

/** Calls that are under way; those whose answer nobody reads to its end are reported when telemetry closes. */
const MAX_UNDER_WAY = 10_000;

/**
 * One call under way. It refers to neither the request nor the answer: an answer that nobody reads must be free to go.
 *
 * @internal
 */
export class OutgoingCall {
  readonly #underWay: Set<OutgoingCall>;
  readonly #target: DependencyTarget;
  readonly #method: string;
  readonly #destination: Destination;
  readonly #origin: CallOrigin;
  readonly #startedAt = new Date();
  readonly #startedAtMs = performance.now();
  /** Its item belongs to the request that made it, wherever its end is noticed. */
  readonly #inContext = AsyncLocalStorage.snapshot();
  #spanId: string;
  #isReportedAsSpan: boolean;
  #status: number | undefined;
  #isOver = false;

  constructor(parts: {
    readonly underWay: Set<OutgoingCall>;
    readonly target: DependencyTarget;
    readonly method: string;
    readonly destination: Destination;
    readonly origin: CallOrigin;
    readonly spanId: string;
    readonly isReportedAsSpan: boolean;
  }) {
    this.#underWay = parts.underWay;
    this.#target = parts.target;
    this.#method = parts.method;
    this.#destination = parts.destination;
    this.#origin = parts.origin;
    this.#spanId = parts.spanId;
    this.#isReportedAsSpan = parts.isReportedAsSpan;
    if (this.#underWay.size < MAX_UNDER_WAY) {
      this.#underWay.add(this);
    }
  }

  /** OpenTelemetry has made a span of the call after all. */
  becomeSpan(spanId: string, isReported: boolean): void {
    this.#spanId = spanId;
    this.#isReportedAsSpan = isReported;
  }

  /** The head of the answer has come. */
  answered(status: number): void {
    this.#status = status;
  }

  /** The answer is whole, or nobody wants more of it. */
  end(): void {
    this.#report(undefined);
  }

  /** The call, or its answer, broke off. */
  fail(error: unknown): void {
    // An answer that its caller let go comes without an error, or as an abort.
    const failure = error === undefined ? 'AbortError' : failureName(error);
    this.#report(this.#status !== undefined && wasStopped(failure) ? undefined : failure);
  }

  /** Telemetry closes: what is answered is reported as it stands, and what is not is left out. */
  close(target: DependencyTarget): void {
    if (target !== this.#target) {
      return;
    }
    if (this.#status !== undefined) {
      this.#report(undefined);
    }
    this.#isOver = true;
    this.#underWay.delete(this);
  }

  #report(failure: string | undefined): void {
    this.#underWay.delete(this);
    if (this.#isOver || this.#isReportedAsSpan) {
      return;
    }
    this.#isOver = true;
    const durationMs = performance.now() - this.#startedAtMs;
    const { target, route, data, type } = callAddress(this.#destination);
    const { traceId, parentSpanId } = this.#origin;
    this.#inContext(() =>
      this.#target.trackDependency({
        name: `${this.#method} ${route}`,
        target,
        type,
        data,
        startedAt: this.#startedAt,
        durationMs,
        resultCode: this.#status ?? failure,
        success: failure === undefined && this.#status !== undefined && this.#status < 400,
        traceId,
        parentSpanId,
        spanId: this.#spanId,
        ...(failure === undefined ? {} : { properties: { Error: failure } }),
      }),
    );
  }
}
