import type { WorkspaceDetails } from '../../src/index.ts';
import { rejection, until } from '../support/local-services.ts';
import { openStandIn, requests, workspaceOn } from '../support/stand-in.ts';

describe('Workspace.get', () => {
  it('gives what Azure knows of the workspace, and the whole resource with it', async () => {
    const { standIn, workspace } = await openStandIn();
    const properties = standIn.workspace['properties'] as Record<string, string>;
    Object.assign(properties, { managedNetwork: { isolationMode: 'AllowOnlyApprovedOutbound' }, hbiWorkspace: true });
    standIn.workspace['tags'] = { team: 'credit', empty: '' };
    const details = await workspace.get();

    expect(details).toEqual({
      id: workspace.id,
      name: 'ws1',
      location: 'westus',
      workspaceId: properties['workspaceId'],
      tenantId: properties['tenantId'],
      friendlyName: 'ws1',
      description: '',
      discoveryUrl: properties['discoveryUrl'],
      storageAccount: properties['storageAccount'],
      applicationInsights: properties['applicationInsights'],
      keyVault: properties['keyVault'],
      containerRegistry: properties['containerRegistry'],
      mlFlowTrackingUri: properties['mlFlowTrackingUri'],
      publicNetworkAccess: 'Enabled',
      provisioningState: 'Succeeded',
      hbiWorkspace: true,
      v1LegacyMode: false,
      tags: { team: 'credit', empty: '' },
      resource: standIn.workspace,
    } satisfies WorkspaceDetails);
    expect(requests(standIn)).toEqual([`GET ${workspace.id}`]);
  });

  it.each([{}, { name: 'ws1' }, { name: 'ws1', properties: null }])(
    'does not take the answer %j for a workspace',
    async (body) => {
      const { standIn, workspace } = await openStandIn();
      standIn.fail({ status: 200, body });

      expect(await rejection(workspace.get())).toMatchObject({ code: 'INVALID_ANSWER' });
    },
  );

  it('asks once for many calls, and again when it shall', async () => {
    const { standIn, workspace } = await openStandIn();
    expect(workspace.details).toBeUndefined();
    const [first, second] = await Promise.all([workspace.get(), workspace.get()]);
    expect(second).toBe(first);
    expect(await workspace.get()).toBe(first);
    expect(workspace.details).toBe(first);
    expect(standIn.exchanges()).toHaveLength(1);

    standIn.workspace['location'] = 'eastus';
    expect(await workspace.get({ refresh: true })).toMatchObject({ location: 'eastus' });
    expect(workspace.details).toMatchObject({ location: 'eastus' });
    expect(standIn.exchanges()).toHaveLength(2);
  });

  it('is not given what was asked for before a refresh began', async () => {
    const { standIn, workspace } = await openStandIn();
    // The first answer comes last.
    standIn.fail({ delayMs: 200 });
    const early = workspace.get();
    await until('a token was asked for', () => standIn.tokenRequests.length === 1);
    const [fresh, late] = await Promise.all([workspace.get({ refresh: true }), early]);

    expect(fresh).not.toBe(late);
    expect(workspace.details).toBe(fresh);
  });

  it('does not keep a failure', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail({ status: 403 });

    expect(await rejection(workspace.get())).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(workspace.details).toBeUndefined();
    expect(await workspace.get()).toMatchObject({ name: 'ws1' });
  });

  it('goes on for the others when one who waits gives up, and ends when all did', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail({ status: 503, headers: { 'retry-after': '100' }, times: 2 });
    const [one, two] = [new AbortController(), new AbortController()];
    const first = rejection(workspace.get({ abortSignal: one.signal }));
    const second = rejection(workspace.get({ abortSignal: two.signal }));
    await until('the request came', () => standIn.exchanges().length === 1);
    one.abort(new Error('one'));
    expect(await first).toMatchObject({ message: 'one' });
    const third = rejection(workspace.get({ timeoutMs: 20 }));
    expect(await third).toMatchObject({ code: 'TIMEOUT' });
    expect(standIn.exchanges()).toHaveLength(1);

    two.abort(new Error('two'));
    expect(await second).toMatchObject({ message: 'two' });
    standIn.clearFaults();
    expect(await workspace.get()).toMatchObject({ name: 'ws1' });
    expect(standIn.exchanges()).toHaveLength(2);
  });

  it('names the workspace, its group, its subscription and the endpoint when there is none', async () => {
    const { standIn } = await openStandIn();
    const error = await rejection(workspaceOn(standIn, { workspaceName: 'nowhere' }).get());

    expect(error).toMatchObject({ code: 'WORKSPACE_NOT_FOUND', statusCode: 404 });
    for (const name of ['nowhere', 'rg1', standIn.subscriptionId, 'https://management.azure.com', 'tenant', 'cloud']) {
      expect(error.message).toContain(name);
    }
  });

  it('leaves fields that are missing undefined', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail({ status: 200, body: { properties: { hbiWorkspace: 'maybe', storageAccount: 7 }, tags: { a: 1 } } });

    expect(await workspace.get()).toMatchObject({
      id: workspace.id,
      name: 'ws1',
      storageAccount: undefined,
      hbiWorkspace: undefined,
      tags: {},
    });
  });

  it.each([['[]'], ['"text"'], ['']])('says that the answer %j is no use', async (body) => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail({ status: 200, body, headers: { 'content-type': 'application/json' } });

    expect(await rejection(workspace.get())).toMatchObject({ code: 'INVALID_ANSWER' });
  });
});
