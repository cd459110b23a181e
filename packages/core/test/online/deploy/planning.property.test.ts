import { isAzuremlError } from '@azureml-ts/common';
import fc from 'fast-check';
import { Environment } from '../../../src/environment/environment.ts';
import { Model } from '../../../src/model/model.ts';
import type { OnlineDeploymentOptions } from '../../../src/online/deployment-configuration.ts';
import { type DeployCall, type DeployPlace, deployTests, STATIC_SERVER } from './support.ts';

const { open, folder, writeProject } = deployTests(STATIC_SERVER);
const KEY = 'k'.repeat(32);

const configs: fc.Arbitrary<OnlineDeploymentOptions> = fc.record(
  {
    instanceCount: fc.integer({ min: 1, max: 3 }),
    enableAppInsights: fc.boolean(),
    collectModelData: fc.boolean(),
    environmentVariables: fc.dictionary(fc.constantFrom('A', 'TOKEN'), fc.constantFrom('', 'x', 'Password=b')),
    tags: fc.dictionary(fc.constantFrom('t', 'u'), fc.constantFrom('', 'x')),
    description: fc.constantFrom('', 'd'),
    trafficPercentile: fc.constantFrom(0, 20, 100),
    requestSettings: fc.constantFrom({ requestTimeoutMs: 5_000 }, { maxConcurrentRequestsPerInstance: 3 }),
    primaryKey: fc.constant(KEY),
    enablePublicNetworkAccess: fc.boolean(),
  },
  { requiredKeys: [] },
);
const wishes = fc.record(
  {
    config: configs,
    deploymentName: fc.constantFrom('blue', 'green'),
    hasModel: fc.boolean(),
    hasImage: fc.boolean(),
    overwrite: fc.boolean(),
  },
  { requiredKeys: ['config'] },
);

function callOf(wish: { hasModel?: boolean; hasImage?: boolean } & DeployCall): DeployCall {
  const { hasModel = false, hasImage = false, ...call } = wish;
  const models = [new Model({ name: 'net', version: '2', path: `${folder()}/net` })];
  const environment = new Environment({ name: 'own', image: 'reg.example/a:1', tags: { x: 'y' } });
  return {
    wait: true,
    ...call,
    ...(hasModel ? { models } : {}),
    ...(hasImage ? { inference: { environment, entryScript: '/app/score.mjs', sourceDirectory: undefined } } : {}),
  };
}

const writesOf = ({ standIn }: DeployPlace) => standIn.exchanges().filter(({ method }) => !/GET|HEAD/.test(method));

/** A body as a plan shows it: what is masked there is not compared. */
function masked(value: unknown, shown: unknown): unknown {
  if (typeof shown === 'string' && shown.includes('[redacted]')) {
    return shown;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [name, masked(inner, (shown as Record<string, unknown>)?.[name])]),
      )
    : value;
}

it('a plan is what the deployment then sends, whatever is there and asked for; and done twice sends nothing', async () => {
  await writeProject({ 'net/w.bin': 'weights' });
  await fc.assert(
    fc.asyncProperty(fc.array(wishes, { minLength: 1, maxLength: 3 }), async (all) => {
      const place = await open();
      for (const call of all.map(callOf)) {
        const isNew = place.standIn.endpoint('loans') === undefined;
        const plan = await place.plan(call).catch((error: unknown) => error);
        place.standIn.clearExchanges();
        if (plan instanceof Error) {
          // What a plan refuses, the deployment refuses for the same reason, and sends nothing.
          const refused: unknown = await place.deploy(call).catch((error: unknown) => error);
          expect(isAzuremlError(refused) && [refused.code, refused.message]).toEqual([
            (plan as { code?: unknown }).code,
            plan.message,
          ]);
          expect(writesOf(place)).toEqual([]);
          continue;
        }
        const { requests } = plan as Awaited<ReturnType<DeployPlace['plan']>>;
        await place.deploy(call);
        const sent = writesOf(place).filter(({ plane }) => plane === 'management');
        expect(sent.map(({ method, url }) => `${method} ${url}`)).toEqual(
          requests.map(({ method, url }) => `${method} ${url}`),
        );
        for (const [at, { what, body }] of requests.entries()) {
          const actual = masked(sent[at]?.body, body);
          expect(actual).toMatchObject(body as object);
          // An endpoint that is made new has then also what the service filled in.
          expect(isNew && what === 'Setting the traffic' ? body : actual).toEqual(body);
        }
        place.standIn.clearExchanges();
        await place.deploy(call);
        expect(writesOf(place)).toEqual([]);
      }
    }),
    { numRuns: 12 },
  );
}, 120_000);
