import { inspect } from 'node:util';
import type { AzureFault, AzureStandIn } from '@azureml-ts/testing';
import { OnlineEndpoint, Webservice } from '../src/index.ts';
import { openStandIn } from './support/stand-in.ts';

/** Everything that a value shows of itself: printed, as JSON, and down the chain of its causes. */
function shown(value: unknown): string {
  const texts = [inspect(value, { depth: 12, showHidden: true, getters: true }), String(value)];
  try {
    texts.push(JSON.stringify(value) ?? '');
  } catch {
    // A cycle: then JSON shows nothing.
  }
  if (value instanceof Error) {
    texts.push(value.stack ?? '', value.cause === undefined ? '' : shown(value.cause));
  }
  return texts.join('\n');
}

const OPEN_FIELDS = /^(primaryKey|secondaryKey|accessToken)$/;

/** What a call gave or threw, as it is shown; keys and tokens that were asked for may be read, but not seen. */
async function outcomeOf(call: () => Promise<unknown>): Promise<string> {
  try {
    return shown(await call());
  } catch (error) {
    return shown(error);
  }
}

async function openServices() {
  const { standIn, workspace } = await openStandIn({ isChecked: false });
  standIn.addEndpoint('loans', { properties: { traffic: { blue: 100 } } });
  standIn.addDeployment('loans', 'blue', {
    properties: {
      environmentVariables: {
        AML_MODEL_DC_STORAGE: 'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0LWFjY291bnQta2V5;',
        MY_PASSWORD: 'correct-horse-battery',
      },
    },
  });
  standIn.addEndpoint('tokens', { properties: { authMode: 'AMLToken' } });
  standIn.addDeployment('tokens', 'blue');
  standIn.addService('aks-svc');
  standIn.addService('aci-svc', { computeType: 'ACI', sslKey: 'private-key-of-tls' });
  return { standIn, workspace };
}

/** Everything that can be asked of a service. */
function callsOf(service: Webservice): [name: string, call: () => Promise<unknown>][] {
  const wait = { wait: true, timeoutMs: 5_000 };
  return [
    ['refresh', () => service.refresh()],
    ['getKeys', () => service.getKeys()],
    ['getToken', () => service.getToken()],
    ['regenerateKey', () => service.regenerateKey('primary', { keyValue: 'wanted-key-value-0123456789' })],
    ['run', () => service.run({ data: [1] })],
    ['getLogs', () => service.getLogs()],
    ['update', () => service.update({ enableAppInsights: true }, wait)],
    ['dry run', () => service.update({ collectModelData: true }, { dryRun: true })],
    ['waitForDeployment', () => service.waitForDeployment({ timeoutMs: 5_000 })],
    ['itself', async () => service],
    ['deployments', async () => (service instanceof OnlineEndpoint ? service.deployments() : undefined)],
    ['delete', () => service.delete({ timeoutMs: 5_000 })],
  ];
}

/** A failure whose answer quotes what it was asked with, as careless proxies do. */
function echoing(standIn: AzureStandIn, status: number): AzureFault {
  const message = `refused: ${standIn
    .secrets()
    .map((secret) => `Authorization: Bearer ${secret}`)
    .join(' ')}`;
  return { status, times: Number.POSITIVE_INFINITY, body: { error: { code: 'Refused', message } } };
}

const FORBIDDEN = [
  'c2VjcmV0LWFjY291bnQta2V5',
  'correct-horse-battery',
  'private-key-of-tls',
  'wanted-key-value-0123456789',
];

describe('no key, token or password is seen', () => {
  it.each([
    ['when all goes well', undefined],
    ['when nobody is let in', 401],
    ['when it is forbidden', 403],
    ['when it conflicts', 409],
    ['when the service fails', 500],
  ])(
    '%s',
    async (_when, status) => {
      const { standIn, workspace } = await openServices();
      const services: Webservice[] = [];
      for await (const service of Webservice.list(workspace)) {
        services.push(service);
      }
      expect(services.map(({ name }) => name).sort()).toEqual(['aci-svc', 'aks-svc', 'loans', 'tokens']);
      await Promise.all(services.map((service) => outcomeOf(() => service.run({ data: [1] }))));
      if (status !== undefined) {
        standIn.fail(echoing(standIn, status));
      }
      const seen: [string, string][] = [['workspace', shown(workspace)]];
      for (const service of services) {
        for (const [name, call] of callsOf(service)) {
          seen.push([`${service.name}: ${name}`, await outcomeOf(call)]);
        }
      }
      const secrets = [...standIn.secrets(), ...FORBIDDEN];
      expect(secrets.length).toBeGreaterThan(8);
      const told = seen.filter(([, text]) => secrets.some((secret) => text.includes(secret)));
      expect(told.map(([name, text]) => `${name}: ${text.slice(0, 600)}`)).toEqual([]);
    },
    60_000,
  );

  it('and yet keys and tokens can be read by whoever asks for them', async () => {
    const { standIn, workspace } = await openServices();
    const keys = await (await Webservice.get(workspace, 'loans')).getKeys();
    const token = await (await Webservice.get(workspace, 'tokens')).getToken();
    expect(Object.keys(keys).every((name) => OPEN_FIELDS.test(name))).toBe(true);
    expect(standIn.secrets()).toEqual(expect.arrayContaining([keys.primaryKey, keys.secondaryKey, token.accessToken]));
  });
});
