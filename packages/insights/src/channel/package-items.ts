import { packageReportsUncaught, watchesHttpServers } from './detect-package.ts';
import { attributesOf, durationMs, type HandedItem, hrTime } from './handed-item.ts';
import {
  type AttributeValue,
  activeSpan,
  contextWithParent,
  type OpenTelemetry,
  type OtelSpan,
} from './open-telemetry.ts';

const NAME = '@azureml-ts/insights';
const KIND_SERVER = 1;
const KIND_CLIENT = 2;
const STATUS_OK = 1;
const STATUS_ERROR = 2;
/** Numbers that are summed up beyond this come as one. */
const MAX_SUMMED = 10_000;

/**
 * Hands items to the package as spans, log records and measurements, with the attributes from which its exporter makes
 * the same items again. Its own `trackRequest` and `trackDependency` lose url, status, target and ids on the way.
 *
 * @internal
 */
export class PackageItems {
  readonly #api: OpenTelemetry;
  readonly #histograms = new Map<
    string,
    ReturnType<ReturnType<NonNullable<OpenTelemetry['metrics']>['getMeter']>['createHistogram']>
  >();

  constructor(api: OpenTelemetry) {
    this.#api = api;
  }

  hand(item: HandedItem): void {
    if (item.baseType === 'RequestData') {
      this.#request(item);
    } else if (item.baseType === 'RemoteDependencyData') {
      this.#dependency(item);
    } else if (item.baseType === 'MetricData') {
      this.#metric(item);
    } else if (!(item.baseType === 'ExceptionData' && 'origin' in item.properties && packageReportsUncaught())) {
      this.#record(item);
    }
  }

  #request(item: HandedItem): void {
    const { name, url, responseCode, success } = item.baseData;
    const active = activeSpan(this.#api);
    const served = active?.kind === KIND_SERVER ? active : undefined;
    const attributes = { ...attributesOf(item.properties), ...requestAttributes(String(name), url, responseCode) };
    const isHttp = url !== undefined && /^[A-Z]+ \//.test(String(name));
    if (served !== undefined || (isHttp && watchesHttpServers())) {
      // The package reports this request by itself: it gets what only we know, and is not reported twice.
      if (served?.isRecording()) {
        served.setAttributes(attributes);
        served.updateName(String(name));
        served.setStatus({ code: success === true ? STATUS_OK : STATUS_ERROR });
      }
      return;
    }
    this.#span(item, KIND_SERVER, attributes);
  }

  #dependency(item: HandedItem): void {
    const attributes = { ...attributesOf(item.properties), ...dependencyAttributes(item.baseData) };
    this.#span(item, KIND_CLIENT, attributes);
  }

  #span(item: HandedItem, kind: number, attributes: Record<string, AttributeValue>): void {
    const { traceId, parentSpanId, time, baseData, sampleRate } = item;
    const spanId = String(baseData['id']);
    const around = kind === KIND_SERVER ? undefined : this.#around();
    const parent =
      around ??
      (traceId === undefined ? undefined : { traceId, spanId: isSpanId(parentSpanId) ? parentSpanId : spanId });
    const span = this.#api.traces.getTracer(NAME).startSpan(
      String(baseData['name']),
      {
        kind,
        startTime: hrTime(time),
        attributes: sampleRate === 100 ? attributes : { ...attributes, 'microsoft.sample_rate': sampleRate },
      },
      contextWithParent(this.#api, parent),
    );
    if (!span.isRecording()) {
      return;
    }
    setId(span, spanId);
    if (around === undefined && !isSpanId(parentSpanId)) {
      // Its trace id came from a parent that is none.
      (span as { parentSpanContext?: unknown }).parentSpanContext = undefined;
    }
    span.setStatus({ code: baseData['success'] === false ? STATUS_ERROR : STATUS_OK });
    span.end(hrTime(time + durationMs(baseData['duration'])));
  }

  #record({ baseType, baseData, properties, time, traceId, parentSpanId }: HandedItem): void {
    const { ver, ...body } = baseData;
    const parent = traceId === undefined ? undefined : { traceId, spanId: parentSpanId ?? '0'.repeat(16) };
    this.#api.logs.getLogger(NAME).emit({
      context: contextWithParent(this.#api, this.#around() ?? parent),
      timestamp: new Date(time),
      attributes: { ...attributesOf(properties), '_MS.baseType': baseType },
      body: { ...body, version: ver },
    });
  }

  #metric({ baseData, properties }: HandedItem): void {
    const [metric] = baseData['metrics'] as readonly {
      readonly name: string;
      readonly value: number;
      readonly count?: number;
      readonly min?: number;
      readonly max?: number;
    }[];
    const { metrics } = this.#api;
    if (metric === undefined || metrics === undefined) {
      return;
    }
    let histogram = this.#histograms.get(metric.name);
    if (histogram === undefined) {
      histogram = metrics.getMeter(NAME).createHistogram(metric.name);
      this.#histograms.set(metric.name, histogram);
    }
    for (const value of numbersOf(metric)) {
      histogram.record(value, attributesOf(properties), contextWithParent(this.#api, undefined));
    }
  }

  /** The span that the program runs in, where the package or the program itself makes one. */
  #around(): OtelSpan | undefined {
    const span = activeSpan(this.#api);
    // One that is not exported tells no kind: nothing could hang on it.
    return span?.kind === undefined ? undefined : span;
  }
}

/** The exporter makes the name of method and route, and takes url and status only where there is a method. */
function requestAttributes(name: string, url: unknown, responseCode: unknown): Record<string, AttributeValue> {
  const [, method, route] = /^(\S+) (\S.*)$/s.exec(name) ?? [];
  if (method === undefined || route === undefined) {
    return {
      'rpc.grpc.status_code': String(responseCode),
      ...(url === undefined ? {} : { 'property.url': String(url) }),
    };
  }
  return {
    'http.request.method': method,
    'http.route': route,
    'http.response.status_code': String(responseCode),
    ...(url === undefined ? {} : { 'url.full': String(url) }),
  };
}

/** From the parts of a URL the exporter makes `data` again and leaves the name alone; from a whole URL it makes both. */
function dependencyAttributes(baseData: Readonly<Record<string, unknown>>): Record<string, AttributeValue> {
  const { type, data, target, resultCode } = baseData as Readonly<Record<string, string | undefined>>;
  const peer: Record<string, AttributeValue> = target === undefined ? {} : { 'peer.service': target };
  const url = data !== undefined && URL.canParse(data) ? new URL(data) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) {
    const isHttp = type === undefined || /^http$/i.test(type);
    return {
      ...peer,
      'http.request.method': 'HTTP',
      'url.scheme': url.protocol.slice(0, -1),
      'server.address': url.host,
      'url.path': `${url.pathname}${url.search}`,
      ...(resultCode === undefined ? {} : { 'http.response.status_code': resultCode }),
      ...(isHttp ? {} : { 'property.type': type }),
    };
  }
  return {
    ...peer,
    ...(type === undefined ? {} : { 'db.system': type }),
    ...(data === undefined ? {} : { 'db.statement': data }),
    ...(resultCode === undefined ? {} : { 'property.resultCode': resultCode }),
  };
}

/** Numbers with the same sum, count, smallest and largest. */
function* numbersOf(metric: {
  readonly value: number;
  readonly count?: number;
  readonly min?: number;
  readonly max?: number;
}): Generator<number> {
  const { value, count = 1, min, max } = metric;
  if (count <= 1 || count > MAX_SUMMED) {
    yield value;
    return;
  }
  const least = min ?? value / count;
  const most = max ?? value / count;
  yield least;
  yield most;
  for (let index = 2; index < count; index++) {
    yield (value - least - most) / (count - 2);
  }
}

function isSpanId(text: string | undefined): text is string {
  return text !== undefined && /^[0-9a-f]{16}$/.test(text) && /[1-9a-f]/.test(text);
}

/** Other items refer to this one by its id. The package sets ids in the same way. */
function setId(span: OtelSpan, spanId: string): void {
  if (isSpanId(spanId)) {
    span.spanContext().spanId = spanId;
  }
}
