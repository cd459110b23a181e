import { type Json, strictList, strictObject, strictText, UnreadableCase } from '../strict.ts';

/** What a recorded item is about, by the function of the peer that made it. */
export type RecordedKind = 'resource' | 'request' | 'print' | 'bodies' | 'exception' | 'notice';

/** One item of a recording. */
export interface RecordedItem {
  readonly kind: RecordedKind;
  /** When it was made, in microseconds: two items of one request are apart by less than a millisecond. */
  readonly timeUs: number;
  readonly tags: Json;
  /** `baseData`, its properties included. */
  readonly data: Json;
  readonly properties: Json;
}

/** One HTTP request with items. */
export interface RecordedBatch {
  /** Path, for example `/v2.1/track`, with the slashes as they came. */
  readonly path: string;
  /** Whether the body was packed. */
  readonly isPacked: boolean;
  readonly items: readonly RecordedItem[];
}

const BATCH_KEYS = ['method', 'url', 'headers', 'wireBytes', 'bodyBytes', 'form', 'envelopes'];
const ENVELOPE_KEYS = ['ver', 'name', 'time', 'sampleRate', 'iKey', 'tags', 'data'];
const TAGS = [
  'ai.device.id',
  'ai.device.locale',
  'ai.device.type',
  'ai.internal.sdkVersion',
  'ai.internal.nodeName',
  'ai.cloud.role',
  'ai.cloud.roleInstance',
  'ai.operation.id',
  'ai.operation.parentId',
  'ai.operation.name',
];
const CODE = ['code.file.path', 'code.function.name', 'code.line.number'];
const REQUEST_PROPERTIES = [
  'Container Id',
  'Request Id',
  'Client Request Id',
  'Response Value',
  'name',
  'url',
  'start_time',
  'duration',
  'resultCode',
  'success',
  'http_method',
  'Workspace Name',
  'Service Name',
];

/** The peer's functions that make items, with the kind of those items. */
const MAKERS: Readonly<Record<string, RecordedKind>> = {
  print_to_logger: 'print',
  send_model_data_log: 'bodies',
  send_exception_log: 'exception',
  log_app_insights_exception: 'exception',
  wait_for_upload: 'notice',
};

/**
 * Reads a recording of what was sent to Application Insights: a line of JSON for each HTTP request.
 *
 * @throws UnreadableCase for anything that is not known, so that nothing is passed over.
 */
export function readTelemetry(text: string): RecordedBatch[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line, index) => readBatch(parse(line, `line ${index + 1}`), `line ${index + 1}`));
}

/** A time as the recordings have it, in microseconds since 1970. */
export function microseconds(text: string, what: string): number {
  const ms = Date.parse(text.replace(/(\.\d{3})\d*Z$/, '$1Z'));
  if (Number.isNaN(ms)) {
    throw new UnreadableCase(`${what} is not a time`);
  }
  const fraction = /\.(\d+)Z$/.exec(text)?.[1] ?? '';
  return Math.floor(ms / 1000) * 1_000_000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

function readBatch(value: unknown, what: string): RecordedBatch {
  const batch = strictObject(value, what, BATCH_KEYS, ['method', 'url', 'envelopes']);
  if (batch['method'] !== 'POST' || (batch['form'] ?? 'array') !== 'array') {
    throw new UnreadableCase(`${what} is not a list that was sent by POST`);
  }
  const headers = (batch['headers'] ?? {}) as Json;
  return {
    path: strictText(batch['url'], `${what}: url`),
    isPacked: headers['content-encoding'] !== undefined,
    items: strictList(batch['envelopes'], `${what}: envelopes`).map((envelope, index) =>
      readEnvelope(envelope, `${what}, item ${index + 1}`),
    ),
  };
}

function readEnvelope(value: unknown, what: string): RecordedItem {
  const envelope = strictObject(value, what, ENVELOPE_KEYS, ENVELOPE_KEYS);
  const { baseType, baseData } = strictObject(envelope['data'], `${what}: data`, ['baseType', 'baseData']);
  const { kind, data } = readData(strictText(baseType, `${what}: baseType`), baseData, what);
  return {
    kind,
    timeUs: microseconds(strictText(envelope['time'], `${what}: time`), `${what}: time`),
    tags: strictObject(envelope['tags'], `${what}: tags`, TAGS),
    data,
    properties: data['properties'] as Json,
  };
}

function readData(
  baseType: string,
  value: unknown,
  what: string,
): { readonly kind: RecordedKind; readonly data: Json } {
  switch (baseType) {
    case 'MetricData': {
      const data = strictObject(value, what, ['ver', 'metrics', 'properties'], ['metrics', 'properties']);
      for (const metric of strictList(data['metrics'], `${what}: metrics`)) {
        if ((metric as Json)['name'] !== '_OTELRESOURCE_') {
          throw new UnreadableCase(`${what} has a metric that this runner does not know`);
        }
      }
      return { kind: 'resource', data };
    }
    case 'RequestData': {
      const known = ['ver', 'id', 'name', 'duration', 'success', 'responseCode', 'properties', 'measurements'];
      const data = strictObject(value, what, known, known.slice(1, -1));
      strictObject(data['measurements'] ?? {}, `${what}: measurements`, []);
      strictObject(data['properties'], `${what}: properties`, REQUEST_PROPERTIES, REQUEST_PROPERTIES);
      return { kind: 'request', data };
    }
    case 'MessageData': {
      const known = ['ver', 'message', 'severityLevel', 'properties'];
      return withMaker(strictObject(value, what, known, ['message', 'properties']), what, [
        'print',
        'bodies',
        'notice',
      ]);
    }
    case 'ExceptionData': {
      const known = ['ver', 'exceptions', 'severityLevel', 'properties'];
      return withMaker(strictObject(value, what, known, ['exceptions', 'properties']), what, ['exception']);
    }
    default:
      throw new UnreadableCase(`${what} is of a kind that this runner does not know: ${baseType}`);
  }
}

function withMaker(data: Json, what: string, kinds: readonly RecordedKind[]) {
  const properties = strictObject(data['properties'], `${what}: properties`, [...CODE, 'custom_dimensions'], CODE);
  const maker = strictText(properties['code.function.name'], `${what}: code.function.name`);
  const kind = MAKERS[maker];
  if (kind === undefined || !kinds.includes(kind)) {
    throw new UnreadableCase(`${what} was made by a function that this runner does not know: ${maker}`);
  }
  return { kind, data };
}

function parse(line: string, what: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new UnreadableCase(`${what} is not JSON`);
  }
}
