import { randomUUID } from 'node:crypto';
import { redactSecrets } from '@azureml-ts/common';
import { type ItemContext, type RequestReference, requestInProgress } from '../context.ts';
import type { ExceptionTelemetry, RequestTelemetry, Severity, TraceTelemetry } from '../types.ts';
import { contentsOf } from './contents.ts';
import { formatDuration } from './duration.ts';
import { type Envelope, type SerializedItem, serializeWithin } from './envelope.ts';
import { exceptionDetails, readErrorChain } from './exceptions.ts';
import { type Limits, nameCharacters } from './limits.ts';
import { operationOf } from './operation.ts';
import { fitProperties, type InsightsProperties, propertyTexts } from './properties.ts';
import { cutText } from './shorten.ts';

/** An item's own fields within limits. */
type DataWithin = (limits: Limits) => {
  /** Bytes of the texts that were too long for the limits. */
  readonly shortened: number;
  readonly baseData: object;
};

/** The stream that a printed line went to. @internal */
export type PrintStream = 'STDOUT' | 'STDERR';

/** Makes items, each with what ties it to its request and process. @internal */
export class ItemFactory {
  readonly #instrumentationKey: string;
  readonly #context: ItemContext;
  readonly #now: () => number;

  constructor(instrumentationKey: string, context: ItemContext, now: () => number) {
    this.#instrumentationKey = instrumentationKey;
    this.#context = context;
    this.#now = now;
  }

  /** A printed line. Source: the reference inference server's trace of a print. */
  printed(stream: PrintStream, severity: Severity, values: readonly unknown[]): SerializedItem {
    return this.trace({ message: stream, severity, properties: { Contents: contentsOf(values) } });
  }

  trace({ message, severity = 'Information', properties = {} }: TraceTelemetry): SerializedItem {
    const text = String(message);
    return this.#inRequest('Message', properties, (limits) => ({
      shortened: text.length > limits.messageCharacters ? Buffer.byteLength(text) : 0,
      baseData: { message: cutText(text, limits.messageCharacters), severityLevel: severity },
    }));
  }

  exception({ error, severity = 'Error', properties = {} }: ExceptionTelemetry): SerializedItem {
    const chain = readErrorChain(error);
    return this.#inRequest('Exception', properties, (limits) => {
      const longest = Math.floor(limits.messageCharacters / chain.length);
      const shortened = chain.filter(({ message, cutBytes }) => cutBytes !== undefined || message.length > longest);
      return {
        shortened: shortened.reduce((sum, { message, cutBytes }) => sum + (cutBytes ?? Buffer.byteLength(message)), 0),
        baseData: { exceptions: exceptionDetails(chain, limits), severityLevel: severity },
      };
    });
  }

  request(telemetry: RequestTelemetry): SerializedItem {
    const { name, url, startedAt, durationMs, statusCode, success = statusCode < 400, properties = {} } = telemetry;
    const request = referenceOf(telemetry);
    const time = Number.isNaN(startedAt.getTime()) ? this.#now() - durationMs : startedAt.getTime();
    const shownUrl = url === undefined ? undefined : redactSecrets(String(url));
    const shownName = redactSecrets(String(name));
    return this.#item('Request', time, request, telemetry.parentSpanId, properties, (limits) => ({
      shortened: 0,
      baseData: {
        id: cutText(request.operation.spanId, 128),
        name: cutText(shownName, nameCharacters(limits)),
        duration: formatDuration(durationMs),
        responseCode: String(statusCode),
        success,
        ...(shownUrl === undefined ? {} : { url: cutText(shownUrl, 2 * nameCharacters(limits)) }),
      },
    }));
  }

  #inRequest(kind: string, properties: InsightsProperties, data: DataWithin): SerializedItem {
    const request = requestInProgress();
    return this.#item(kind, this.#now(), request, request?.operation.spanId, properties, data);
  }

  #item(
    kind: string,
    time: number,
    request: RequestReference | undefined,
    parentSpanId: string | undefined,
    properties: InsightsProperties,
    data: DataWithin,
  ): SerializedItem {
    const texts = propertyTexts(properties);
    const contextProperties = this.#context.properties(request);
    const tags = this.#context.tags(request, parentSpanId);
    return serializeWithin((limits): Envelope => {
      const { shortened, baseData } = data(limits);
      return {
        ver: 1,
        name: `Microsoft.ApplicationInsights.${kind}`,
        time: new Date(time).toISOString(),
        iKey: this.#instrumentationKey,
        tags,
        data: {
          baseType: `${kind}Data`,
          baseData: { ver: 2, ...baseData, properties: fitProperties(texts, contextProperties, limits, shortened) },
        },
      };
    });
  }
}

/** The request in progress, unless the telemetry names another. */
function referenceOf({ requestId, clientRequestId, traceId, spanId }: RequestTelemetry): RequestReference {
  const current = requestInProgress();
  const isCurrent = current !== undefined && (requestId === undefined || requestId === current.requestId);
  const id = requestId ?? current?.requestId ?? '';
  const operation = isCurrent ? current.operation : operationOf({ requestId: id === '' ? randomUUID() : id });
  return {
    requestId: id,
    clientRequestId: clientRequestId ?? (isCurrent ? current.clientRequestId : undefined),
    operation: { traceId: traceId ?? operation.traceId, spanId: spanId ?? operation.spanId },
  };
}
