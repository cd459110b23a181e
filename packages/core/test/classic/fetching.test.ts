import { AciWebservice } from '../../src/classic/aci-webservice.ts';
import { AksEndpoint } from '../../src/classic/aks-endpoint.ts';
import { AksWebservice } from '../../src/classic/aks-webservice.ts';
import { classicPlane } from '../../src/classic/classic-plane.ts';
import { ClassicWebservice } from '../../src/classic/classic-webservice.ts';
import { UnknownWebservice } from '../../src/classic/unknown-webservice.ts';
import { WebserviceNotFoundError } from '../../src/errors.ts';
import type { Webservice } from '../../src/webservice/webservice.ts';
import { openStandIn } from '../support/stand-in.ts';
import { openService, pathOf, rejection } from './support.ts';

async function names(services: AsyncIterable<Webservice>): Promise<string[]> {
  const found: string[] = [];
  for await (const service of services) {
    found.push(`${service.kind}:${service.name}`);
  }
  return found.sort();
}

async function fourKinds() {
  const { standIn, workspace } = await openStandIn();
  standIn.addService('aks-svc', { kvTags: { team: 'a', stage: 'x' } });
  standIn.addService('aci-svc', { computeType: 'ACI' });
  standIn.addService('aks-ep', { computeType: 'AKSENDPOINT' });
  standIn.addService('other-svc', { computeType: 'FPGA' });
  return { standIn, workspace };
}

const queries = (standIn: Awaited<ReturnType<typeof fourKinds>>['standIn']) =>
  standIn
    .exchanges()
    .filter(({ plane }) => plane === 'classic')
    .map(pathOf);

describe('fetching a classic service', () => {
  it('gives the class for its compute type', async () => {
    const { standIn, workspace } = await fourKinds();

    const kinds = await Promise.all(
      ['aks-svc', 'aci-svc', 'aks-ep', 'other-svc'].map((name) => ClassicWebservice.get(workspace, name)),
    );

    for (const [index, Class] of [AksWebservice, AciWebservice, AksEndpoint, UnknownWebservice].entries()) {
      expect(kinds[index]).toBeInstanceOf(Class);
    }
    expect(queries(standIn)).toContain('GET services/aks-svc?expand=true');
  });

  it('refuses a service of another kind by its class, naming the right one', async () => {
    const { workspace } = await fourKinds();

    const error = await rejection(AksWebservice.get(workspace, 'aci-svc'));

    expect(error).toMatchObject({ code: 'WEBSERVICE_OF_OTHER_KIND', details: { kind: 'AciWebservice' } });
    expect(error.message).toContain('AciWebservice.get()');
    await expect(AciWebservice.get(workspace, 'other-svc')).rejects.toThrow('Webservice.get()');
    expect((await AciWebservice.get(workspace, 'aci-svc')).name).toBe('aci-svc');
    expect((await AksEndpoint.get(workspace, 'aks-ep')).kind).toBe('AksEndpoint');
  });

  it('says which service is missing, with what the service answered', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail({
      url: '/services/missing',
      status: 404,
      headers: { 'x-ms-request-id': 'r-1' },
      body: { code: 'NotFound', statusCode: 404, message: 'The request is invalid.' },
    });

    const error = await rejection(AksWebservice.get(workspace, 'missing'));

    expect(error).toBeInstanceOf(WebserviceNotFoundError);
    expect(error).toMatchObject({
      code: 'WEBSERVICE_NOT_FOUND',
      statusCode: 404,
      requestId: 'r-1',
      details: { code: 'NotFound', message: 'The request is invalid.' },
    });
    expect(error.message).toContain('"missing"');
    expect(await classicPlane.get(workspace, 'missing')).toBeUndefined();
    await expect(AksWebservice.get(workspace, '')).rejects.toMatchObject({ code: 'VALIDATION', path: 'name' });
  });

  it('sends one session id with every request of the process', async () => {
    const { standIn, workspace } = await fourKinds();
    await ClassicWebservice.get(workspace, 'aks-svc');
    await names(ClassicWebservice.list(workspace));

    const ids = standIn
      .exchanges()
      .filter(({ plane }) => plane === 'classic')
      .map(({ headers }) => headers['x-ms-client-session-id']);

    expect(ids).toHaveLength(2);
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(ids).size).toBe(1);
  });

  it('reads again, and refuses a service of another kind that took the name', async () => {
    const { azure, state, service } = await openService<AksWebservice>();
    state.resource = { ...state.resource, state: 'Unschedulable', appInsightsEnabled: true };

    await service.refresh();
    expect(service).toMatchObject({ state: 'Unschedulable', enableAppInsights: true });

    azure.addService('svc', { computeType: 'ACI' });
    await expect(service.refresh()).rejects.toMatchObject({ code: 'WEBSERVICE_OF_OTHER_KIND' });
  });
});

describe('listing classic services', () => {
  it('lists all kinds, page by page as they are asked for', async () => {
    const { standIn, workspace } = await openStandIn();
    for (let number = 0; number < 250; number += 1) {
      standIn.addService(`svc-${number}`);
    }
    const listed = () => standIn.exchanges().filter(({ url }) => new URL(url).pathname.endsWith('/services')).length;

    const services = ClassicWebservice.list(workspace);
    await services.next();
    const pagesForOne = listed();
    const rest = await names(services);

    expect(rest).toHaveLength(249);
    expect(pagesForOne).toBe(1);
    expect(listed()).toBeGreaterThan(1);
  });

  it('asks by class for that kind only', async () => {
    const { standIn, workspace } = await fourKinds();

    expect(await names(AksWebservice.list(workspace))).toEqual(['AksWebservice:aks-svc']);
    expect(await names(AciWebservice.list(workspace))).toEqual(['AciWebservice:aci-svc']);
    expect(await names(AksEndpoint.list(workspace))).toEqual(['AksEndpoint:aks-ep']);
    expect(queries(standIn)).toEqual([
      'GET services?expand=true&computeType=AKS',
      'GET services?expand=true&computeType=ACI',
      'GET services?expand=true&computeType=AKSENDPOINT',
    ]);
    await expect(names(AksWebservice.list(workspace, { computeType: 'ACI' }))).rejects.toMatchObject({
      code: 'VALIDATION',
      path: 'computeType',
    });
  });

  it('sends every filter as the service wants it', async () => {
    const { standIn, workspace } = await fourKinds();

    await names(
      ClassicWebservice.list(workspace, {
        computeType: 'aks',
        imageName: 'img',
        imageId: 'img:1',
        imageDigest: 'sha',
        modelName: 'best_model',
        modelId: 'best_model:10',
        tags: ['a', ['b', '1'], ['c d', 'e=f']],
        properties: ['p', ['q', '2']],
      }),
    );

    expect(queries(standIn)).toEqual([
      'GET services?expand=true&computeType=aks&imageName=img&imageId=img:1&modelName=best_model' +
        '&modelId=best_model:10&tags=a,b=1,c d=e=f&properties=p,q=2&imageDigest=sha',
    ]);
    expect(await names(ClassicWebservice.list(workspace, { tags: [['team', 'a'], 'stage'] }))).toEqual([
      'AksWebservice:aks-svc',
    ]);
  });

  it.each([
    [{ computeType: 'VM' }, 'computeType'],
    [{ tags: ['a,b'] }, 'tags[0]'],
    [{ tags: ['a', ['b', '1,2']] }, 'tags[1]'],
    [{ properties: [['q', 2]] }, 'properties[0]'],
    [{ modelName: '' }, 'modelName'],
    [{ modelname: 'x' }, 'modelname'],
  ])('refuses %j before any request', async (options, path) => {
    const { standIn, workspace } = await openStandIn();

    const error = await rejection(names(ClassicWebservice.list(workspace, options as object)));

    expect(error).toMatchObject({ code: 'VALIDATION', details: { path } });
    expect(standIn.exchanges()).toEqual([]);
  });

  it('does not follow a next page to a foreign host', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail({
      url: '/services?',
      status: 200,
      body: { value: [], nextLink: 'https://evil.example/services?page=2' },
    });

    await expect(names(ClassicWebservice.list(workspace))).rejects.toMatchObject({ code: 'FOREIGN_HOST' });
    expect(standIn.exchanges().some(({ url }) => url.includes('evil'))).toBe(false);
  });
});

describe('the classic plane of a search', () => {
  it('narrows to a class', async () => {
    const { standIn, workspace } = await fourKinds();

    expect(await names(classicPlane.list(workspace))).toHaveLength(4);
    expect(await names(classicPlane.list(workspace, { kind: 'AciWebservice' }))).toEqual(['AciWebservice:aci-svc']);
    expect(await names(classicPlane.list(workspace, { kind: 'UnknownWebservice', tags: [] }))).toEqual([
      'UnknownWebservice:other-svc',
    ]);
    expect((await classicPlane.get(workspace, 'aks-ep'))?.kind).toBe('AksEndpoint');
    expect(queries(standIn)[1]).toBe('GET services?expand=true&computeType=ACI');
  });

  it('is empty in a workspace that has no classic services', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail({ url: 'discovery', status: 404, times: Number.POSITIVE_INFINITY });

    expect(await classicPlane.get(workspace, 'svc')).toBeUndefined();
    expect(await names(classicPlane.list(workspace))).toEqual([]);
    await expect(ClassicWebservice.get(workspace, 'svc')).rejects.toMatchObject({ code: 'CLASSIC_PLANE_MISSING' });
  });

  it('passes other failures on', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail({ url: '/services', status: 403, times: 2 });

    await expect(classicPlane.get(workspace, 'svc')).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    await expect(names(classicPlane.list(workspace))).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });
});
