import type { BlobFault, InjectedBlobFault } from './fault.ts';

/** One request that came to the proxy. */
export interface ProxiedRequest {
  /** Method, for example `PUT`. */
  readonly method: string;
  /** Path as sent, still percent-encoded. */
  readonly path: string;
  /** Query as sent, without the question mark; signatures of shared access are taken out. */
  readonly query: string;
  /** The fault that hit it. */
  readonly fault: BlobFault['kind'] | undefined;
  /** Whether it was sent on to the store. */
  readonly forwarded: boolean;
  /** Status that the store gave, also when the answer was lost on the way back. */
  readonly targetStatus: number | undefined;
  /** Status that the client got; `undefined` when it got none (yet). */
  readonly status: number | undefined;
}

/** A running proxy; see `startBlobFaultProxy`. */
export interface BlobFaultProxy {
  /** Root of the account behind the proxy. */
  readonly url: string;
  /** The target's connection string with the proxy as endpoint. */
  readonly connectionString: string;
  /**
   * Puts a fault in force. A request is hit by the first fault, in the order of injection, whose conditions it meets.
   *
   * @param fault What happens, to which requests.
   * @returns The fault with its count of hits, and `remove()` to take it back.
   */
  inject(fault: BlobFault): InjectedBlobFault;
  /** The faults in force, oldest first. */
  faults(): InjectedBlobFault[];
  /** Requests hit so far, by all faults since the start or the last `clear()`. */
  hits(): number;
  /** The requests so far, oldest first. */
  requests(): ProxiedRequest[];
  /** Takes all faults back (hanging requests are cut) and forgets the requests. */
  clear(): void;
  /** Stops the proxy and ends its connections. The target goes on. */
  close(): Promise<void>;
  /** Same as `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
