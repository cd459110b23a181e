import { type ItemContext, type RequestReference, requestInProgress } from '../context.ts';
import type { Sampler } from '../sampling.ts';
import type {
  DependencyTelemetry,
  ExceptionTelemetry,
  MetricTelemetry,
  RequestTelemetry,
  Severity,
  TraceTelemetry,
} from '../types.ts';
import { bodyText } from './body-text.ts';
import { type Call, dependencyCall, requestCall } from './calls.ts';
import { contentsOf } from './contents.ts';
import { Envelope, type TelemetryItem } from './envelope.ts';
import { exceptionData, readErrorChain } from './exceptions.ts';
import { bytesOf, ItemDraft, type WriteData } from './item-draft.ts';
import { type JsonBytes, jsonPiece } from './json-bytes.ts';
import { metricData } from './metric.ts';
import { type InsightsProperties, propertyTexts } from './properties.ts';
import { PropertyText } from './property-text.ts';
import type { Redaction } from './redaction.ts';
import { KnownRequests } from './request-templates.ts';
import { cutText } from './shorten.ts';
import { copyBodies, copyRequest, UsualItem, type UsualItemParts } from './usual-items.ts';
import { type UsualRequest, usualRequest } from './usual-request.ts';

/** Message of the trace with the bodies of a request. Source: the reference inference server's model data. @internal */
export const BODIES_MESSAGE = 'model_data_collection';

const MESSAGE = jsonPiece('"message":');
const SEVERITY = jsonPiece(',"severityLevel":');

/** The stream that a printed line went to. @internal */
export type PrintStream = 'STDOUT' | 'STDERR';

/** Something printed. @internal */
export interface Printed {
  readonly stream: PrintStream;
  readonly severity: Severity;
  readonly values: readonly unknown[];
  /** The request that it belongs to. Default: the request in progress. */
  readonly request?: { readonly reference: RequestReference | undefined } | undefined;
}

/** What a factory needs. @internal */
export interface ItemFactoryOptions {
  readonly instrumentationKey: string;
  readonly context: ItemContext;
  readonly sampler: Sampler;
  readonly redaction: Redaction;
  readonly now: () => number;
}

/**
 * Makes items, each with what ties it to its request and process. An item of an operation that is left out is `undefined`:
 * nothing of it is read then.
 *
 * @internal
 */
export class ItemFactory {
  readonly #options: ItemFactoryOptions;
  /** By kind: of those of which all are sent, and of the others. */
  readonly #envelopes = new Map<string, { readonly all: Envelope; readonly share: Envelope }>();
  /** `undefined` when `redact` sees the bodies. */
  readonly #known: KnownRequests | undefined;
  readonly #requestParts: UsualItemParts;
  readonly #bodiesParts: UsualItemParts;

  constructor(options: ItemFactoryOptions) {
    this.#options = options;
    const request = (telemetry: RequestTelemetry, now: number) => this.#request(requestCall(telemetry, now), telemetry);
    const bodies = (telemetry: RequestTelemetry, now: number) =>
      this.#bodies(requestCall(telemetry, now), telemetry, now);
    this.#requestParts = { copy: copyRequest, make: request };
    this.#bodiesParts = { copy: copyBodies, make: bodies };
    this.#known = options.redaction.isOn
      ? undefined
      : new KnownRequests((telemetry) => ({
          request: bytesOf(request(telemetry, 0)),
          bodies: bytesOf(bodies(telemetry, 0)),
        }));
  }

  /** A printed line. Source: the reference inference server's trace of a print. */
  printed({ stream, severity, values, request }: Printed): ItemDraft | undefined {
    const { redaction } = this.#options;
    const reference = request === undefined ? requestInProgress() : request.reference;
    return this.#inRequest('Message', reference, () => {
      const { text, ...plain } = contentsOf(values.map((value) => redaction.apply(value, 'print')));
      const contents = new PropertyText('Contents', text, {
        kind: 'print',
        plain: 'value' in plain ? { value: plain.value } : undefined,
      });
      return {
        texts: [contents],
        data: ownMessage(stream, severity),
      };
    });
  }

  trace({ message, severity = 'Information', properties = {} }: TraceTelemetry): ItemDraft | undefined {
    return this.#inRequest('Message', requestInProgress(), () => ({
      texts: propertyTexts(properties),
      data: messageData(String(message), knownSeverity(severity)),
    }));
  }

  exception({ error, severity = 'Error', properties = {} }: ExceptionTelemetry): ItemDraft | undefined {
    return this.#inRequest('Exception', requestInProgress(), () => ({
      texts: propertyTexts(properties),
      data: exceptionData(readErrorChain(error), knownSeverity(severity)),
    }));
  }

  /** What the items of a request have in common. */
  callOf(telemetry: RequestTelemetry): Call {
    return requestCall(telemetry, this.#options.now());
  }

  request(call: Call, telemetry: RequestTelemetry): ItemDraft | undefined {
    return this.#keeps(call.request) ? this.#request(call, telemetry) : undefined;
  }

  /** The bodies of a request, as one trace inside it. */
  bodies(call: Call, telemetry: RequestTelemetry): ItemDraft | undefined {
    return this.#keeps(call.request) ? this.#bodies(call, telemetry, this.#options.now()) : undefined;
  }

  /** Reads a request of the most frequent form, for {@link usualItems}. */
  usual(telemetry: RequestTelemetry): UsualRequest | undefined {
    return this.#known && usualRequest(telemetry, this.#options.now(), this.#known);
  }

  /** The item of a request and, with bodies, their trace; of one that is left out, `undefined` for each. */
  usualItems(usual: UsualRequest, recordsBodies: boolean): readonly (TelemetryItem | undefined)[] {
    const isKept = this.#options.sampler.keeps(usual.traceId);
    const request = isKept ? new UsualItem(usual, this.#requestParts) : undefined;
    return recordsBodies && (usual.input ?? usual.output) !== undefined
      ? [request, isKept ? new UsualItem(usual, this.#bodiesParts) : undefined]
      : [request];
  }

  dependency(telemetry: DependencyTelemetry): ItemDraft | undefined {
    const call = dependencyCall(telemetry, this.#options.now());
    return this.#call('RemoteDependency', call, telemetry.properties);
  }

  /** Never left out: a metric counts what was kept and what was not. */
  metric(telemetry: MetricTelemetry): ItemDraft {
    const request = requestInProgress();
    return this.#made(
      { kind: 'Metric', time: this.#options.now(), request, parentSpanId: request?.operation.spanId },
      { texts: propertyTexts(telemetry.properties ?? {}), data: metricData(telemetry) },
      false,
    );
  }

  #request({ time, request, parentSpanId, data }: Call, { properties }: RequestTelemetry): ItemDraft {
    const texts = properties === undefined ? [] : propertyTexts(properties);
    return this.#made({ kind: 'Request', time, request, parentSpanId }, { texts, data }, true);
  }

  #bodies({ request }: Call, { input, output }: RequestTelemetry, time: number): ItemDraft {
    const { redaction } = this.#options;
    const texts = [
      input === undefined ? undefined : bodyText('Input', String(input), 'input', redaction),
      output === undefined ? undefined : bodyText('Prediction', String(output), 'output', redaction),
    ].filter((text) => text !== undefined);
    const data = ownMessage(BODIES_MESSAGE, 'Information');
    return this.#made(
      { kind: 'Message', time, request, parentSpanId: request?.operation.spanId },
      { texts, data },
      true,
    );
  }

  #keeps(request: RequestReference | undefined): boolean {
    return this.#options.sampler.keeps(request?.operation.traceId);
  }

  #call(kind: string, call: Call, properties: InsightsProperties | undefined): ItemDraft | undefined {
    const { time, request, parentSpanId, data } = call;
    return this.#item({ kind, time, request, parentSpanId }, () => ({
      texts: properties === undefined ? [] : propertyTexts(properties),
      data,
    }));
  }

  #inRequest(kind: string, request: RequestReference | undefined, read: () => Values): ItemDraft | undefined {
    const time = this.#options.now();
    return this.#item({ kind, time, request, parentSpanId: request?.operation.spanId }, read);
  }

  #item(facts: Facts, read: () => Values): ItemDraft | undefined {
    return this.#keeps(facts.request) ? this.#made(facts, read(), facts.request !== undefined) : undefined;
  }

  #made({ kind, time, request, parentSpanId }: Facts, { texts, data }: Values, isShare: boolean): ItemDraft {
    const { context } = this.#options;
    const { all, share } = this.#envelopes.get(kind) ?? this.#addEnvelopes(kind);
    const envelope = isShare ? share : all;
    return new ItemDraft({ envelope, time, request, parentSpanId, context, texts, data });
  }

  #addEnvelopes(kind: string): { readonly all: Envelope; readonly share: Envelope } {
    const { instrumentationKey, sampler } = this.#options;
    const envelopes = {
      all: new Envelope(kind, instrumentationKey, 100),
      share: new Envelope(kind, instrumentationKey, sampler.sampleRate),
    };
    this.#envelopes.set(kind, envelopes);
    return envelopes;
  }
}

const SEVERITIES: ReadonlySet<unknown> = new Set<Severity>(['Verbose', 'Information', 'Warning', 'Error', 'Critical']);

/** The service refuses an item whose severity is none of the names. */
function knownSeverity(severity: Severity): Severity {
  return SEVERITIES.has(severity) ? severity : 'Information';
}

/** Where an item belongs. */
type Facts = Omit<Call, 'data'> & { readonly kind: string };

/** What an item says. */
interface Values {
  readonly texts: readonly PropertyText[];
  readonly data: WriteData;
}

// Functions of their own, so that an item that waits for its texts holds nothing else of what it was made of.

/** @param message One of this package's own. */
function ownMessage(message: PrintStream | typeof BODIES_MESSAGE, severityLevel: Severity): WriteData {
  return (out) => {
    out.piece(MESSAGE);
    out.text(message);
    writeSeverity(out, severityLevel);
    return 0;
  };
}

function messageData(text: string, severityLevel: Severity): WriteData {
  return (out, { messageCharacters }) => {
    out.piece(MESSAGE);
    out.text(cutText(text, messageCharacters));
    writeSeverity(out, severityLevel);
    return text.length > messageCharacters ? Buffer.byteLength(text) : 0;
  };
}

function writeSeverity(out: JsonBytes, severityLevel: Severity): void {
  out.piece(SEVERITY);
  out.text(severityLevel);
}
