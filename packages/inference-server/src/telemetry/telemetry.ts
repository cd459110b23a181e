/** One scoring request as telemetry sees it. */
export interface RequestRecord {
  readonly requestId: string;
  readonly clientRequestId: string | undefined;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly method: string;
  readonly path: string;
  /** Address that the caller used, without the query. */
  readonly url: string;
  readonly status: number;
}

/** Where the server reports to. Nothing here ever throws: scoring goes on whatever becomes of telemetry. */
export interface Telemetry {
  /** Reports one request; called inside its context. */
  request(record: RequestRecord): void;
  /** Reports a failure; inside a request's context it is tied to that request. */
  exception(error: unknown): void;
  /** Sends what is waiting and ends, within the time given. */
  close(timeoutMs: number): Promise<void>;
}

/** Telemetry that is switched off. */
export const noTelemetry: Telemetry = {
  request: () => undefined,
  exception: () => undefined,
  close: () => Promise.resolve(),
};
