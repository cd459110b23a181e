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
  /**
   * What goes along with each record, by name: the sidecar gets it in headers `ce-<name>`. An object, or pairs as `Headers`
   * and `Map` have them; what is `undefined` is left out. Default: nothing.
   */
  readonly headers?: Readonly<Record<string, string | undefined>> | Iterable<readonly [string, string]> | undefined;
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
    this.#headers = Object.fromEntries(headerEntries(headers)) as Record<string, string>;
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
  readonly #context: ReadContext;
  readonly #isSuccess: boolean;
  /** `accepted`, `dropped_sampling`, or why the record was not taken. */
  readonly message: string;

  /**
   * @param context The context of the record, as it was read.
   * @param isSuccess Whether the record was taken.
   * @param message `accepted`, `dropped_sampling`, or why it was not taken.
   * @internal
   */
  constructor(context: ReadContext, isSuccess: boolean, message: string) {
    this.#context = context;
    this.#isSuccess = isSuccess;
    this.message = message;
  }

  /** Whether the record was taken: it is in memory then, and will be delivered. */
  isSuccess(): boolean {
    return this.#isSuccess;
  }

  /** The correlation id: the one of the record, also where the given context says another one each time. */
  getId(): string {
    return this.#context.id;
  }

  /** When the request was, in seconds since 1970. */
  getTimestamp(): number {
    return this.#context.timestamp;
  }

  /** What goes along with each record, by name. */
  getHeaders(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#context.headers);
  }

  /** The correlation id. */
  toString(): string {
    return this.#context.id;
  }
}

/** What a context says, read once: a caller's own may say anything. */
export interface ReadContext {
  readonly id: string;
  /** Seconds since 1970, of a year from 0 to 9999. */
  readonly timestamp: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** What was given as the time, where it is no time that records can have. */
  readonly wrongTime?: string | undefined;
}

/** The years that have four digits: no others fit into records and folders. */
const FIRST_SECOND = Date.parse('0000-01-01T00:00:00Z') / 1_000;
const LAST_SECOND = Date.parse('9999-12-31T23:59:59Z') / 1_000;

/** Reads a context; `undefined` when it is none. */
export function readContext(context: unknown): ReadContext | undefined {
  try {
    const { getId, getTimestamp, getHeaders } = context as Partial<CorrelationContext>;
    if (typeof getId !== 'function' || typeof getTimestamp !== 'function' || typeof getHeaders !== 'function') {
      return undefined;
    }
    const given = context as CorrelationContext;
    const id: unknown = given.getId();
    const headers = headerEntries(given.getHeaders()).map(([name, value]) => [name, String(value)] as const);
    // Records without an id would all have the same one.
    return { id: String(id ?? '') || randomUUID(), headers, ...readTime(given.getTimestamp()) };
  } catch {
    return undefined;
  }
}

function readTime(given: unknown): Pick<ReadContext, 'timestamp' | 'wrongTime'> {
  const seconds = given instanceof Date ? given.getTime() / 1_000 : Number(given ?? Number.NaN);
  if (seconds >= FIRST_SECOND && seconds <= LAST_SECOND) {
    return { timestamp: seconds };
  }
  return { timestamp: Math.floor(Date.now() / 1_000), wrongTime: given == null ? undefined : String(given) };
}

const NO_HEADERS: readonly (readonly [name: string, value: unknown])[] = [];

/** Headers by name, from an object or from pairs; without those that have no value. */
function headerEntries(headers: unknown): readonly (readonly [name: string, value: unknown])[] {
  if (typeof headers !== 'object' || headers === null) {
    return NO_HEADERS;
  }
  const isPairs = Symbol.iterator in headers;
  const pairs = isPairs ? Array.from(headers as Iterable<readonly [unknown, unknown]>) : Object.entries(headers);
  return pairs.length === 0
    ? NO_HEADERS
    : pairs.filter(([, value]) => value != null).map(([name, value]) => [String(name), value] as const);
}
