import type { IncomingHttpHeaders } from 'node:http';
import type { WaitOptions } from '@azureml-ts/common';
import type { TelemetryAnswer } from './answer.ts';
import type { TelemetryItemError } from './ingest.ts';
import type { TelemetryItem } from './item.ts';

/** One request that came to the stand-in, whatever became of it. */
export interface TelemetryRequest {
  /** Method, for example `POST`. */
  readonly method: string;
  /** Path without query, for example `/v2.1/track`. */
  readonly path: string;
  /** Headers with lower-case names. */
  readonly headers: IncomingHttpHeaders;
  /** Size of the body on the wire, in bytes. */
  readonly bodyBytes: number;
  /** When its body was complete. */
  readonly receivedAt: Date;
  /** Status of the answer; 0 when the connection was cut instead. */
  readonly status: number;
  /** Items in the body. */
  readonly itemsReceived: number;
  /** Items that were taken. */
  readonly itemsAccepted: number;
  /** Items that were refused one by one. */
  readonly errors: readonly TelemetryItemError[];
}

/** Which items to give: those of a kind, or those that a function picks. */
export type TelemetryFilter =
  | ((item: TelemetryItem) => boolean)
  | { readonly baseType?: string | undefined; readonly name?: string | undefined };

/** A running stand-in for the ingestion service of Application Insights; see `startTelemetryStandIn`. */
export interface TelemetryStandIn {
  /** Root of the server, `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Key that items must carry. */
  readonly instrumentationKey: string;
  /** What to pass to a sender: `InstrumentationKey=<guid>;IngestionEndpoint=<url>/`. */
  readonly connectionString: string;
  /** With `tls`: what another process needs in its environment to trust the certificate. */
  readonly environment: Readonly<Record<string, string>>;
  /** The items taken so far, oldest first. */
  items(filter?: TelemetryFilter): TelemetryItem[];
  /** The requests so far, oldest first. */
  requests(): TelemetryRequest[];
  /**
   * Waits until the items taken so far satisfy a condition.
   *
   * @param predicate Gets all items so far; asked at once and after each request.
   * @param options `timeoutMs` (default 10,000) and `abortSignal`.
   * @returns The items.
   * @throws AzuremlError `TIMEOUT`, telling what came instead; the signal's reason when it was aborted.
   */
  waitFor(predicate: (items: readonly TelemetryItem[]) => boolean, options?: WaitOptions): Promise<TelemetryItem[]>;
  /**
   * Plans how the next requests are answered.
   *
   * @param answer One answer, several in order (give all but the last a number of `times`), or `null` for the usual way.
   */
  respondWith(answer: TelemetryAnswer | readonly TelemetryAnswer[] | null): void;
  /** Forgets items and requests; planned answers stay. */
  clear(): void;
  /** Stops the server and ends its connections. */
  close(): Promise<void>;
  /** Same as `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
