import type { WaitOptions } from '@azureml-ts/common';

/** How the stand-in answers. */
export interface SidecarAnswer {
  /** Status of the answer, 200 to 599. Default 200. */
  readonly status?: number | undefined;
  /** Headers of the answer, for example `{ 'retry-after': '1' }`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Time before the answer, in milliseconds. Default 0. */
  readonly delayMs?: number | undefined;
  /**
   * Ends the connection instead of answering: `before` the record is taken, or `after`, so that it is there and the sender
   * does not know.
   */
  readonly cut?: 'before' | 'after' | undefined;
  /** How often it is given before the next one's turn. Default: from now on. */
  readonly times?: number | undefined;
}

/** A record that came to the stand-in. */
export interface SidecarRecord {
  /** Method, for example `POST`. */
  readonly method: string;
  /** Path, for example `/modeldata/log`. */
  readonly path: string;
  /** Headers in the order of the wire, names as they were sent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body. */
  readonly body: string;
  /** Status of the answer; 0 when the connection was cut instead. */
  readonly status: number;
  /** Number of the connection that it came on, from 1. */
  readonly connection: number;
  /** Whether the stand-in has it: the status is from 200 to 299, or the connection was cut after it was taken. */
  readonly isTaken: boolean;
  /** A header, by its name in any case; `undefined` when it was not sent. */
  header(name: string): string | undefined;
}

/** A running stand-in for the collection sidecar; see `startCollectionSidecar`. */
export interface CollectionSidecar {
  /** Root of the server, `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Port, for `AZUREML_MDC_PORT`. */
  readonly port: number;
  /** What came so far, oldest first, whatever became of it. */
  requests(): SidecarRecord[];
  /** What was taken so far, oldest first. */
  records(): SidecarRecord[];
  /**
   * Waits until so many records were taken.
   *
   * @param count How many.
   * @param options `timeoutMs` (default 10,000) and `abortSignal`.
   * @returns The records.
   * @throws AzuremlError `TIMEOUT`, telling how many there are; the signal's reason when it was aborted.
   */
  waitFor(count: number, options?: WaitOptions): Promise<SidecarRecord[]>;
  /**
   * Plans how the next requests are answered.
   *
   * @param answer One answer, several in order (give all but the last a number of `times`), or `null` for the usual way.
   */
  respondWith(answer: SidecarAnswer | readonly SidecarAnswer[] | null): void;
  /** Forgets what came; planned answers stay. */
  clear(): void;
  /** Stops the server and ends its connections. */
  close(): Promise<void>;
  /** Same as `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
