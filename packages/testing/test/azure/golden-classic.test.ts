import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type AzureOperationPlan, type AzureStandIn, startAzureStandIn } from '../../src/index.ts';
import { mms, type Reply } from './support.ts';

const GOLDEN = process.env['AZUREML_TS_GOLDEN'] ?? resolve(__dirname, '../../../../test/golden');
const ORIGIN = 'https://westus.api.azureml.ms';
const SCOPE =
  '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg1' +
  '/providers/Microsoft.MachineLearningServices/workspaces/ws1';

interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly json: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly json?: unknown;
  };
}

type Json = Record<string, unknown>;

const recording: { scenarios: Record<string, { requests: readonly RecordedRequest[] }> } = JSON.parse(
  readFileSync(join(GOLDEN, 'webservice-v1', 'requests.json'), 'utf8').replaceAll('{base}', ORIGIN),
);
const scenarios = Object.entries(recording.scenarios).filter(([, { requests }]) => requests.length > 0);

/** Answers that the recorder was told to give, whatever was asked: the stand-in gives its own. */
function isTold({ method, path, response: { status, headers } }: RecordedRequest): boolean {
  const isWrite = method !== 'GET' && !/validate|LocalUpload|listkeys|token|score$/.test(path);
  return (status >= 400 && !path.endsWith('/missing')) || (isWrite && headers['operation-location'] === undefined);
}

/** Names and types of all fields, without the values. Times, states and lists have the values that they have. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) {
    return 'list';
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(
        Object.entries(value)
          .map(([name, inner]) => [name, shape(inner)] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      )
    : value === null || typeof value === 'string'
      ? 'text'
      : typeof value;
}

/** How the recorded operation went: so often in progress, then ended this way. */
function planOf(requests: readonly RecordedRequest[]): AzureOperationPlan {
  const answers = requests
    .filter(({ path, response }) => path.includes('/operations/') && response.status === 200)
    .map(({ response }) => response.json as Json);
  const polls = answers.filter(({ state }) => state === 'NotStarted' || state === 'Running').length;
  const { id, operationType, state, createdTime, endTime, resourceLocation, error, ...extra } = answers.at(-1) ?? {};
  return {
    polls: answers.length === polls ? Number.POSITIVE_INFINITY : polls,
    outcome: state === 'Failed' ? 'Failed' : 'Succeeded',
    error: (error ?? undefined) as AzureOperationPlan['error'],
    extra: error === null ? { ...extra, error } : extra,
  };
}

/** The answer of another service than the one that was made: the recorder always gives the same one. */
function isMade({ path }: RecordedRequest, requests: readonly RecordedRequest[]): boolean {
  return requests.some(
    (made) =>
      made.path === '{mms}/services' && made.method === 'POST' && path.endsWith(`/${(made.json as Json)['name']}`),
  );
}

function isServiceOf({ method, path, response }: RecordedRequest): boolean {
  return method === 'GET' && /^\{mms\}\/services\/[^/]+$/.test(path) && response.status === 200;
}

describe('the classic service of the stand-in, asked what the Python client asked', () => {
  let azure: AzureStandIn;

  beforeEach(async () => {
    azure = await startAzureStandIn();
  });

  afterEach(() => azure.close());

  /** Puts the services there that the scenario finds, and plans its operation. */
  function prepare(requests: readonly RecordedRequest[]): void {
    azure.planOperations(planOf(requests));
    for (const request of requests.filter(isServiceOf)) {
      const found = request.response.json as Json;
      const name = String(found['name']);
      if (!isMade(request, requests) && azure.service(name) === undefined) {
        azure.addService(name).resource = structuredClone(found);
      }
    }
  }

  async function replay(requests: readonly RecordedRequest[]): Promise<(readonly [RecordedRequest, Reply])[]> {
    const { call } = mms(azure);
    const pairs: (readonly [RecordedRequest, Reply])[] = [];
    let operation = '';
    for (const request of requests) {
      const path = request.path
        .replace('{mms}', `/modelmanagement/v1.0${SCOPE}`)
        .replace('{scope}', SCOPE)
        .replace('{rand8}', 'rand8')
        .replace(/\/operations\/.*/, `/operations/${operation}`);
      const query = request.query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
      const reply = await call(
        request.method,
        `${ORIGIN}${path}${query === '' ? '' : `?${query}`}`,
        request.json ?? undefined,
        { 'content-type': request.headers['content-type'] ?? 'application/json' },
      );
      operation = reply.headers['operation-location']?.split('/').at(-1) ?? operation;
      pairs.push([request, reply]);
    }
    return pairs;
  }

  it.each(scenarios)('answers %s as recorded', async (_name, { requests }) => {
    prepare(requests);
    for (const [request, reply] of await replay(requests.filter(({ path }) => !path.endsWith('/score')))) {
      if (isTold(request)) {
        continue;
      }
      const { status, json, headers } = request.response;
      const at = `${request.method} ${request.path}`;
      expect([at, reply.status]).toEqual([at, status]);
      if (request.path === '{mms}/services' && request.method === 'GET') {
        expect(reply.body).toHaveProperty('value');
      } else if (isMade(request, requests) && request.method === 'GET') {
        expect(Object.keys(reply.body)).toEqual(expect.arrayContaining(Object.keys(json as Json)));
      } else if (request.path.includes('/operations/')) {
        const { state } = json as Json;
        expect(shape(reply.body)).toMatchObject(shape(json) as object);
        expect(reply.body.state).toBe(state === 'NotStarted' ? 'Running' : state);
      } else {
        expect([at, shape(reply.body)]).toEqual([at, shape(json)]);
      }
      expect('operation-location' in reply.headers).toBe('operation-location' in headers);
    }
  });

  it.each(
    scenarios.filter(([, { requests }]) => requests.some(({ method }) => method === 'PATCH') && !requests.some(isTold)),
  )('leaves the service of %s as recorded', async (_name, { requests }) => {
    prepare(requests);
    const pairs = await replay(requests);
    for (const [request, reply] of pairs.filter(([request]) => isServiceOf(request))) {
      const { updatedTime: _, ...expected } = request.response.json as Json;
      expect(reply.body).toMatchObject(expected);
    }
  });
});
