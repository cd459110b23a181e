import { setLogSink } from '@azureml-ts/common';
import { listServices } from '../../src/webservice/find-services.ts';
import type { ListWebservicesOptions } from '../../src/webservice/webservice.ts';
import { Webservice } from '../../src/webservice/webservice.ts';
import { localServices, workspace as localWorkspace, rejection } from '../support/local-services.ts';
import { openStandIn, requests } from '../support/stand-in.ts';

let lines: string[];
let restore: () => void;
beforeEach(() => {
  lines = [];
  restore = setLogSink((line) => lines.push(line));
});
afterEach(() => restore());

const CLASSIC = /modelmanagement/;
const ONLINE = /onlineEndpoints/;

async function collected(services: AsyncIterable<Webservice>): Promise<string[]> {
  const all: string[] = [];
  for await (const { kind, name } of services) {
    all.push(`${kind} ${name}`);
  }
  return all;
}

async function mixed() {
  const opened = await openStandIn({ pageSize: 2 });
  const { standIn } = opened;
  for (const name of ['e1', 'e2', 'e3']) {
    standIn.addEndpoint(name);
  }
  standIn.addService('aks1');
  standIn.addService('aci1', { computeType: 'ACI', tags: { team: 'risk' } });
  standIn.addService('iot1', { computeType: 'IOT' });
  return opened;
}

describe('Webservice.get', () => {
  it.each([
    ['e1', 'OnlineEndpoint'],
    ['aks1', 'AksWebservice'],
    ['aci1', 'AciWebservice'],
    ['iot1', 'UnknownWebservice'],
  ])('finds %s, whichever kind it is of: %s', async (name, kind) => {
    const { workspace } = await mixed();
    const service = await Webservice.get(workspace, name);
    expect(service).toMatchObject({ name, kind, workspace });
    expect(service.constructor.name).toBe(kind);
    expect(await Webservice.get(workspace, name, { kind })).toMatchObject({ name, kind });
    expect(lines).toEqual([]);
  });

  it('refuses options that it does not have', async () => {
    const { workspace, standIn } = await mixed();
    const error = await rejection(Webservice.get(workspace, 'e1', { knd: 'OnlineEndpoint' } as object));
    expect(error).toMatchObject({ code: 'VALIDATION', message: expect.stringContaining('"knd"') });
    const listed = await rejection(collected(Webservice.list(workspace, { knd: 'AksWebservice' } as object)));
    expect(listed).toMatchObject({ code: 'VALIDATION', message: expect.stringContaining('"knd"') });
    expect(standIn.exchanges()).toEqual([]);
  });

  it('finds a local service of this process', async () => {
    const services = await localServices();
    try {
      const service = await services.deployed();
      expect(await Webservice.get(localWorkspace, 'svc', { kind: 'LocalWebservice' })).toBe(service);
    } finally {
      await services.close();
    }
  });

  it('reads the workspace once with it, so that links are whole', async () => {
    const { standIn, workspace } = await mixed();
    const { links } = await Webservice.get(workspace, 'e1', { kind: 'OnlineEndpoint' });
    await Webservice.get(workspace, 'e2', { kind: 'OnlineEndpoint' });
    expect(requests(standIn).filter((line) => line.endsWith('/workspaces/ws1'))).toHaveLength(1);
    expect(links.storage).toContain('Microsoft.Storage');
    expect(links.appInsights).toBeDefined();
  });

  it('finds a service also when the workspace cannot be read; then links lack addresses', async () => {
    const { standIn, workspace } = await mixed();
    standIn.fail({ url: /\/workspaces\/ws1\?/, times: Number.POSITIVE_INFINITY, status: 403 });
    const { links } = await Webservice.get(workspace, 'e1', { kind: 'OnlineEndpoint' });
    expect(links).toMatchObject({ storage: undefined, appInsights: undefined });
    expect(links.studio).toContain('/endpoints/realtime/e1/');
    expect(lines).toEqual([]);
  });

  it('asks only where services of the kind are', async () => {
    const { standIn, workspace } = await mixed();
    await Webservice.get(workspace, 'e1', { kind: 'OnlineEndpoint' });
    expect(requests(standIn).filter((line) => CLASSIC.test(line))).toEqual([]);
    standIn.clearExchanges();
    await Webservice.get(workspace, 'aks1', { kind: 'AksWebservice' });
    expect(requests(standIn).filter((line) => ONLINE.test(line))).toEqual([]);
  });

  it('refuses a kind that is not there, naming all', async () => {
    const { standIn, workspace } = await openStandIn();
    const error = await rejection(Webservice.get(workspace, 'e1', { kind: 'onlineEndpoint' }));
    expect(error).toMatchObject({ code: 'VALIDATION', path: 'kind' });
    expect(error.message).toBe(
      'kind must be one of OnlineEndpoint, AksWebservice, AciWebservice, AksEndpoint, UnknownWebservice, LocalWebservice, ' +
        "but is 'onlineEndpoint'.",
    );
    expect(await rejection(Webservice.get(workspace, ''))).toMatchObject({ code: 'VALIDATION', path: 'name' });
    expect(requests(standIn)).toEqual([]);
  });

  it('says that the same name in two planes needs a kind', async () => {
    const { standIn, workspace } = await mixed();
    standIn.addEndpoint('aks1');
    const error = await rejection(Webservice.get(workspace, 'aks1'));
    expect(error).toMatchObject({ code: 'AMBIGUOUS_NAME', details: { kinds: ['OnlineEndpoint', 'AksWebservice'] } });
    expect(error.message).toBe(
      'The workspace "ws1" has several services of the name "aks1": OnlineEndpoint, AksWebservice. ' +
        "Say which one you mean, for example { kind: 'OnlineEndpoint' }.",
    );
    expect((await Webservice.get(workspace, 'aks1', { kind: 'AksWebservice' })).kind).toBe('AksWebservice');
  });

  it('says where it looked for a service that is not there', async () => {
    const { workspace } = await mixed();
    const error = await rejection(Webservice.get(workspace, 'nowhere'));
    expect(error).toMatchObject({ name: 'WebserviceNotFoundError', code: 'WEBSERVICE_NOT_FOUND' });
    expect(error.message).toBe(
      'There is no service "nowhere" in the workspace "ws1" (resource group rg1, subscription ' +
        '11111111-2222-3333-4444-555555555555). Looked for it among its online endpoints, classic services, local services. ' +
        'Check the name (Webservice.list() gives all of them) and the workspace.',
    );
    const other = await rejection(Webservice.get(workspace, 'aks1', { kind: 'AciWebservice' }));
    expect(other.message).toMatch(
      /Looked for it among its classic services\. There is one of the kind AksWebservice\.$/,
    );
  });

  it.each([
    [CLASSIC, 'e1', 'classic services'],
    [ONLINE, 'aks1', 'online endpoints'],
  ])('finds a service when the other plane fails (%s), and logs that', async (url, name, what) => {
    const { standIn, workspace } = await mixed();
    standIn.fail({ url, times: Number.POSITIVE_INFINITY, status: 403 });
    expect((await Webservice.get(workspace, name)).name).toBe(name);
    expect(lines).toEqual([expect.stringContaining(`the ${what} of the workspace "ws1" could not be asked: `)]);
  });

  it('throws what a plane threw when the service is found nowhere else', async () => {
    const { standIn, workspace } = await mixed();
    standIn.fail({ url: CLASSIC, times: Number.POSITIVE_INFINITY, status: 403 });
    expect(await rejection(Webservice.get(workspace, 'nowhere'))).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(lines).toEqual([]);
  });

  it('ends with the reason of the signal', async () => {
    const { standIn, workspace } = await mixed();
    const abort = new AbortController();
    standIn.fail({ url: ONLINE, delayMs: 20, onHit: () => abort.abort(new Error('enough')), status: 500 });
    expect(await rejection(Webservice.get(workspace, 'e1', { abortSignal: abort.signal }))).toMatchObject({
      message: 'enough',
    });
    expect(lines).toEqual([]);
  });
});

describe('Webservice.list', () => {
  it('lists the services of all planes, page by page as they are asked for', async () => {
    const { standIn, workspace } = await mixed();
    const services = Webservice.list(workspace);
    expect((await services.next()).value.name).toBe('e1');
    expect(requests(standIn)).toHaveLength(1);
    expect(await collected(services)).toEqual([
      'OnlineEndpoint e2',
      'OnlineEndpoint e3',
      'AksWebservice aks1',
      'AciWebservice aci1',
      'UnknownWebservice iot1',
    ]);
  });

  it.each([
    [{ kind: 'OnlineEndpoint' }, ['OnlineEndpoint e1', 'OnlineEndpoint e2', 'OnlineEndpoint e3']],
    [{ kind: 'AciWebservice' }, ['AciWebservice aci1']],
    [{ kind: 'UnknownWebservice' }, ['UnknownWebservice iot1']],
    [{ kind: 'LocalWebservice' }, []],
  ])('lists only those of %j', async (options: ListWebservicesOptions, expected) => {
    const { workspace } = await mixed();
    expect(await collected(Webservice.list(workspace, options))).toEqual(expected);
  });

  it('refuses a kind that is not there', async () => {
    const { workspace } = await openStandIn();
    expect(await rejection(collected(Webservice.list(workspace, { kind: 'Nothing' })))).toMatchObject({
      code: 'VALIDATION',
    });
  });

  it('throws what a plane threw after all the others were listed', async () => {
    const { standIn, workspace } = await mixed();
    standIn.fail({ url: ONLINE, after: 1, times: Number.POSITIVE_INFINITY, status: 403 });
    const names: string[] = [];
    const listing = (async () => {
      for await (const { name } of Webservice.list(workspace)) {
        names.push(name);
      }
    })();
    expect(await rejection(listing)).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(names).toEqual(['e1', 'e2', 'aks1', 'aci1', 'iot1']);
    expect(lines).toEqual([]);
  });

  it('logs the other failures when several planes fail', async () => {
    const { standIn, workspace } = await mixed();
    standIn.fail({ url: /./, times: Number.POSITIVE_INFINITY, status: 403 });
    expect(await rejection(collected(Webservice.list(workspace)))).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(lines).toEqual([expect.stringContaining('the classic services of the workspace "ws1" could not be listed')]);
  });

  it('asks for no further page when its reader stops, and ends with the reason of the signal', async () => {
    const { standIn, workspace } = await mixed();
    for await (const { name } of Webservice.list(workspace)) {
      expect(name).toBe('e1');
      break;
    }
    expect(requests(standIn)).toHaveLength(1);
    const abort = new AbortController();
    const listing = (async () => {
      for await (const _ of Webservice.list(workspace, { abortSignal: abort.signal })) {
        abort.abort(new Error('enough'));
      }
    })();
    expect(await rejection(listing)).toMatchObject({ message: 'enough' });
    expect(lines).toEqual([]);
  });

  it('lets go of a plane when its reader stops', async () => {
    const { workspace } = await openStandIn();
    let isLetGo = false;
    const plane = {
      get: async () => undefined,
      list: async function* () {
        try {
          yield { kind: 'A', name: 'a' } as Webservice;
        } finally {
          isLetGo = true;
        }
      },
    };
    const planes = [{ what: 'things', kinds: ['A'], isRemote: false, load: async () => plane }];
    for await (const _ of listServices(workspace, {}, planes)) {
      break;
    }
    expect(isLetGo).toBe(true);
  });
});

describe('a workspace without classic services', () => {
  it('has only the others, and nothing is said about it', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.addEndpoint('e1');
    const properties = { ...(standIn.workspace['properties'] as Record<string, unknown>) };
    delete properties['discoveryUrl'];
    standIn.workspace = { ...standIn.workspace, properties };
    expect(await collected(Webservice.list(workspace))).toEqual(['OnlineEndpoint e1']);
    expect((await Webservice.get(workspace, 'e1')).name).toBe('e1');
    expect(await rejection(Webservice.get(workspace, 'e2'))).toMatchObject({ code: 'WEBSERVICE_NOT_FOUND' });
    expect(lines).toEqual([]);
  });
});
