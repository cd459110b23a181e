import { rejection } from '../support/local-services.ts';
import { openStandIn, requests } from '../support/stand-in.ts';

const discoveryOf = (standIn: { workspace: Record<string, unknown> }) =>
  standIn.workspace['properties'] as { discoveryUrl?: string };

describe('Workspace.discover', () => {
  it('finds the classic service by the discovery address of the workspace, and takes no token there', async () => {
    const { standIn, workspace } = await openStandIn();
    const services = await workspace.discover();

    expect(services.modelManagement).toBe(`https://westus.api.azureml.ms/modelmanagement/v1.0${workspace.id}`);
    expect(services.addresses).toMatchObject({
      history: 'https://westus.api.azureml.ms',
      studio: 'https://ml.azure.com',
    });
    const [reading, discovering] = standIn.exchanges();
    expect(reading?.headers).toHaveProperty('authorization');
    expect(discovering).toMatchObject({ plane: 'discovery', url: discoveryOf(standIn).discoveryUrl });
    expect(discovering?.headers).not.toHaveProperty('authorization');
  });

  it('lets the token go to the classic service from then on, and not before', async () => {
    const { standIn, workspace } = await openStandIn();
    const list = () =>
      workspace.azure.send({
        method: 'GET',
        url: `https://westus.api.azureml.ms/modelmanagement/v1.0${workspace.id}/services`,
        what: 'Listing',
      });
    expect(await rejection(list())).toMatchObject({ code: 'FOREIGN_HOST' });
    await workspace.discover();

    expect(await list()).toMatchObject({ status: 200 });
    expect(standIn.tokenRequests).toHaveLength(1);
  });

  it('asks once for an hour', async () => {
    const { standIn, workspace } = await openStandIn();
    const [first, second] = await Promise.all([workspace.discover(), workspace.discover()]);
    expect(second).toBe(first);
    expect(await workspace.discover()).toBe(first);
    expect(standIn.exchanges()).toHaveLength(2);

    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now + 3_599_000);
    try {
      await workspace.discover();
      expect(standIn.exchanges()).toHaveLength(2);
      clock.mockReturnValue(now + 3_601_000);
      await workspace.discover();
      expect(requests(standIn).slice(2)).toEqual([expect.stringMatching(/^GET \/discovery\//)]);
    } finally {
      clock.mockRestore();
    }
  });

  it('asks again after the classic service could not be reached', async () => {
    const { standIn, workspace } = await openStandIn();
    const { modelManagement } = await workspace.discover();
    standIn.fail({ url: 'modelmanagement', cut: 'before', times: 4 });
    const listing = workspace.azure.send({ method: 'GET', url: `${modelManagement}/services`, what: 'Listing' });
    expect(await rejection(listing)).toMatchObject({ code: 'SERVICE_UNREACHABLE' });
    standIn.clearExchanges();
    await workspace.discover();

    expect(requests(standIn)).toEqual([expect.stringMatching(/^GET \/discovery\//)]);
  });

  it.each([
    ['has no discovery address', (properties: { discoveryUrl?: string }) => delete properties.discoveryUrl, undefined],
    ['is unknown there (404)', () => undefined, { url: '/discovery/', status: 404 }],
    ['is gone there (410)', () => undefined, { url: '/discovery/', status: 410 }],
    [
      'has no such service',
      () => undefined,
      { url: '/discovery/', status: 200, body: { api: 'https://a.example.com' } },
    ],
  ])('says that there are no classic services when the workspace %s', async (_, change, fault) => {
    const { standIn, workspace } = await openStandIn();
    change(discoveryOf(standIn));
    if (fault !== undefined) {
      standIn.fail(fault);
    }

    expect(await rejection(workspace.discover())).toMatchObject({
      code: 'CLASSIC_PLANE_MISSING',
      message: expect.stringContaining('ws1'),
    });
  });

  it.each([
    ['http://westus.api.azureml.ms', 'https address'],
    ['https://user:pa55word@westus.api.azureml.ms', 'https address'],
    ['nonsense', 'https address'],
  ])('does not trust the host %s', async (modelmanagement, message) => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail({ url: '/discovery/', status: 200, body: { modelmanagement } });
    const error = await rejection(workspace.discover());

    expect(error).toMatchObject({ code: 'INVALID_ANSWER', message: expect.stringContaining(message) });
    expect(error.message).not.toContain('pa55word');
  });

  it('does not discover over plain http, nor along a redirect', async () => {
    const { standIn, workspace } = await openStandIn();
    const url = discoveryOf(standIn).discoveryUrl ?? '';
    discoveryOf(standIn).discoveryUrl = url.replace('https:', 'http:');
    expect(await rejection(workspace.discover())).toMatchObject({ code: 'INVALID_ANSWER' });

    discoveryOf(standIn).discoveryUrl = url;
    standIn.fail({ url: '/discovery/', status: 302, headers: { location: 'https://evil.example.com/' } });
    expect(await rejection(workspace.discover({ refresh: true }))).toMatchObject({ code: 'FOREIGN_HOST' });
  });

  it.each(['AZUREML_DEV_URL_MMS', 'AZUREML_DEV_URL_ASSETS'])(
    'takes the address that the variable %s gives, and asks nobody',
    async (name) => {
      const { standIn, workspace } = await openStandIn();
      try {
        process.env[name] = 'https://mms.example.com/';
        expect((await workspace.discover()).modelManagement).toBe(
          `https://mms.example.com/modelmanagement/v1.0${workspace.id}`,
        );
        process.env[name] = 'http://mms.example.com/';
        expect(await rejection(workspace.discover({ refresh: true }))).toMatchObject({
          code: 'VALIDATION',
          path: name,
        });
      } finally {
        delete process.env[name];
      }
      expect(standIn.exchanges()).toEqual([]);
    },
  );
});
