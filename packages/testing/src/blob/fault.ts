/** Which requests a fault meets; each condition that is given must hold. */
export interface BlobFaultConditions {
  /** Method, for example `PUT`. */
  readonly method?: string | undefined;
  /** Path as sent, with the account for an emulator: a text that it must contain, or an expression that it must match. */
  readonly path?: string | RegExp | undefined;
  /** Parts of the query, for example `comp=appendblock` or `restype=container&comp=list`. */
  readonly query?: string | undefined;
  /** Requests that meet the conditions but are let through first. Default 0. */
  readonly after?: number | undefined;
  /** How many requests to hit. Default: all until the fault is taken back. */
  readonly times?: number | undefined;
  /** Chance of a request to be hit, 0 to 1. Default 1. */
  readonly probability?: number | undefined;
  /** Start of the random numbers for `probability`: the same seed hits the same requests. Default 1. */
  readonly seed?: number | undefined;
}

/** What happens to a request. */
export type BlobFaultEffect =
  | {
      /** Answer instead of the store, which never sees the request. */
      readonly kind: 'answer';
      /** Status, for example 503. */
      readonly status: number;
      /** Storage error code, for example `ServerBusy`; header and body carry it. */
      readonly errorCode?: string | undefined;
      /** More headers, for example `retry-after`. */
      readonly headers?: Readonly<Record<string, string>> | undefined;
    }
  | {
      /** The store does the work, then the connection is cut before the answer comes back. */
      readonly kind: 'loseAnswer';
    }
  | {
      /** The connection is cut and the store never sees the request. */
      readonly kind: 'cut';
    }
  | {
      /** The request goes on after a wait. */
      readonly kind: 'delay';
      /** Milliseconds. */
      readonly delayMs: number;
    }
  | {
      /** No answer comes, and the store never sees the request, until the fault is taken back: then it is cut. */
      readonly kind: 'hang';
    };

/** A fault to inject: what happens, to which requests. */
export type BlobFault = BlobFaultEffect & BlobFaultConditions;

/** A fault that is in force. */
export interface InjectedBlobFault {
  /** The fault as it was given. */
  readonly fault: BlobFault;
  /** Requests hit so far. */
  readonly hits: number;
  /** Takes the fault back. */
  remove(): void;
}

/** What the conditions are asked about. @internal */
export interface FaultTarget {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

/** A fault with its counters. @internal */
export class ActiveFault implements InjectedBlobFault {
  readonly fault: BlobFault;
  /** Fires when the fault is taken back. */
  readonly removed = new AbortController();
  readonly #random: () => number;
  readonly #query: readonly (readonly [string, string])[];
  #met = 0;
  #hits = 0;

  constructor(fault: BlobFault) {
    this.fault = fault;
    this.#random = seededRandom(fault.seed ?? 1);
    this.#query = [...new URLSearchParams(fault.query ?? '')];
  }

  get hits(): number {
    return this.#hits;
  }

  remove(): void {
    this.removed.abort();
  }

  /** Decides about one request, and counts. */
  hitsRequest(request: FaultTarget): boolean {
    const { after = 0, times = Number.POSITIVE_INFINITY, probability = 1 } = this.fault;
    if (this.removed.signal.aborted || this.#hits >= times || !this.#meets(request)) {
      return false;
    }
    this.#met += 1;
    if (this.#met <= after || (probability < 1 && this.#random() >= probability)) {
      return false;
    }
    this.#hits += 1;
    return true;
  }

  #meets({ method, path, query }: FaultTarget): boolean {
    const { fault } = this;
    if (fault.method !== undefined && fault.method.toUpperCase() !== method) {
      return false;
    }
    if (typeof fault.path === 'string' && !path.includes(fault.path)) {
      return false;
    }
    if (fault.path instanceof RegExp && path.search(fault.path) === -1) {
      return false;
    }
    return this.#query.every(([key, value]) => query.get(key) === value);
  }
}

/** Random numbers from 0 to 1 that are the same in every run (a 32-bit linear congruential generator). */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
