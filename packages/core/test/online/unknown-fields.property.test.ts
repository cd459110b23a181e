import type { AzureStandIn } from '@azureml-ts/testing';
import fc from 'fast-check';
import { OnlineEndpoint } from '../../src/online/online-endpoint.ts';
import { openStandIn, workspaceOn } from '../support/stand-in.ts';
import type { Json } from './support.ts';

const READ_ONLY = ['id', 'name', 'type', 'systemData'];

/** The bytes of the last request and answer of a kind, before anybody parsed them. */
function recorder(standIn: AzureStandIn) {
  const seen = { get: '', put: '' };
  const policy = {
    name: 'recorder',
    async sendRequest(
      request: { method: string; url: string; body?: unknown },
      next: (request: unknown) => Promise<unknown>,
    ) {
      const response = (await next(request)) as { bodyAsText?: string };
      if (/deployments\/blue\?/.test(request.url)) {
        if (request.method === 'GET') {
          seen.get = String(response.bodyAsText);
        } else if (request.method === 'PUT') {
          seen.put = String(request.body);
        }
      }
      return response;
    },
  };
  const additionalPolicies = [...standIn.clientOptions.additionalPolicies, { policy, position: 'perCall' as const }];
  return { seen, clientOptions: { ...standIn.clientOptions, additionalPolicies } };
}

/** What PUT must send when only the flag and its variable change, from the bytes of GET. */
function expectedBody(get: string): string {
  const resource = JSON.parse(get) as Json;
  const properties = resource['properties'] as Json;
  for (const name of READ_ONLY) {
    delete resource[name];
  }
  delete properties['provisioningState'];
  properties['appInsightsEnabled'] = true;
  const variables = properties['environmentVariables'] as Json;
  variables['AML_APP_INSIGHTS_ENABLED'] = 'true';
  return JSON.stringify(resource);
}

// Names that JavaScript orders by itself, as array indexes, would come back in another order from any parser.
const name = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 12 }),
    fc.constantFrom('__proto__', 'constructor', 'toJSON', 'hasOwnProperty'),
  )
  .filter((text) => !/^\d+$/.test(text) && !READ_ONLY.includes(text));
const unknownFields = fc.dictionary(name, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 });
const known = new Set(['identity', 'properties', 'sku', 'tags', 'location', 'kind']);
const ownProperties = new Set([
  'appInsightsEnabled',
  'environmentVariables',
  'provisioningState',
  'scoringUri',
  'swaggerUri',
  'keys',
  'endpointComputeType',
  'instanceType',
  'codeConfiguration',
  'properties',
  'dataCollector',
]);
const without = (fields: Json, names: ReadonlySet<string>): Json =>
  Object.fromEntries(Object.entries(fields).filter(([field]) => !names.has(field)));

it('an update changes what was asked for and not a byte of any other field, known or not', async () => {
  const { standIn } = await openStandIn({ isChecked: false });
  standIn.addEndpoint('loans', { properties: { traffic: { blue: 100 } } });
  const blue = standIn.addDeployment('loans', 'blue');
  const original = structuredClone(blue.resource);
  const { seen, clientOptions } = recorder(standIn);
  const service = await OnlineEndpoint.get(workspaceOn(standIn, { clientOptions }), 'loans');

  await fc.assert(
    fc.asyncProperty(unknownFields, unknownFields, unknownFields, unknownFields, async (top, inner, collector, sku) => {
      const base = structuredClone(original);
      blue.resource = {
        ...base,
        ...without(top, known),
        sku: { ...sku, name: 'Default', capacity: 3 },
        properties: {
          ...(base['properties'] as Json),
          ...without(inner, ownProperties),
          environmentVariables: { KEPT: '1' },
          dataCollector: { ...collector, collections: { a: { ...sku, dataCollectionMode: 'Enabled' } } },
        },
      };

      await service.update({ enableAppInsights: true }, { wait: true });

      expect(seen.put).toBe(expectedBody(seen.get));
    }),
    { numRuns: 150 },
  );
});

/** Numbers as a service may write them, most of them in another way than JavaScript does. */
const numberText = fc.oneof(
  fc.constantFrom('1e400', '-1e400', '1e-400', '-0', '-0.0', '0.0', '1.0', '1E5', '1e+5', '9007199254740993.5', '1e21'),
  fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.stringMatching(/^(0|[1-9][0-9]{0,25})$/),
      fc.stringMatching(/^(\.[0-9]{1,25})?$/),
      fc.stringMatching(/^([eE][+-]?[0-9]{1,3})?$/),
    )
    .map((parts) => parts.join('')),
);

it('a number goes back as it came, however it is written, also one that is read here', async () => {
  const { standIn } = await openStandIn({ isChecked: false });
  standIn.addEndpoint('loans');
  standIn.addDeployment('loans', 'blue');
  const { seen, clientOptions } = recorder(standIn);
  const service = await OnlineEndpoint.get(workspaceOn(standIn, { clientOptions }), 'loans');

  await fc.assert(
    fc.asyncProperty(fc.array(numberText, { maxLength: 6 }), numberText, async (numbers, rate) => {
      const properties =
        `{"endpointComputeType":"Managed","numbers":[${numbers.join(',')}],"appInsightsEnabled":true,` +
        `"dataCollector":{"collections":{"a":{"dataCollectionMode":"Enabled","samplingRate":${rate}}}}}`;
      const sku = '"sku":{"name":"Default","capacity":2.0}';
      const body = `{"name":"blue","location":"westus",${sku},"properties":${properties}}`;
      standIn.fail({ method: 'GET', url: /deployments\/blue\?/, times: 2, status: 200, body });
      standIn.fail({ method: 'PUT', url: /deployments\/blue\?/, status: 200, body });
      seen.put = '';

      const report = await service.update({ environmentVariables: { A: '1' } }, { deploymentName: 'blue' });

      expect(report.parts[0]?.changes.map(({ path }) => path)).toEqual(['/properties/environmentVariables/A']);
      expect(seen.put).toBe(
        `{"location":"westus",${sku},"properties":${properties.slice(0, -1)},"environmentVariables":{"A":"1"}}}`,
      );
    }),
    { numRuns: 100 },
  );
});

it('a number that is written in another way than JavaScript does is the number that it is', async () => {
  const { standIn, workspace } = await openStandIn({ isChecked: false });
  standIn.addEndpoint('loans');
  standIn.addDeployment('loans', 'blue');
  const endpoint = '{"name":"loans","properties":{"traffic":{"blue":1e2},"mirrorTraffic":{"green":10.0}}}';
  standIn.fail({ method: 'GET', url: /onlineEndpoints\/loans\?/, times: 9, status: 200, body: endpoint });
  const service = await OnlineEndpoint.get(workspace, 'loans');
  expect([service.traffic, service.mirrorTraffic]).toEqual([{ blue: 100 }, { green: 10 }]);
  expect(service.toJSON()['resource']).toMatchObject({ properties: { traffic: { blue: 100 } } });

  const deployment = '{"name":"blue","sku":{"name":"Default","capacity":2.0},"properties":{"x":1e400,"y":[1.0]}}';
  standIn.fail({ method: 'GET', url: /deployments\/blue\?/, times: 9, status: 200, body: deployment });
  const update = (instanceCount: number) =>
    service.update({ instanceCount }, { deploymentName: 'blue', dryRun: true }).then(({ parts }) => parts[0]?.changes);
  expect(await update(2)).toEqual([]);
  expect(await update(3)).toEqual([{ path: '/sku/capacity', from: 2, to: 3 }]);
});

it('a number that JavaScript cannot hold goes back as it came', async () => {
  const { standIn } = await openStandIn({ isChecked: false });
  const answer = (text: string) =>
    `{"name":"blue","location":"westus","sku":{"name":"Default","capacity":1},"properties":{${text}}}`;
  const text = '"endpointComputeType":"Managed","big":12345678901234567890,"small":0.1,"minus":-9007199254740993';
  standIn.addEndpoint('loans');
  standIn.addDeployment('loans', 'blue');
  const { seen, clientOptions } = recorder(standIn);
  standIn.fail({ method: 'GET', url: /deployments\/blue\?/, times: 2, status: 200, body: answer(text) });
  const service = await OnlineEndpoint.get(workspaceOn(standIn, { clientOptions }), 'loans');

  await service.update({ environmentVariables: { A: '1' } }, { deploymentName: 'blue' }).catch(() => undefined);

  expect(seen.put).toContain('"big":12345678901234567890,"small":0.1,"minus":-9007199254740993');
});
