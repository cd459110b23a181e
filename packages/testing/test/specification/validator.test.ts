import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AzureExchange,
  type AzureStandIn,
  createSpecificationValidator,
  startAzureStandIn,
} from '../../src/index.ts';
import { arm } from '../azure/support.ts';
import { issuesOf, SPECIFICATIONS } from './support.ts';

type Exchange = { -readonly [K in 'method' | 'url' | 'headers' | 'body' | 'answer']: AzureExchange[K] };

const BLUE = '/onlineEndpoints/loans/deployments/blue';
const BODY = {
  location: 'westus',
  properties: {
    endpointComputeType: 'Managed',
    dataCollector: { collections: { request: { dataCollectionMode: 'Enabled' } } },
  },
};

describe('the validator', () => {
  let azure: AzureStandIn;

  beforeAll(async () => {
    azure = await startAzureStandIn();
    azure.addEndpoint('loans');
    const { call } = arm(azure);
    await call('PUT', BLUE, BODY);
    await call('GET', BLUE);
    await call('DELETE', '/onlineEndpoints/loans');
    await call('POST', `${BLUE}/getLogs`, { containerType: 'InferenceServer' });
  });

  afterAll(() => azure.close());

  /** Codes of the issues of an exchange that was good until it was changed. */
  async function codes(index: number, change: (exchange: Exchange) => Partial<Exchange>): Promise<string[]> {
    const exchange = azure.exchanges()[index] as Exchange;
    expect(await issuesOf([exchange])).toEqual([]);
    const issues = await issuesOf([{ ...exchange, ...change(structuredClone({ ...exchange })) }]);
    return issues.map(({ issue: { where, code } }) => `${where} ${code}`);
  }

  const withBody = (more: object) => (exchange: Exchange) => ({ body: { ...(exchange.body as object), ...more } });
  const withProperties =
    (more: object) =>
    ({ body }: Exchange) => ({
      body: { ...(body as typeof BODY), properties: { ...(body as typeof BODY).properties, ...more } },
    });
  const answering =
    (status: number, body?: unknown) =>
    ({ answer }: Exchange) => ({ answer: { ...answer, status, body: body ?? answer.body } });

  it.each([
    ['an unknown field', withProperties({ made: 'up' }), 'request OBJECT_ADDITIONAL_PROPERTIES'],
    ['a read-only field', withBody({ systemData: {} }), 'request READONLY_PROPERTY_NOT_ALLOWED_IN_REQUEST'],
    ['a wrong type', withProperties({ appInsightsEnabled: 'yes' }), 'request INVALID_TYPE'],
    [
      'an enum value in other letters',
      withProperties({ dataCollector: { collections: { request: { dataCollectionMode: 'enabled' } } } }),
      'request ENUM_CASE_MISMATCH',
    ],
    ['a bad name', ({ url }: Exchange) => ({ url: url.replace('/blue', '/-blue') }), 'request PATTERN'],
    [
      'another content type',
      ({ headers }: Exchange) => ({ headers: { ...headers, 'content-type': 'text/plain' } }),
      'request INVALID_CONTENT_TYPE',
    ],
    [
      'a field of a later version',
      ({ url }: Exchange) => ({ url: url.replace('2024-04-01', '2022-10-01') }),
      'request OBJECT_ADDITIONAL_PROPERTIES',
    ],
    ['an undeclared status', answering(299), 'response INVALID_RESPONSE_CODE'],
    [
      'an answer without what must be in it',
      answering(201, { location: 'x' }),
      'response OBJECT_MISSING_REQUIRED_PROPERTY',
    ],
    ['an error of another shape', answering(400, { error: 'no' }), 'response INVALID_TYPE'],
    [
      'a 201 without Azure-AsyncOperation',
      ({ answer }: Exchange) => ({ answer: { ...answer, headers: { 'content-type': 'application/json' } } }),
      'response LRO_RESPONSE_HEADER',
    ],
    [
      'an unknown api-version',
      ({ url }: Exchange) => ({ url: url.replace('2024-04-01', '2031-01-01') }),
      'operation OPERATION_NOT_FOUND_IN_CACHE_WITH_API',
    ],
    [
      'an unknown operation',
      ({ url }: Exchange) => ({ url: url.replace('/deployments/', '/somethings/') }),
      'operation OPERATION_NOT_FOUND_IN_CACHE',
    ],
  ])('sees %s', async (_what, change, expected) => {
    expect(await codes(0, change as (exchange: Exchange) => Partial<Exchange>)).toContain(expected);
  });

  it('sees an answer to GET with a wrong type, a 202 without a link, and a Retry-After that is too short', async () => {
    expect(await codes(1, answering(200, { location: 1, properties: BODY.properties }))).toContain(
      'response INVALID_TYPE',
    );
    expect(await codes(2, ({ answer }) => ({ answer: { ...answer, headers: {} } }))).toEqual([
      'response LRO_RESPONSE_HEADER',
    ]);
    expect(
      await codes(2, ({ answer }) => ({ answer: { ...answer, headers: { ...answer.headers, 'retry-after': '9' } } })),
    ).toHaveLength(1);
  });

  it('sees a container type that the version does not list', async () => {
    expect(await codes(3, () => ({ body: { containerType: 'ModelDataCollector' } }))).toEqual([
      'request ENUM_MISMATCH',
    ]);
  });

  it('leaves the exchange as it was, writes nothing to the console, and checks many at once', async () => {
    const [first] = azure.exchanges() as [AzureExchange];
    const before = structuredClone({ ...first });
    const written: unknown[] = [];
    const spies = (['log', 'warn', 'error', 'info'] as const).map((name) =>
      jest.spyOn(console, name).mockImplementation((...parts) => written.push(parts)),
    );
    const out = jest.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(text) > 0);
    const fresh = createSpecificationValidator({ directory: SPECIFICATIONS });
    const unknown = { ...first, url: first.url.replace('2024-04-01', '2031-01-01') };
    await Promise.all([...Array.from({ length: 20 }, () => first), unknown].map((entry) => fresh.validate(entry)));
    for (const spy of [...spies, out]) {
      spy.mockRestore();
    }
    expect(first).toEqual(before);
    expect(written).toEqual([]);
  });

  it('says so when there are no specifications where it was sent', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'no-specifications-'));
    const validator = createSpecificationValidator({ directory });
    await expect(validator.validate(azure.exchanges()[0] as AzureExchange)).rejects.toMatchObject({
      code: 'SPECIFICATION_NOT_FOUND',
      message: expect.stringContaining(directory),
    });
    await rm(directory, { recursive: true });
  });
});
