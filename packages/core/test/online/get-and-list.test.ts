import { WebserviceError, WebserviceNotFoundError } from '../../src/errors.ts';
import { OnlineEndpoint } from '../../src/online/online-endpoint.ts';
import { onlinePlane } from '../../src/online/online-plane.ts';
import { openStandIn, requests } from '../support/stand-in.ts';
import { openLoans, shownEverywhere } from './support.ts';

const COLLECTOR = { collections: { model_inputs: { dataCollectionMode: 'Enabled', samplingRate: 0.5 } } };

describe('an online endpoint that was read', () => {
  it('tells what the service says of it and of its deployments', async () => {
    const { service } = await openLoans({
      endpoint: { tags: { team: 'risk' }, properties: { description: 'Loans', mirrorTraffic: { green: 10 } } },
      deployments: {
        blue: { properties: { appInsightsEnabled: true, dataCollector: COLLECTOR } },
        green: { properties: { appInsightsEnabled: true } },
      },
    });

    expect(service).toMatchObject({
      kind: 'OnlineEndpoint',
      name: 'loans',
      state: 'Healthy',
      provisioningState: 'Succeeded',
      authMode: 'Key',
      computeType: 'managed',
      traffic: { blue: 100 },
      mirrorTraffic: { green: 10 },
      tags: { team: 'risk' },
      description: 'Loans',
      enableAppInsights: true,
      collectModelData: undefined, // blue does, green does not
      scoringUri: 'https://loans.westus.inference.ml.azure.com/score',
      swaggerUri: 'https://loans.westus.inference.ml.azure.com/swagger.json',
    });
    const [blue] = await service.deployments();
    expect(blue).toMatchObject({
      name: 'blue',
      state: 'Healthy',
      computeType: 'managed',
      instanceCount: 1,
      instanceType: 'Standard_DS3_v2',
      appInsightsEnabled: true,
      collectModelData: true,
      dataCollector: COLLECTOR,
    });
  });

  it('tells a Kubernetes endpoint from a managed one', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.addEndpoint('onprem', { kind: 'Kubernetes', properties: { compute: `${workspace.id}/computes/k8s` } });

    expect((await OnlineEndpoint.get(workspace, 'onprem')).computeType).toBe('kubernetes');
  });

  it.each([
    ['Succeeded', [], 'Healthy'],
    ['Succeeded', ['Succeeded', 'Updating'], 'Transitioning'],
    ['Succeeded', ['Succeeded', 'Failed'], 'Unhealthy'],
    ['Succeeded', ['Failed', 'Canceled'], 'Failed'],
    ['Failed', ['Succeeded'], 'Failed'],
    ['Creating', [], 'Transitioning'],
    ['Deleting', ['Succeeded'], 'Deleting'],
    ['Pondering', [], 'Pondering'],
  ])('is in one state with its deployments: %s with %j is %s', async (endpoint, deployments, state) => {
    const { service } = await openLoans({
      isChecked: false,
      endpoint: { properties: { provisioningState: endpoint } },
      deployments: Object.fromEntries(
        deployments.map((provisioningState, at) => [`d${at}`, { properties: { provisioningState } }]),
      ),
    });

    expect(service.state).toBe(state);
  });

  it('keeps fields that are not known here', async () => {
    const { service } = await openLoans({
      isChecked: false,
      endpoint: { properties: { fromTheFuture: { yes: true } } },
      deployments: { blue: { properties: { alsoNew: [1, 2] } } },
    });

    expect(service.resource).toMatchObject({ properties: { fromTheFuture: { yes: true } } });
    const [blue] = await service.deployments();
    expect(blue?.resource).toMatchObject({ properties: { alsoNew: [1, 2] } });
  });

  it('shows no environment variable that may be a secret, although it can be read', async () => {
    const environmentVariables = {
      PASSWORD: 'hunter2-secret',
      AML_MODEL_DC_STORAGE: 'https://acc.blob.core.windows.net',
      AML_APP_INSIGHTS_ENABLED: 'true',
      OTHER_STORAGE: 'https://acc.blob.core.windows.net/?sv=1&sig=c2lnbmF0dXJl',
    };
    const { service } = await openLoans({ deployments: { blue: { properties: { environmentVariables } } } });

    const [blue] = await service.deployments();
    expect(blue?.environmentVariables['PASSWORD']).toBe('hunter2-secret');
    const shown = shownEverywhere(blue) + shownEverywhere(blue?.resource) + shownEverywhere(service);
    expect(shown).not.toMatch(/hunter2|c2lnbmF0dXJl/);
    expect(shown).toContain('https://acc.blob.core.windows.net');
  });

  it('is read again by refresh, and is deleted when it is gone', async () => {
    const { standIn, service } = await openLoans();
    const properties = standIn.endpoint('loans')?.resource['properties'] as Record<string, unknown>;
    properties['description'] = 'new';
    await service.refresh();
    expect(service.description).toBe('new');

    const other = await OnlineEndpoint.get(service.workspace, 'loans');
    await other.delete();

    await expect(service.refresh()).rejects.toThrow(WebserviceNotFoundError);
    expect(service.state).toBe('Deleted');
    await expect(service.waitForDeployment()).rejects.toMatchObject({ code: 'WEBSERVICE_DELETED' });
  });
});

describe('reading an online endpoint', () => {
  it('fails by class and code when there is none of that name', async () => {
    const { workspace } = await openLoans();

    const error = await OnlineEndpoint.get(workspace, 'lones').catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(WebserviceNotFoundError);
    expect(error).toBeInstanceOf(WebserviceError);
    expect(error).toMatchObject({
      code: 'WEBSERVICE_NOT_FOUND',
      statusCode: 404,
      message: expect.stringContaining('"lones"'),
    });
  });

  it.each(['', 'a/b', '../loans', 'a b', undefined, 7])(
    'refuses %j, which cannot be a name, without a request',
    async (name) => {
      const { standIn, workspace } = await openLoans();

      await expect(OnlineEndpoint.get(workspace, name as string)).rejects.toMatchObject({ code: 'VALIDATION' });
      expect(standIn.exchanges()).toEqual([]);
    },
  );

  it('refuses options that do not exist, and a workspace that is none', async () => {
    const { workspace } = await openLoans();

    await expect(OnlineEndpoint.get(workspace, 'loans', { timeout: 1 } as never)).rejects.toMatchObject({
      code: 'VALIDATION',
      path: 'timeout',
    });
    await expect(OnlineEndpoint.get({} as never, 'loans')).rejects.toMatchObject({ path: 'workspace' });
  });

  it.each([
    [401, 'AUTHENTICATION_FAILED'],
    [403, 'PERMISSION_DENIED'],
    [500, 'SERVICE_FAILED'],
  ])('fails with %i as %s', async (status, code) => {
    const { standIn, workspace } = await openLoans();
    standIn.fail({ status, times: Number.POSITIVE_INFINITY });

    await expect(OnlineEndpoint.get(workspace, 'loans')).rejects.toMatchObject({ code, statusCode: status });
  });
});

describe('listing online endpoints', () => {
  it('asks for a page when it is needed, and reads no deployments', async () => {
    const { standIn, workspace } = await openStandIn({ pageSize: 2 });
    for (let at = 0; at < 5; at += 1) {
      standIn.addEndpoint(`e${at}`);
    }

    const names: string[] = [];
    const asked: number[] = [];
    for await (const endpoint of OnlineEndpoint.list(workspace)) {
      names.push(endpoint.name);
      asked.push(standIn.exchanges().length);
      expect(endpoint).toMatchObject({ state: 'Healthy', enableAppInsights: undefined, collectModelData: undefined });
    }

    expect(names).toEqual(['e0', 'e1', 'e2', 'e3', 'e4']);
    expect(asked).toEqual([1, 1, 2, 2, 3]);
    expect(new Set(requests(standIn))).toEqual(new Set([`GET ${workspace.id}/onlineEndpoints`]));
  });

  it('filters by tags and properties at the service, and here what its filter cannot carry', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.addEndpoint('a', { tags: { team: 'risk', 'a,b': 'x=y' }, properties: { properties: { stage: 'prod' } } });
    standIn.addEndpoint('b', { tags: { team: 'risk' }, properties: { properties: { stage: 'prod' } } });
    standIn.addEndpoint('c', { tags: { team: 'other', 'a,b': 'x=y' } });
    const names = async (options: Parameters<typeof OnlineEndpoint.list>[1]) => {
      const found: string[] = [];
      for await (const { name } of OnlineEndpoint.list(workspace, options)) {
        found.push(name);
      }
      return found;
    };

    expect(await names({ tags: [['team', 'risk']], properties: ['stage'] })).toEqual(['a', 'b']);
    expect(new URL(standIn.exchanges()[0]?.url ?? '').searchParams.get('tags')).toBe('team=risk');
    expect(await names({ tags: [['a,b', 'x=y']] })).toEqual(['a', 'c']);
    expect(await names({ tags: ['team', ['a,b', 'x=y']] })).toEqual(['a', 'c']);
    await expect(names({ tags: 'team' as never })).rejects.toMatchObject({ code: 'VALIDATION', path: 'tags' });
  });

  it('does not follow a page that leads to another host', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail({ status: 200, body: { value: [], nextLink: 'https://evil.example/next' } });

    await expect(OnlineEndpoint.list(workspace).next()).rejects.toMatchObject({ code: 'FOREIGN_HOST' });
    expect(standIn.exchanges()).toHaveLength(1);
  });
});

describe('the plane of online endpoints', () => {
  it('gives an endpoint, or nothing, and asks for no name that cannot be', async () => {
    const { standIn, workspace } = await openLoans();

    expect((await onlinePlane.get(workspace, 'loans'))?.kind).toBe('OnlineEndpoint');
    expect(await onlinePlane.get(workspace, 'lones')).toBeUndefined();
    standIn.clearExchanges();
    expect(await onlinePlane.get(workspace, 'no such.name')).toBeUndefined();
    expect(standIn.exchanges()).toEqual([]);
    expect((await onlinePlane.list(workspace).next()).value?.name).toBe('loans');
  });

  it('does not take a missing resource group for a missing endpoint', async () => {
    const { standIn, workspace } = await openLoans();
    standIn.fail({
      status: 404,
      body: { error: { code: 'ResourceGroupNotFound', message: 'There is no group rg1.' } },
    });

    await expect(onlinePlane.get(workspace, 'loans')).rejects.toMatchObject({
      message: expect.stringContaining('rg1'),
    });
  });
});
