import type { TelemetryItem, TelemetryRequest } from '@azureml-ts/testing';
import {
  type BodiesMeaning,
  type CaseMeaning,
  type FailureMeaning,
  markedText,
  type PrintMeaning,
  parsedText,
  type RequestMeaning,
  type TransportMeaning,
  type Value,
} from './meaning.ts';

const CONTEXT = ['Request Id', 'Client Request Id', 'Workspace Name', 'Service Name', 'Container Id', 'Models'];
const MARKS = ['truncated', 'originalBytes'];
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  request: CONTEXT,
  print: [...CONTEXT, 'Contents', ...MARKS],
  bodies: [...CONTEXT, 'Input', 'Prediction', ...MARKS],
  exception: CONTEXT,
};

/** What our items tell of one request. */
export function ourRequest(items: readonly TelemetryItem[], requestId: string): CaseMeaning {
  const own = items.filter(({ properties }) => properties['Request Id'] === requestId);
  const requests = own.filter(({ baseType }) => baseType === 'RequestData');
  const [request] = requests;
  const meaning = insideOf(
    own.filter((item) => item !== request),
    request,
  );
  return request === undefined ? meaning : { request: requestOf(request), ...meaning };
}

/** What our items tell of a start that failed. */
export function ourStart(items: readonly TelemetryItem[], exitCode: number | undefined): CaseMeaning {
  return { ...insideOf(items, undefined), exitCode };
}

/** Items that belong to none of the requests. */
export function strayItems(items: readonly TelemetryItem[], requestIds: readonly string[]): string[] {
  return items
    .filter(({ properties }) => !requestIds.includes(properties['Request Id'] ?? ''))
    .map(({ baseType, data }) => `${baseType} ${data['message'] ?? ''}`.trim());
}

/** What our requests tell of the sending. */
export function ourTransport(requests: readonly TelemetryRequest[]): TransportMeaning {
  return {
    path: [...new Set(requests.map(({ path }) => path))].join(', '),
    isPacked: requests.every(({ headers }) => headers['content-encoding'] === 'gzip'),
    resourceMetrics: false,
  };
}

function requestOf({ data, tags, properties }: TelemetryItem): RequestMeaning {
  const [, method = '', route = ''] = /^(\S+) (.*)$/.exec(String(data['name'])) ?? [];
  const path = data['url'] === undefined ? undefined : new URL(String(data['url'])).pathname;
  return {
    requestId: properties['Request Id'] ?? '',
    clientRequestId: properties['Client Request Id'],
    method,
    path: path ?? route,
    status: String(data['responseCode']),
    success: data['success'] === true,
    answer: undefined,
    ...senderOf(properties),
    columns: {
      name: String(data['name']),
      operationName: tags['ai.operation.name'],
      success: data['success'] === true,
      responseCode: String(data['responseCode']),
      path,
      isTimed: /[1-9]/.test(String(data['duration'])),
      role: tags['ai.cloud.role'],
      instance: tags['ai.cloud.roleInstance'],
    },
  };
}

function insideOf(items: readonly TelemetryItem[], request: TelemetryItem | undefined): CaseMeaning {
  const prints: PrintMeaning[] = [];
  const failures: FailureMeaning[] = [];
  const bodies: BodiesMeaning[] = [];
  const others: string[] = [];
  for (const item of items) {
    const kind = kindOf(item);
    const isJoined =
      request !== undefined &&
      item.tags['ai.operation.id'] === request.tags['ai.operation.id'] &&
      item.tags['ai.operation.parentId'] === request.data['id'];
    if (kind === 'print') {
      prints.push(printOf(item, isJoined));
    } else if (kind === 'exception') {
      failures.push(failureOf(item, isJoined));
    } else if (kind === 'bodies' && bodies.length === 0) {
      bodies.push(bodiesOf(item, isJoined));
    } else {
      others.push(`${item.baseType} ${item.data['message'] ?? ''}`.trim());
    }
  }
  for (const item of [...items, ...(request === undefined ? [] : [request])]) {
    const unknown = Object.keys(item.properties).filter((name) => !KNOWN[kindOf(item)]?.includes(name));
    others.push(...unknown.map((name) => `property ${name} of ${item.baseType}`));
  }
  return { prints, failures, ...(bodies[0] === undefined ? {} : { bodies: bodies[0] }), notices: [], others };
}

function kindOf({ baseType, data }: TelemetryItem): string {
  switch (baseType) {
    case 'RequestData':
      return 'request';
    case 'ExceptionData':
      return 'exception';
    case 'MessageData':
      return (
        ({ STDOUT: 'print', STDERR: 'print', model_data_collection: 'bodies' } as Record<string, string>)[
          String(data['message'])
        ] ?? 'message'
      );
    default:
      return baseType;
  }
}

function printOf({ data, properties }: TelemetryItem, isJoined: boolean): PrintMeaning {
  return {
    value: textValue(properties['Contents'] ?? ''),
    stream: data['message'] as PrintMeaning['stream'],
    place: 'Contents',
    isJoined,
    requestId: properties['Request Id'],
  };
}

function failureOf({ data, properties }: TelemetryItem, isJoined: boolean): FailureMeaning {
  const [thrown] = data['exceptions'] as readonly { readonly typeName: string; readonly message: string }[];
  return {
    type: thrown?.typeName ?? '',
    message: thrown?.message ?? '',
    wrapper: undefined,
    isJoined,
    requestId: properties['Request Id'],
  };
}

function bodiesOf({ properties }: TelemetryItem, isJoined: boolean): BodiesMeaning {
  return {
    requestId: properties['Request Id'],
    clientRequestId: properties['Client Request Id'],
    ...senderOf(properties),
    models: properties['Models'] === undefined ? undefined : JSON.parse(properties['Models']),
    input: textValue(properties['Input'] ?? ''),
    output: textValue(properties['Prediction'] ?? ''),
    isJoined,
  };
}

function senderOf(properties: Readonly<Record<string, string>>) {
  return {
    service: properties['Service Name'],
    workspace: properties['Workspace Name'],
    container: properties['Container Id'],
  };
}

/** A text that was shortened says so in itself. */
function textValue(text: string): Value {
  const value = parsedText(text);
  const isMarked = typeof value === 'object' && value !== null && '$truncated' in value && 'preview' in value;
  return isMarked ? markedText(value.preview) : value;
}
