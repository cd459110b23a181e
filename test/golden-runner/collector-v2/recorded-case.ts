import { anyObject, type Json, strictList, strictObject, strictText, UnreadableCase } from '../strict.ts';

/** A request of the Python collector. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** What the caller did, and what came of it. */
export interface RecordedStep {
  readonly do: string;
  readonly fields: Json;
  readonly expect: Json;
}

/** One recorded case of the Python collector. */
export interface RecordedCase {
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly configFile: { readonly variable: string; readonly content: unknown } | undefined;
  readonly input: unknown;
  /** `null` where steps cannot say what the caller did. */
  readonly steps: readonly RecordedStep[] | null;
  readonly note: string;
  readonly requests: readonly RecordedRequest[];
  /** Lines that the collector printed in place of sending records. */
  readonly printed: readonly string[];
  /** Share that was kept, where a rate below 100 percent was in force. */
  readonly percentage: number | undefined;
  /** Whether `requests` are all that were sent: of many only the first are recorded. */
  readonly hasAllRequests: boolean;
}

const CASE_FIELDS = [
  ...['environment', 'configFile', 'input', 'steps', 'note', 'requests', 'printed', 'outcome', 'request_count'],
  ...['env', 'result', 'raised', 'errors', 'dtypes', 'returned', 'on_error', 'worker_alive'],
];
const STEP_FIELDS: Readonly<Record<string, readonly string[]>> = {
  sidecar: ['status', 'delaySeconds'],
  construct: ['collector', 'name', 'onError'],
  frame: ['as', 'data'],
  set: ['frame', 'row', 'column', 'value'],
  collect: ['collector', 'data', 'context', 'as', 'repeat'],
  wait: ['requests', 'timeoutSeconds'],
  inspect: ['of'],
  seed: ['random'],
};

/** Whether a file holds cases of the second-generation collector, whatever it is called. */
export function isSecondGeneration(content: unknown): boolean {
  const cases = Object.values(casesOf(content));
  return (
    cases.length > 0 &&
    cases.every(
      (entry) =>
        typeof entry === 'object' &&
        entry !== null &&
        ['environment', 'steps'].every((field) => Object.hasOwn(entry, field)),
    )
  );
}

/** Reads the cases of a file. */
export function recordedCases(content: unknown): RecordedCase[] {
  return Object.entries(casesOf(content)).map(([name, entry]) => readCase(name, entry));
}

function casesOf(content: unknown): Json {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return {};
  }
  const { cases } = content as Json;
  return (typeof cases === 'object' && cases !== null ? cases : content) as Json;
}

function readCase(name: string, entry: unknown): RecordedCase {
  const fields = strictObject(entry, name, CASE_FIELDS, ['environment', 'steps']);
  const outcome = anyObject(fields['outcome'], 'outcome');
  const requests = strictList(fields['requests'] ?? [], 'requests').map(readRequest);
  const printed = strictList(outcome['printed'] ?? fields['printed'] ?? [], 'printed')
    .map((line) => anyObject(line, 'a printed line'))
    .flatMap(({ logger, message }) => (logger === 'local.capture' ? strictText(message, 'message') : []));
  const config = fields['configFile'] ?? null;
  const { variable, content } = anyObject(config, 'configFile');
  const sampled = anyObject(outcome['sampled'], 'sampled');
  return {
    name,
    environment: anyObject(fields['environment'], 'environment') as Readonly<Record<string, string>>,
    configFile: config === null ? undefined : { variable: strictText(variable, 'variable'), content },
    input: fields['input'],
    steps: fields['steps'] === null ? null : strictList(fields['steps'], 'steps').map(readStep),
    note: typeof fields['note'] === 'string' ? fields['note'] : '',
    requests,
    printed,
    percentage: typeof sampled['percentage'] === 'number' ? sampled['percentage'] : undefined,
    hasAllRequests: fields['request_count'] === undefined || fields['request_count'] === requests.length,
  };
}

function readStep(step: unknown): RecordedStep {
  const kind = strictText(anyObject(step, 'a step')['do'], 'do');
  const known = STEP_FIELDS[kind];
  if (known === undefined) {
    throw new UnreadableCase(`a step is of a kind that this runner does not know: ${kind}`);
  }
  const fields = strictObject(step, `the step ${kind}`, ['do', 'expect', ...known]);
  return { do: kind, fields, expect: anyObject(fields['expect'], 'expect') };
}

function readRequest(request: unknown): RecordedRequest {
  const known = ['method', 'path', 'request_version', 'headers', 'body', 'response'];
  const { method, path, headers, body } = strictObject(request, 'a request', known, [
    'method',
    'path',
    'headers',
    'body',
  ]);
  return {
    method: strictText(method, 'method'),
    path: strictText(path, 'path'),
    headers: strictList(headers, 'headers') as readonly (readonly [string, string])[],
    body: strictText(body, 'body'),
  };
}
