import { isSameJson, type JsonDifference } from '../json-differences.ts';
import { type CaseMeaning, isMarkedForCut, type RequestMeaning } from '../telemetry/meaning.ts';
import { pythonText } from '../telemetry/python-text.ts';
import type { RuleText } from './rule.ts';

/** What was recorded of a case, and what ours tells of it. */
export interface TelemetryScene {
  readonly recorded: CaseMeaning;
  readonly ours: CaseMeaning;
}

/** A difference that is meant. */
export interface TelemetryRule extends RuleText {
  /** It shows in every case, so that it is not told beside each. Default `false`. */
  readonly isCommon?: boolean;
  /** Whether it explains a difference; `path` is its place in the meaning of the case. */
  explains(difference: JsonDifference & { readonly at: string }, scene: TelemetryScene): boolean;
  /** Whether ours does as the rule says; asked in every case, so that ours never falls back to what the peer does. */
  keeps?(ours: CaseMeaning): boolean;
}

/** Rules about what goes to Application Insights. */
export const TELEMETRY_RULES: readonly TelemetryRule[] = [
  {
    id: 'true-result',
    peer: 'the columns of a request say `success` true and `responseCode` 0 whatever was answered; the truth is in properties',
    ours: 'the columns say the status of the answer, and `success` false from 400 on, so that charts and alerts are right',
    explains: ({ at, recorded, ours }, { ours: { request } }) =>
      (at === 'request.columns.success' && recorded === true && ours === request?.success) ||
      (at === 'request.columns.responseCode' && recorded === '0' && ours === request?.status),
    keeps: ({ request }) =>
      request === undefined ||
      (request.columns.success === Number(request.status) < 400 && request.columns.responseCode === request.status),
  },
  {
    id: 'true-duration',
    isCommon: true,
    peer: 'the column `duration` of a request is always 0; the truth is in a property',
    ours: 'the column has the time that it took',
    explains: ({ at, recorded, ours }) => at === 'request.columns.isTimed' && recorded === false && ours === true,
    keeps: ({ request }) => request === undefined || request.columns.isTimed,
  },
  {
    id: 'url-column',
    isCommon: true,
    peer: 'the URL of a request is in a property',
    ours: 'it is in the column `url`, without the query',
    explains: ({ at, recorded, ours }, { recorded: { request } }) =>
      at === 'request.columns.path' && recorded === undefined && ours === request?.path,
  },
  {
    id: 'name-with-method',
    isCommon: true,
    peer: 'a request is called by its path: `/score`',
    ours: 'by method and path, as Application Insights does: `POST /score`',
    explains: ({ at, recorded, ours }, { recorded: { request } }) =>
      at === 'request.columns.name' && ours === `${request?.method} ${recorded}`,
  },
  {
    id: 'operation-name',
    isCommon: true,
    peer: 'the request item alone has an operation name, its path',
    ours: 'no name beside that of the request item, or that one',
    explains: ({ at, ours }, scene) =>
      at === 'request.columns.operationName' && (ours === undefined || ours === scene.ours.request?.columns.name),
  },
  {
    id: 'role-instance',
    isCommon: true,
    peer: 'the instance of the role is the host, and the container a property',
    ours: 'the instance of the role is the container, and it is a property too',
    explains: ({ at, ours }, { recorded: { request } }) =>
      at === 'request.columns.instance' && ours === request?.container,
  },
  {
    id: 'answer-once',
    isCommon: true,
    peer: 'the answer is a property of the request item (`Response Value`), and once more in the trace of the bodies',
    ours: 'it is in the trace of the bodies only (`Prediction`)',
    explains: ({ at, recorded, ours }, scene) =>
      /^request\.answer(\.|$)/.test(at) &&
      ours === undefined &&
      (isSameAnswer(recorded, scene.ours.bodies?.output) || isErrorAnswer(scene) || isRefusedNumber(scene)),
  },
  {
    id: 'cut-with-mark',
    peer: 'texts are cut without a mark, at 32,768 characters in a message and at 8,192 in a property, and are no JSON any more',
    ours: 'a long text goes whole to the storage with a pointer in its place, or is shortened by its structure: still JSON, marked, with its true length',
    explains: ({ at, recorded, ours }) =>
      /^(prints\.\d+\.value|bodies\.(input|output))$/.test(at) && isMarkedForCut(recorded, ours),
  },
  {
    id: 'print-in-contents',
    peer: 'a printed text is the message of its trace',
    ours: 'the message is `STDOUT` or `STDERR`, and what was printed stands in `customDimensions.Contents`, as the articles query it',
    explains: ({ at, recorded, ours }) =>
      /^prints\.\d+\.place$/.test(at) && recorded === 'message' && ours === 'Contents',
    keeps: ({ prints }) => prints.every(({ place }) => place === 'Contents'),
  },
  {
    id: 'print-joined',
    peer: 'the trace of a print has no operation and no request id: no query finds the request it belongs to',
    ours: 'it has both',
    explains: ({ at, recorded, ours }, { ours: { request } }) =>
      (/^prints\.\d+\.isJoined$/.test(at) && recorded === false && ours === true) ||
      (/^prints\.\d+\.requestId$/.test(at) && recorded === undefined && ours === request?.requestId),
    keeps: ({ request, prints }) => request === undefined || prints.every((print) => isOf(request, print)),
  },
  {
    id: 'arguments-as-values',
    peer: '`print` with several values is one text as Python writes it',
    ours: '`Contents` is the JSON list of the values',
    explains: ({ at, recorded, ours }) =>
      /^prints\.\d+\.value$/.test(at) && Array.isArray(ours) && recorded === ours.map(pythonText).join(' '),
  },
  {
    id: 'standard-error',
    peer: 'what is printed to standard error does not arrive',
    ours: '`console.error` and `console.warn` are traces `STDERR`',
    explains: ({ at, recorded, ours }) =>
      /^prints\.\d+$/.test(at) && recorded === undefined && (ours as { stream: string }).stream === 'STDERR',
  },
  {
    id: 'own-exception',
    peer: 'the type of an exception is a class of the server, its message the text of a tuple; the error of the script is in the stack only',
    ours: 'type, message and stack are those of the error of the script, with its causes',
    explains: ({ at, recorded, ours }) =>
      /^failures\.\d+\.wrapper$/.test(at) && typeof recorded === 'string' && ours === undefined,
    keeps: ({ failures }) => failures.every(({ wrapper }) => wrapper === undefined),
  },
  {
    id: 'failure-joined',
    peer: 'exceptions and bodies have no operation',
    ours: 'they have that of their request',
    explains: ({ at, recorded, ours }) =>
      /^(failures\.\d+|bodies)\.isJoined$/.test(at) && recorded === false && ours === true,
    keeps: ({ request, failures, bodies }) =>
      request === undefined ||
      [...failures, ...(bodies === undefined ? [] : [bodies])].every((item) => isOf(request, item)),
  },
  {
    id: 'errors-of-node',
    peer: 'JSON that cannot be read is a `JSONDecodeError` in the script',
    ours: 'it is a `SyntaxError`, with the words of Node',
    explains: ({ at }, { recorded, ours }) =>
      /^failures\.0\.(type|message)$/.test(at) &&
      recorded.failures[0]?.type === 'JSONDecodeError' &&
      ours.failures[0]?.type === 'SyntaxError',
  },
  {
    id: 'unfit-result',
    peer: 'for a result that JSON cannot hold there is an exception of the logging of bodies, without the request id',
    ours: 'the exception is that of the answer, says which part of the result it is, and has the request id',
    explains: ({ at }, { recorded, ours }) =>
      /^failures\.0\.(type|message|requestId)$/.test(at) &&
      /not JSON serializable$/.test(recorded.failures[0]?.message ?? '') &&
      ours.failures[0]?.type === 'NotSerializableError' &&
      ours.failures[0].requestId === ours.request?.requestId,
  },
  {
    id: 'no-nan',
    peer: 'a result NaN is answered as `NaN` with status 200, which is no JSON',
    ours: 'it is answered with 500 and a message, and reported as any failure',
    explains: ({ at }, scene) =>
      isRefusedNumber(scene) &&
      /^(request\.(status|success)|request\.columns\.success|bodies\.output(\..*)?|failures\.0)$/.test(at),
  },
  {
    id: 'bodies-of-failures',
    peer: 'a request that failed has no trace of its bodies',
    ours: 'it has one as any other',
    explains: ({ at, recorded, ours }, scene) =>
      at === 'bodies' &&
      recorded === undefined &&
      Number(scene.recorded.request?.status) >= 400 &&
      (ours as CaseMeaning['bodies'])?.requestId === scene.ours.request?.requestId &&
      (ours as CaseMeaning['bodies'])?.isJoined === true,
  },
  {
    id: 'output-as-answered',
    peer: 'the trace of the bodies has `null` for a script that returned nothing, and the answer `{}`',
    ours: 'it has the answer as it was sent',
    explains: ({ at, recorded, ours }, scene) =>
      at === 'bodies.output' &&
      recorded === null &&
      isSameJson(ours, {}) &&
      isSameJson(scene.recorded.request?.answer, {}),
  },
  {
    id: 'no-fixed-wait',
    peer: 'after an `init()` that failed it waits 30 seconds for telemetry, and says so in two traces',
    ours: 'it waits until its items have arrived, 5 seconds at most, and says nothing of it there',
    explains: ({ at, recorded, ours }) =>
      /^notices\.\d+$/.test(at) &&
      ours === undefined &&
      /^Waiting .*(upload|sent to Application Insights)/.test(String(recorded)),
  },
  {
    id: 'one-slash',
    peer: 'items go to `//v2.1/track` when the endpoint ends in a slash',
    ours: 'they go to `/v2.1/track`',
    explains: ({ at, recorded, ours }) => at === 'path' && recorded === `/${ours}`,
  },
  {
    id: 'packed',
    peer: 'items are sent as they are',
    ours: 'they are sent packed with gzip',
    explains: ({ at, recorded, ours }) => at === 'isPacked' && recorded === false && ours === true,
  },
  {
    id: 'no-resource-metric',
    peer: 'each request brings a metric `_OTELRESOURCE_` that tells of the process and its command line',
    ours: 'there is none',
    explains: ({ at, recorded, ours }) => at === 'resourceMetrics' && recorded === true && ours === false,
  },
];

interface Joined {
  readonly isJoined: boolean;
  readonly requestId: string | undefined;
}

function isOf(request: RequestMeaning, item: Joined): boolean {
  return item.isJoined && item.requestId === request.requestId;
}

function isSameAnswer(recorded: unknown, output: unknown): boolean {
  return isSameJson(recorded, output) || isMarkedForCut(recorded, output);
}

/** The words of an error are free. */
function isErrorAnswer({ recorded, ours }: TelemetryScene): boolean {
  const output = ours.bodies?.output as { readonly message?: unknown } | undefined;
  return (
    Number(recorded.request?.status) >= 400 &&
    recorded.request?.status === ours.request?.status &&
    typeof (recorded.request?.answer as { readonly message?: unknown } | undefined)?.message === 'string' &&
    typeof output?.message === 'string'
  );
}

function isRefusedNumber({ recorded, ours }: TelemetryScene): boolean {
  return (
    recorded.request?.status === '200' &&
    ['NaN', 'Infinity', '-Infinity'].includes(recorded.request.answer as string) &&
    ours.request?.status === '500' &&
    ours.failures[0]?.type === 'NotSerializableError'
  );
}
