import { listResources } from '../../src/azure/pages.ts';
import type { Workspace } from '../../src/index.ts';
import { rejection } from '../support/local-services.ts';
import { openStandIn } from '../support/stand-in.ts';

const list = (workspace: Workspace) =>
  listResources(
    workspace.azure,
    {
      url: `${workspace.id}/onlineEndpoints`,
      query: { 'api-version': '2024-04-01' },
      what: 'Listing the online endpoints',
    },
    {},
  );
const names = async (resources: AsyncIterable<Record<string, unknown>>) => {
  const found: unknown[] = [];
  for await (const { name } of resources) {
    found.push(name);
  }
  return found;
};
const page = (nextLink: unknown, value: unknown = [{ name: 'a' }]) => ({ status: 200, body: { value, nextLink } });

describe('listing resources', () => {
  it('goes through all pages, asking for a page when its first resource is asked for', async () => {
    const { standIn, workspace } = await openStandIn({ pageSize: 2 });
    const wanted = ['a', 'b', 'c', 'd', 'e'].map((name) => standIn.addEndpoint(`endpoint-${name}`).name);
    const resources = list(workspace);
    await resources.next();
    await resources.next();
    expect(standIn.exchanges()).toHaveLength(1);
    await resources.return(undefined);

    expect((await names(list(workspace))).sort()).toEqual(wanted);
    expect(standIn.exchanges()).toHaveLength(4);
    expect(standIn.tokenRequests).toHaveLength(1);
  });

  it('does not follow a next page to another host, and sends no token there', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail(page('https://evil.example.com/next'));
    expect(await rejection(names(list(workspace)))).toMatchObject({
      code: 'FOREIGN_HOST',
      details: { host: 'evil.example.com' },
    });

    standIn.fail({ ...page('https://evil.example.com/next'), url: 'onlineEndpoints' });
    const named = workspace.azure.call({ what: 'Listing' }, async (client, options) => {
      const found: unknown[] = [];
      for await (const endpoint of client.onlineEndpoints.list(
        workspace.resourceGroup,
        workspace.workspaceName,
        options,
      )) {
        found.push(endpoint);
      }
    });
    expect(await rejection(named)).toMatchObject({ code: 'FOREIGN_HOST' });
    expect(standIn.exchanges().map(({ url }) => new URL(url).host)).toEqual([
      'management.azure.com',
      'management.azure.com',
    ]);
  });

  it.each([
    ['names itself', (self: string) => self, 'names itself or an earlier one'],
    ['is no address', () => 'https://', 'no address'],
  ])('ends when the next page %s', async (_, link, message) => {
    const { standIn, workspace } = await openStandIn();
    const self = `https://management.azure.com${workspace.id}/onlineEndpoints?api-version=2024-04-01&$skip=1`;
    standIn.fail({ ...page(link(self)), times: Number.POSITIVE_INFINITY });

    expect(await rejection(names(list(workspace)))).toMatchObject({
      code: 'INVALID_ANSWER',
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ['is no object', { status: 200, body: [1] }],
    ['holds something else than objects', page(null, [1])],
  ])('says so when a page %s', async (_, fault) => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail(fault);

    expect(await rejection(names(list(workspace)))).toMatchObject({ code: 'INVALID_ANSWER' });
  });

  it.each([
    ['without a list', {}],
    ['with null for a list', { value: null }],
    ['with an object for a list', { value: { name: 'a' } }],
    ['with an entry without a name', { value: [{ name: 'a' }, {}] }],
    ['with a number for a name', { value: [{ name: 5 }] }],
  ])('does not take a page %s for one with fewer resources', async (_, body) => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail({ status: 200, body });

    expect(await rejection(names(list(workspace)))).toMatchObject({ code: 'INVALID_ANSWER' });
  });

  it('ends when the pages go round in a circle, however long it is', async () => {
    const { standIn, workspace } = await openStandIn();
    const url = `https://management.azure.com${workspace.id}/onlineEndpoints?api-version=2024-04-01`;
    const links = Array.from({ length: 7 }, (_, at) => `${url}&$skip=${at}`);
    for (let round = 0; round < 9; round += 1) {
      for (const link of links) {
        standIn.fail(page(link));
      }
    }

    expect(await rejection(names(list(workspace)))).toMatchObject({
      code: 'INVALID_ANSWER',
      message: expect.stringContaining('an earlier one'),
    });
    expect(standIn.exchanges().length).toBeLessThan(30);
  });
});
