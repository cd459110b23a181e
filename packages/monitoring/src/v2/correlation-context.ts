import { randomUUID } from 'node:crypto';

/**
 * What ties the records of one request together: the inputs and the outputs that share a context have one correlation id,
 * by which monitoring joins them row by row.
 *
 * Source: `azureml.ai.monitoring.context.CorrelationContext`.
 */
export interface CorrelationContext {
  /** The correlation id. */
  getId(): string;
  /** When the request was, in seconds since 1970. */
  getTimestamp(): number;
  /** What goes along with each record, by name. */
  getHeaders(): Readonly<Record<string, string>>;
  /** The correlation id. */
  toString(): string;
}

/** Parts of a {@link BasicCorrelationContext}. */
export interface BasicCorrelationContextOptions {
  /** The correlation id. Default, and for an empty text: a new UUID. */
  readonly id?: string | undefined;
  /** When the request was, in seconds since 1970. Default, and for 0: now. */
  readonly timestamp?: number | undefined;
  /** What goes along with each record, by name: the sidecar gets it in headers `ce-<name>`. Default: nothing. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * A correlation context made by the scoring script, for example with an id of its own.
 *
 * Source: `azureml.ai.monitoring.context.BasicCorrelationContext`.
 *
 * @example
 * ```ts
 * import { BasicCorrelationContext } from '@azureml-ts/monitoring';
 *
 * const context = new BasicCorrelationContext({ id: 'loan-4711' });
 * console.log(String(context)); // loan-4711
 * ```
 */
export class BasicCorrelationContext implements CorrelationContext {
  readonly #id: string;
  readonly #timestamp: number;
  readonly #headers: Readonly<Record<string, string>>;

  /** @param options Its parts; what is left out is made. */
  constructor(options: BasicCorrelationContextOptions = {}) {
    const { id, timestamp, headers } = options ?? {};
    this.#id = id ? String(id) : randomUUID();
    this.#timestamp = timestamp || Math.floor(Date.now() / 1_000);
    this.#headers = { ...headers };
  }

  /** The correlation id. */
  getId(): string {
    return this.#id;
  }

  /** When the request was, in seconds since 1970. */
  getTimestamp(): number {
    return this.#timestamp;
  }

  /** What goes along with each record, by name. */
  getHeaders(): Readonly<Record<string, string>> {
    return this.#headers;
  }

  /** The correlation id. */
  toString(): string {
    return this.#id;
  }
}

/**
 * What `Collector.collect` returns: the context of the record, to be given to the next collector, and whether the record
 * was taken.
 *
 * Source: the Python collector returns such a context in its debug mode.
 */
export class CollectedContext implements CorrelationContext {
  readonly #context: CorrelationContext;
  readonly #isSuccess: boolean;
  /** `accepted`, `dropped_sampling`, or why the record was not taken. */
  readonly message: string;

  /**
   * @param context The context of the record.
   * @param isSuccess Whether the record was taken.
   * @param message `accepted`, `dropped_sampling`, or why it was not taken.
   * @internal
   */
  constructor(context: CorrelationContext, isSuccess: boolean, message: string) {
    this.#context = context;
    this.#isSuccess = isSuccess;
    this.message = message;
  }

  /** Whether the record was taken: it is in memory then, and will be delivered. */
  isSuccess(): boolean {
    return this.#isSuccess;
  }

  /** The correlation id. */
  getId(): string {
    return this.#context.getId();
  }

  /** When the request was, in seconds since 1970. */
  getTimestamp(): number {
    return this.#context.getTimestamp();
  }

  /** What goes along with each record, by name. */
  getHeaders(): Readonly<Record<string, string>> {
    return this.#context.getHeaders();
  }

  /** The correlation id. */
  toString(): string {
    return this.#context.getId();
  }
}

/** What a context says, read once: a caller's own may say anything. */
export interface ReadContext {
  readonly id: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Reads a context; `undefined` when it is none. */
export function readContext(context: unknown): ReadContext | undefined {
  try {
    const { getId, getTimestamp, getHeaders } = context as Partial<CorrelationContext>;
    if (typeof getId !== 'function' || typeof getTimestamp !== 'function' || typeof getHeaders !== 'function') {
      return undefined;
    }
    const given = context as CorrelationContext;
    const timestamp = Number(given.getTimestamp());
    const headers = Object.entries(given.getHeaders() ?? {});
    return {
      id: String(given.getId()),
      timestamp: Number.isFinite(timestamp) ? timestamp : Math.floor(Date.now() / 1_000),
      headers: headers.map(([name, value]) => [name, String(value)] as const),
    };
  } catch {
    return undefined;
  }
}
