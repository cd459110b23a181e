import { type Json, strictList, strictObject, strictText, UnreadableCase } from '../strict.ts';
import {
  type BodiesMeaning,
  type CaseMeaning,
  cutText,
  type FailureMeaning,
  type PrintMeaning,
  parsedText,
  type RequestMeaning,
  type TransportMeaning,
  type Value,
} from './meaning.ts';
import { type PythonDictionary, readPythonDictionary } from './python-literal.ts';
import { microseconds, type RecordedBatch, type RecordedItem } from './recording.ts';

/** Longest message and property of the peer's sender, which cuts without a mark. */
const MESSAGE_CHARACTERS = 32_768;
const PROPERTY_CHARACTERS = 8_192;

const NO_OPERATION = /^0*$/;
/** What the peer calls the request where there is none. */
const NO_REQUEST = 'Unknown';

/** Whether a recording is of requests; else it is of a start that failed. */
export function isOfRequests(batches: readonly RecordedBatch[]): boolean {
  return itemsOf(batches).some(({ kind }) => kind === 'request');
}

/** What a recording tells of each request, in their order. */
export function recordedRequests(batches: readonly RecordedBatch[]): CaseMeaning[] {
  const items = itemsOf(batches);
  const requests = items
    .filter(({ kind }) => kind === 'request')
    .map((item) => ({ item, startUs: microseconds(propertyOf(item, 'start_time'), 'start_time') }))
    .sort((left, right) => left.startUs - right.startUs);
  const inside: RecordedItem[][] = requests.map(() => []);
  for (const item of items.filter(({ kind }) => kind !== 'request' && kind !== 'resource')) {
    // The peer answers one request at a time, and most of its items say nothing of the request: their time does.
    const index = requests.findIndex(
      ({ item: { timeUs }, startUs }) => item.timeUs >= startUs && item.timeUs <= timeUs,
    );
    if (index === -1) {
      throw new UnreadableCase(`an item (${item.kind}) was made outside of every request`);
    }
    inside[index]?.push(item);
  }
  return requests.map(({ item }, index) => ({
    request: requestOf(item),
    ...insideOf(inside[index] ?? [], String(item.tags['ai.operation.id'])),
  }));
}

/** What a recording tells of a start that failed. */
export function recordedStart(batches: readonly RecordedBatch[], exitCode: number): CaseMeaning {
  return { ...insideOf(itemsOf(batches), undefined), exitCode };
}

/** What a recording tells of the sending. */
export function recordedTransport(batches: readonly RecordedBatch[]): TransportMeaning {
  const paths = new Set(batches.map(({ path }) => path));
  const isPacked = new Set(batches.map((batch) => batch.isPacked));
  if (paths.size !== 1 || isPacked.size !== 1) {
    throw new UnreadableCase('the requests are not sent in one way');
  }
  return {
    path: [...paths][0] as string,
    isPacked: isPacked.has(true),
    resourceMetrics: itemsOf(batches).some(({ kind }) => kind === 'resource'),
  };
}

function itemsOf(batches: readonly RecordedBatch[]): RecordedItem[] {
  return batches.flatMap(({ items }) => items).sort((left, right) => left.timeUs - right.timeUs);
}

function requestOf({ data, tags, properties }: RecordedItem): RequestMeaning {
  const text = (name: string) => strictText(properties[name], name);
  const method = text('http_method');
  return {
    requestId: text('Request Id'),
    clientRequestId: text('Client Request Id') || undefined,
    method,
    path: new URL(text('url')).pathname,
    status: text('resultCode'),
    success: text('success') === 'True',
    answer: textValue(text('Response Value'), PROPERTY_CHARACTERS),
    service: text('Service Name'),
    workspace: text('Workspace Name'),
    container: text('Container Id'),
    columns: {
      name: String(data['name']),
      operationName: optional(tags['ai.operation.name']),
      success: data['success'] === true,
      responseCode: String(data['responseCode']),
      path: undefined,
      isTimed: /[1-9]/.test(String(data['duration'])),
      role: optional(tags['ai.cloud.role']),
      instance: optional(tags['ai.cloud.roleInstance']),
    },
  };
}

function insideOf(items: readonly RecordedItem[], operation: string | undefined): CaseMeaning {
  const isJoined = ({ tags }: RecordedItem) =>
    operation !== undefined &&
    !NO_OPERATION.test(String(tags['ai.operation.id'] ?? '')) &&
    tags['ai.operation.id'] === operation;
  const prints: PrintMeaning[] = [];
  const failures: FailureMeaning[] = [];
  const bodies: BodiesMeaning[] = [];
  const notices: string[] = [];
  for (const item of items) {
    const { kind, data } = item;
    if (kind === 'print') {
      const value = textValue(strictText(data['message'], 'message'), MESSAGE_CHARACTERS);
      prints.push({ value, stream: 'STDOUT', place: 'message', isJoined: isJoined(item), requestId: undefined });
    } else if (kind === 'exception') {
      failures.push(failureOf(item, isJoined(item)));
    } else if (kind === 'bodies') {
      bodies.push(bodiesOf(item, isJoined(item)));
    } else if (kind === 'notice') {
      notices.push(strictText(data['message'], 'message'));
    }
  }
  if (bodies.length > 1) {
    throw new UnreadableCase('a request has its bodies more than once');
  }
  return { prints, failures, ...(bodies[0] === undefined ? {} : { bodies: bodies[0] }), notices, others: [] };
}

function failureOf(item: RecordedItem, isJoined: boolean): FailureMeaning {
  const list = strictList(item.data['exceptions'], 'exceptions');
  const known = ['typeName', 'message', 'hasFullStack', 'stack'];
  const thrown = strictObject(list[0], 'exception', known, known);
  if (list.length !== 1) {
    throw new UnreadableCase('an item has several exceptions');
  }
  const type = strictText(thrown['typeName'], 'typeName');
  // A cause stands above the sentence by which Python joins it to what came of it.
  const [first = '', ...rest] = strictText(thrown['stack'], 'stack').split('\n\nThe above exception was');
  const last = /(?:^|\n)((?:\w+\.)*(\w+)): ([^\n]*)\s*$/.exec(first);
  if (last === null) {
    throw new UnreadableCase('an exception does not end with its text');
  }
  const dictionary = dictionaryOf(item);
  const requestId = optional(dictionary?.values['Request Id']);
  return {
    type: last[2] as string,
    message: last[3] as string,
    wrapper: rest.length > 0 ? type : undefined,
    isJoined,
    requestId: requestId === NO_REQUEST ? undefined : requestId,
  };
}

function bodiesOf(item: RecordedItem, isJoined: boolean): BodiesMeaning {
  const dictionary = dictionaryOf(item);
  const known = [
    'Container Id',
    'Request Id',
    'Client Request Id',
    'Workspace Name',
    'Service Name',
    'Models',
    'Input',
    'Prediction',
  ];
  const values: Json = strictObject(dictionary?.values, 'the model data', known, known);
  const text = (name: string) => {
    const value = strictText(values[name], name);
    return dictionary?.cutAt === name ? cutText(value) : parsedText(value);
  };
  const input = text('Input');
  return {
    requestId: optional(values['Request Id']),
    clientRequestId: optional(values['Client Request Id']),
    service: optional(values['Service Name']),
    workspace: optional(values['Workspace Name']),
    container: optional(values['Container Id']),
    models: values['Models'] as readonly string[],
    // The text that came in, as a JSON text.
    input: typeof input === 'string' && dictionary?.cutAt !== 'Input' ? parsedText(input) : input,
    output: text('Prediction'),
    isJoined,
  };
}

function dictionaryOf({ properties }: RecordedItem): PythonDictionary | undefined {
  const text = properties['custom_dimensions'];
  return text === undefined ? undefined : readPythonDictionary(strictText(text, 'custom_dimensions'));
}

function textValue(text: string, limit: number): Value {
  return text.length >= limit ? cutText(text) : parsedText(text);
}

function propertyOf({ properties }: RecordedItem, name: string): string {
  return strictText(properties[name], name);
}

function optional(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
