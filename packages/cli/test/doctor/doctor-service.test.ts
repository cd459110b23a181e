import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ModelDataCollector } from '@azureml-ts/monitoring';
import { type AzureStandIn, startAzureStandIn } from '@azureml-ts/testing';
import { ioFor } from '../recorded-io.ts';
import { examine } from './examine.ts';

let standIn: AzureStandIn;
let folder: string;

beforeEach(async () => {
  standIn = await startAzureStandIn();
  standIn.addEndpoint('loans', { properties: { traffic: { blue: 100 } } });
  folder = mkdtempSync(join(tmpdir(), 'doctor-'));
});
afterEach(async () => {
  await standIn.close();
  rmSync(folder, { recursive: true });
});

function look(name = 'loans') {
  return examine([name, '--storage', pathToFileURL(folder).href], ioFor(standIn));
}

async function collect(): Promise<void> {
  const { subscriptionId, resourceGroup, workspaceName } = standIn;
  for (const designation of ['inputs', 'predictions']) {
    const collector = new ModelDataCollector('risk', {
      designation,
      featureNames: ['x'],
      workspace: { subscriptionId, resourceGroup, workspaceName },
      webserviceName: 'loans',
      modelVersion: '3',
      storage: { directory: folder },
    });
    collector.collect([[1], [2]]);
    await collector.close();
  }
}

const ON = {
  AML_APP_INSIGHTS_ENABLED: 'true',
  APPLICATIONINSIGHTS_CONNECTION_STRING: 'InstrumentationKey=00000000-1111-2222-3333-444444444444',
  AML_MODEL_DC_STORAGE_ENABLED: 'true',
  AML_MODEL_DC_STORAGE: 'https://account.blob.core.windows.net',
};
const COLLECTOR = { collections: { model_inputs: { dataCollectionMode: 'Enabled' } } };

describe('azureml-ts doctor of a service', () => {
  it('finds everything in order, and the last collected rows', async () => {
    standIn.addDeployment('loans', 'blue', {
      properties: { appInsightsEnabled: true, dataCollector: COLLECTOR, environmentVariables: ON },
    });
    await collect();
    const { code, statuses, of } = await look();
    expect(statuses).toMatchObject({
      service: 'ok',
      permissions: 'ok',
      deployments: 'ok',
      switches: 'ok',
      'last-row': 'ok',
    });
    expect(of('switches').map(({ message }) => message)).toEqual([
      'deployment "blue": appInsightsEnabled and AML_APP_INSIGHTS_ENABLED are on',
      'deployment "blue": dataCollector and AML_MODEL_DC_STORAGE_ENABLED are on',
    ]);
    expect(of('last-row').map(({ message }) => message)).toEqual([
      expect.stringMatching(/^risk\/3\/inputs: last row at \d{4}-.*Z$/),
      expect.stringMatching(/^risk\/3\/predictions: last row at \d{4}-.*Z$/),
    ]);
    expect(code).toBe(0);
  });

  it('tells a switch of the platform without its variable, and the reverse', async () => {
    standIn.addDeployment('loans', 'blue', {
      properties: {
        appInsightsEnabled: true,
        environmentVariables: { AML_MODEL_DC_STORAGE_ENABLED: 'True', AML_APP_INSIGHTS_ENABLED: 'hunter2' },
      },
    });
    const { code, of } = await look();
    expect(of('switches')).toEqual([
      expect.objectContaining({
        status: 'fail',
        message: expect.stringContaining(
          'appInsightsEnabled is on, but AML_APP_INSIGHTS_ENABLED is something else than true',
        ),
        fix: expect.stringContaining('azureml-ts service update loans --deployment blue --enable-app-insights'),
      }),
      expect.objectContaining({
        status: 'fail',
        message: expect.stringContaining('dataCollector is off, but AML_MODEL_DC_STORAGE_ENABLED is True'),
        fix: expect.stringContaining('--collect-model-data'),
      }),
    ]);
    expect(code).toBe(1);
  });

  it('warns when the switches are on but nobody says where to, or as whom', async () => {
    standIn.addDeployment('loans', 'blue', {
      properties: {
        appInsightsEnabled: true,
        dataCollector: COLLECTOR,
        environmentVariables: { AML_APP_INSIGHTS_ENABLED: 'true', AML_MODEL_DC_STORAGE_ENABLED: 'true' },
      },
    });
    const { code, of } = await look();
    expect(of('switches').map(({ status, message }) => [status, message])).toEqual([
      ['warn', expect.stringContaining('none of APPLICATIONINSIGHTS_CONNECTION_STRING, AML_APP_INSIGHTS_KEY is set')],
      ['warn', expect.stringContaining('none of AML_MODEL_DC_STORAGE is set')],
    ]);
    expect(code).toBe(0);
  });

  it('warns when rows go to an account without a key and the identity is not named', async () => {
    const endpoint = standIn.endpoint('loans');
    if (endpoint !== undefined) {
      endpoint.resource['identity'] = { type: 'UserAssigned', userAssignedIdentities: { '/id': {} } };
    }
    standIn.addDeployment('loans', 'blue', { properties: { dataCollector: COLLECTOR, environmentVariables: ON } });
    const { of } = await look();
    expect(of('switches')[1]).toMatchObject({ status: 'warn', fix: expect.stringContaining('AZURE_CLIENT_ID') });
  });

  it.each([
    ['Failed', 'fail', /service logs loans/],
    ['Updating', 'warn', /service wait loans/],
  ])('tells a deployment that is %s', async (provisioningState, status, fix) => {
    standIn.addDeployment('loans', 'blue', { properties: { provisioningState } });
    expect((await look()).of('deployments')[0]).toMatchObject({ status, fix: expect.stringMatching(fix) });
  });

  it('tells an endpoint without a deployment, and one without traffic', async () => {
    expect((await look()).of('deployments')[0]).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('no deployment'),
    });
    standIn.addEndpoint('idle');
    standIn.addDeployment('idle', 'blue');
    expect((await look('idle')).of('deployments')[1]).toMatchObject({
      status: 'warn',
      message: expect.stringContaining('no deployment of "idle" gets requests'),
    });
  });

  it('tells what was refused, with the action that is missing', async () => {
    standIn.addDeployment('loans', 'blue');
    standIn.fail({ method: 'POST', url: /listKeys/i, status: 403, times: Number.POSITIVE_INFINITY });
    const { code, of } = await look();
    expect(of('permissions')).toEqual([
      expect.objectContaining({
        status: 'fail',
        code: 'PERMISSION_DENIED',
        message: expect.stringContaining('reading the keys was refused'),
        fix: expect.stringContaining('onlineEndpoints/listKeys/action'),
      }),
    ]);
    expect(code).toBe(1);
  });

  it('does not call a request allowed that failed for another reason', async () => {
    standIn.addDeployment('loans', 'blue');
    standIn.fail({ method: 'POST', url: /listKeys|getLogs/i, status: 500, times: Number.POSITIVE_INFINITY });
    const { code, of } = await look();
    expect(of('permissions')).toEqual([
      expect.objectContaining({
        status: 'warn',
        code: 'SERVICE_FAILED',
        message: expect.stringMatching(/^reading logs failed: .*request id/),
        fix: expect.stringContaining('Try again'),
      }),
      expect.objectContaining({
        status: 'warn',
        code: 'SERVICE_FAILED',
        message: expect.stringMatching(/^reading the keys failed: .*request id/),
      }),
    ]);
    expect(code).toBe(0);
  });

  it('skips what there is not: logs without a deployment, keys of an endpoint with tokens', async () => {
    standIn.addEndpoint('tokens', { properties: { authMode: 'AMLToken' } });
    const { of } = await look('tokens');
    expect(of('permissions').map(({ status, code }) => [status, code])).toEqual([
      ['skip', 'DEPLOYMENT_NOT_FOUND'],
      ['skip', 'UNSUPPORTED_OPERATION'],
    ]);
  });

  it('tells a service that is not there, and looks at nothing that needs it', async () => {
    const { code, of, statuses } = await look('nobody');
    expect(of('service')[0]).toMatchObject({
      code: 'WEBSERVICE_NOT_FOUND',
      fix: expect.stringContaining('service list'),
    });
    expect(statuses).toMatchObject({ permissions: 'skip' });
    expect(code).toBe(1);
  });

  it('takes no row for no surprise when collection is off', async () => {
    standIn.addDeployment('loans', 'blue');
    expect((await look()).of('last-row')).toEqual([
      expect.objectContaining({ status: 'ok', message: expect.stringContaining('collection is off') }),
    ]);
  });

  it('warns when nothing was ever collected although collection is on', async () => {
    standIn.addDeployment('loans', 'blue', { properties: { dataCollector: COLLECTOR, environmentVariables: ON } });
    expect((await look()).of('last-row')).toEqual([
      expect.objectContaining({ status: 'warn', fix: expect.stringContaining('--collect-model-data') }),
    ]);
  });

  it('looks at a classic service too', async () => {
    standIn.addService('old-loans', { dataCollection: { storageEnabled: true, eventHubEnabled: false } });
    const { code, statuses } = await look('old-loans');
    expect(statuses).toMatchObject({ service: 'ok', permissions: 'ok', 'last-row': 'warn' });
    expect(code).toBe(0);
  });
});
