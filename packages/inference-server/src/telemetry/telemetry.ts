import { recordRequestException } from '@azureml-ts/common';

/** One request as telemetry sees it: what `trackRequest` takes. */
export interface RequestRecord {
  readonly requestId: string;
  readonly clientRequestId: string | undefined;
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** Method and path, or one name for all paths that are none of the server's. */
  readonly name: string;
  /** Address that the caller used, without the query. */
  readonly url: string;
  readonly statusCode: number;
  readonly success: boolean;
  /** What was scored, as text. */
  readonly input: string | undefined;
  /** Body of the answer, when it is a text that was sent as a whole. */
  readonly output: string | undefined;
  /** Whether that is JSON for certain. */
  readonly isOutputJson: boolean;
}

/** Where the server reports to. Nothing here ever throws: scoring goes on whatever becomes of telemetry. */
export interface Telemetry {
  /** Whether anything becomes of what is reported. */
  readonly isOn: boolean;
  /** Reports one request; called inside its context. */
  request(record: RequestRecord): void;
  /** Reports a failure; inside a request's context it is tied to that request. */
  exception(error: unknown): void;
  /** Sends what is waiting and ends, within the time given. */
  close(timeoutMs: number): Promise<void>;
}

/** Telemetry that is switched off: what fails is still told to the OpenTelemetry span of the request, if it has one. */
export const noTelemetry: Telemetry = {
  isOn: false,
  request: () => undefined,
  exception: recordRequestException,
  close: () => Promise.resolve(),
};
