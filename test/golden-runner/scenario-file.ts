import { type Answer, type Exchange, plainPath, plainType } from './exchange.ts';
import { expand, type Places } from './placeholders.ts';
import { anyObject, type Json, strictList, strictObject, strictText, UnreadableCase } from './strict.ts';

/** What a caller of the peer did. */
export interface Step {
  readonly do: string;
  readonly args: Json;
  /** Further fields beside `do`: `service`, `class`, `show`. */
  readonly beside: Json;
}

/** An error of the peer. */
export interface PeerError {
  readonly type: string;
  readonly message: string;
}

/** One scenario of requests.json with its placeholders written out. */
export interface Scenario {
  readonly name: string;
  readonly note: string | null;
  /** `null` where what was done has no JSON form. */
  readonly steps: readonly Step[] | null;
  readonly requests: readonly Exchange[];
  readonly result: unknown;
  readonly resultOf: number | readonly number[] | null;
  readonly error: PeerError | null;
  readonly errorAt: number | null;
}

const SCENARIO_KEYS = ['note', 'steps', 'requests', 'sleeps', 'stdout', 'result', 'error', 'resultOf', 'errorAt'];
const REQUEST_KEYS = ['method', 'path', 'query', 'rawQuery', 'headers', 'json', 'text', 'response'];

/**
 * Reads requests.json.
 *
 * @returns The scenarios as they stand there, each to be read by itself, so that one that is unreadable fails alone.
 */
export function scenarioEntries(file: unknown): readonly (readonly [name: string, entry: unknown])[] {
  const { scenarios } = strictObject(file, 'requests.json', ['peer', 'placeholders', 'scenarios'], ['scenarios']);
  return Object.entries(anyObject(scenarios, 'scenarios'));
}

/** Reads one scenario. `sleeps` and `stdout` are known and not compared: see the page that the rules make. */
export function readScenario(name: string, entry: unknown, places: Places): Scenario {
  const scenario = strictObject(entry, 'the scenario', SCENARIO_KEYS, ['steps', 'requests', 'error']);
  const steps = scenario['steps'];
  return {
    name,
    note: typeof scenario['note'] === 'string' ? scenario['note'] : null,
    steps:
      steps === null
        ? null
        : strictList(steps, 'steps').map((step, index) => readStep(expand(step, places), `step ${index}`)),
    requests: strictList(scenario['requests'], 'requests').map((request, index) =>
      readRequest(expand(request, places), `request ${index}`),
    ),
    result: expand(scenario['result'] ?? null, places),
    resultOf: readResultOf(scenario['resultOf']),
    error: readError(expand(scenario['error'], places)),
    errorAt: typeof scenario['errorAt'] === 'number' ? scenario['errorAt'] : null,
  };
}

/** Reads an error of the peer. */
export function readError(value: unknown): PeerError | null {
  if (value === null || value === undefined) {
    return null;
  }
  const error = strictObject(value, 'error', ['type', 'message', 'status_code'], ['type', 'message']);
  return { type: strictText(error['type'], 'error.type'), message: strictText(error['message'], 'error.message') };
}

function readStep(value: unknown, what: string): Step {
  const { do: name, args, ...beside } = anyObject(value, what);
  return { do: strictText(name, `${what}: do`), args: anyObject(args, `${what}: args`), beside };
}

function readRequest(value: unknown, what: string): Exchange {
  const request = strictObject(value, what, REQUEST_KEYS, ['method', 'path', 'response']);
  const headers = lowerCase(anyObject(request['headers'], `${what}: headers`));
  const json = request['json'] ?? null;
  return {
    method: strictText(request['method'], `${what}: method`),
    path: plainPath(strictText(request['path'], `${what}: path`)),
    query: strictList(request['query'] ?? [], `${what}: query`).map((pair) => {
      const [name, text] = strictList(pair, `${what}: a pair of the query`);
      return [String(name), String(text)] as const;
    }),
    contentType: plainType(headers['content-type']),
    authorization: headers['authorization'],
    json,
    text: json === null && typeof request['text'] === 'string' ? request['text'] : null,
    answer: readAnswer(request['response'], `${what}: response`),
  };
}

function readAnswer(value: unknown, what: string): Answer {
  const answer = strictObject(value, what, ['status', 'headers', 'json', 'text'], ['status']);
  if (typeof answer['status'] !== 'number') {
    throw new UnreadableCase(`${what}: status is not a number`);
  }
  return {
    status: answer['status'],
    headers: lowerCase(anyObject(answer['headers'], `${what}: headers`)),
    ...('json' in answer ? { json: answer['json'] } : {}),
    ...(typeof answer['text'] === 'string' ? { text: answer['text'] } : {}),
  };
}

function readResultOf(value: unknown): Scenario['resultOf'] {
  if (value === null || value === undefined) {
    return null;
  }
  if (typeof value === 'number') {
    return value;
  }
  return strictList(value, 'resultOf').map(Number);
}

function lowerCase(headers: Json): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}
