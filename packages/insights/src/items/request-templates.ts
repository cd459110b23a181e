import type { RequestTelemetry } from '../types.ts';
import { type TemplatePart, templateParts } from './item-template.ts';

/** Length of a W3C trace id. @internal */
export const TRACE_ID_LENGTH = 32;
/** Length of a W3C span id. @internal */
export const SPAN_ID_LENGTH = 16;
/** A duration below a second is so many digits behind the point. @internal */
export const DURATION_DIGITS = 7;
/** 0.1111111 s. */
const EXAMPLE_MS = 111.1111;
/** Callers may invent any number of addresses: so many kinds are remembered at most. */
const MAX_KINDS = 64;
/** Longest name and address together; each that is remembered is held. In characters. */
const MAX_KIND_CHARACTERS = 2048;
/** Leaves room for the bodies in an item. */
const MAX_TEMPLATE_BYTES = 32_768;
const BEFORE_TIME = '"time":"';

/** What requests have in common that differ in nothing but their ids, times and bodies. @internal */
export interface RequestKind {
  readonly name: string;
  readonly url: string | undefined;
  readonly statusCode: number;
  readonly success: boolean;
  readonly hasParent: boolean;
  readonly requestIdLength: number;
  /** 0 without one. */
  readonly clientRequestIdLength: number;
  readonly hasInput: boolean;
  readonly hasOutput: boolean;
}

/** The two items of such requests. @internal */
export interface RequestTemplates extends RequestKind {
  /** Places: trace id, parent if there is one, span id, duration, request id, client's request id if there is one. */
  readonly request: TemplatePart;
  /** What stands before the bodies. Places: trace id and span id. */
  readonly bodies: TemplatePart;
  /** What stands between two bodies. */
  readonly betweenBodies: TemplatePart | undefined;
  /** Places: request id, client's request id if there is one. */
  readonly behindBodies: TemplatePart;
  /** Where the time begins. */
  readonly timeAt: { readonly request: number; readonly bodies: number };
}

/** The items of a request as bytes. @internal */
export interface RequestExample {
  readonly request: Buffer;
  readonly bodies: Buffer;
}

/** Templates of the kinds of requests that came last. @internal */
export class KnownRequests {
  readonly #make: (telemetry: RequestTelemetry) => RequestExample;
  /** A kind that comes once is not worth its templates. */
  readonly #known = new Map<string, RequestTemplates | 'once' | 'none'>();
  #last: RequestTemplates | undefined;

  /** @param make Makes the items of an example. */
  constructor(make: (telemetry: RequestTelemetry) => RequestExample) {
    this.#make = make;
  }

  /** @returns `undefined` when their items cannot be copies of a template. */
  templatesOf(kind: RequestKind): RequestTemplates | undefined {
    const last = this.#last;
    if (last !== undefined && isSame(last, kind)) {
      return last;
    }
    if (kind.name.length + (kind.url?.length ?? 0) > MAX_KIND_CHARACTERS) {
      return undefined;
    }
    const key = JSON.stringify(Object.values(kind));
    const known = this.#known.get(key);
    const templates = known === undefined ? 'once' : known === 'once' ? (this.#compare(kind) ?? 'none') : known;
    if (templates !== known) {
      this.#remember(key, templates);
    }
    if (typeof templates === 'string') {
      return undefined;
    }
    this.#last = templates;
    return templates;
  }

  #remember(key: string, templates: RequestTemplates | 'once' | 'none'): void {
    if (this.#known.size >= MAX_KINDS) {
      this.#known.clear();
    }
    this.#known.set(key, templates);
  }

  #compare(kind: RequestKind): RequestTemplates | undefined {
    const [one, other] = [this.#make(exampleOf(kind, '0')), this.#make(exampleOf(kind, '1'))];
    const { request, bodies } = lengthsOf(kind);
    const [requestPart] = templateParts(one.request, other.request, request) ?? [];
    const [before, ...behind] = templateParts(one.bodies, other.bodies, bodies) ?? [];
    // Without bodies there is no such item.
    const last = behind.at(-1) ?? before;
    const isSmall = Math.max(one.request.length, one.bodies.length) <= MAX_TEMPLATE_BYTES;
    if (!isSmall || requestPart === undefined || before === undefined || last === undefined) {
      return undefined;
    }
    return {
      ...kind,
      request: requestPart,
      bodies: before,
      betweenBodies: behind.length === 2 ? behind[0] : undefined,
      behindBodies: last,
      timeAt: { request: timeOf(one.request), bodies: timeOf(one.bodies) },
    };
  }
}

/** A request of a kind, with one character in all places. */
function exampleOf(kind: RequestKind, character: '0' | '1'): RequestTelemetry {
  const { name, url, statusCode, success, clientRequestIdLength } = kind;
  return {
    name,
    url,
    statusCode,
    success,
    startedAt: new Date(0),
    durationMs: Number(character) * EXAMPLE_MS,
    requestId: character.repeat(kind.requestIdLength),
    clientRequestId: clientRequestIdLength === 0 ? undefined : character.repeat(clientRequestIdLength),
    traceId: character.repeat(TRACE_ID_LENGTH),
    spanId: character.repeat(SPAN_ID_LENGTH),
    parentSpanId: kind.hasParent ? character.repeat(SPAN_ID_LENGTH) : undefined,
    input: kind.hasInput ? character : undefined,
    output: kind.hasOutput ? character : undefined,
  };
}

/** Lengths of the texts in which the items of a kind differ. */
function lengthsOf(kind: RequestKind): { readonly request: number[]; readonly bodies: number[] } {
  const { hasParent, requestIdLength, clientRequestIdLength, hasInput, hasOutput } = kind;
  const ids = [requestIdLength, clientRequestIdLength].filter((length) => length > 0);
  const texts = [hasInput, hasOutput].filter(Boolean).map(() => 1);
  return {
    request: [TRACE_ID_LENGTH, ...(hasParent ? [SPAN_ID_LENGTH] : []), SPAN_ID_LENGTH, DURATION_DIGITS, ...ids],
    bodies: [TRACE_ID_LENGTH, SPAN_ID_LENGTH, ...texts, ...ids],
  };
}

/** What stands before it is the same in all items of a component. */
function timeOf(item: Buffer): number {
  return item.indexOf(BEFORE_TIME) + BEFORE_TIME.length;
}

function isSame(one: RequestKind, other: RequestKind): boolean {
  return (
    one.name === other.name &&
    one.url === other.url &&
    one.statusCode === other.statusCode &&
    one.success === other.success &&
    one.hasParent === other.hasParent &&
    one.requestIdLength === other.requestIdLength &&
    one.clientRequestIdLength === other.clientRequestIdLength &&
    one.hasInput === other.hasInput &&
    one.hasOutput === other.hasOutput
  );
}
