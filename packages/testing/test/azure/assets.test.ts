import { type AzureStandIn, startAzureStandIn } from '../../src/index.ts';
import { issuesOf } from '../specification/support.ts';
import { arm } from './support.ts';

const VERSION = '2022-10-01';

describe('what is registered in the stand-in', () => {
  let azure: AzureStandIn;
  let api: ReturnType<typeof arm>;

  beforeEach(async () => {
    azure = await startAzureStandIn();
    api = arm(azure, VERSION);
  });
  afterEach(() => azure.close());

  const model = (modelUri: string, more: object = {}) => ({
    properties: { modelUri, modelType: 'custom_model', ...more },
  });

  it('is made, read, changed where it may be, and deleted as the specification says', async () => {
    const path = '/models/net/versions/1';
    expect((await api.call('GET', path)).status).toBe(404);
    expect((await api.call('PUT', path, model('azureml://a'))).status).toBe(201);
    expect((await api.call('PUT', path, model('azureml://a', { tags: { t: '1' } }))).status).toBe(200);
    expect((await api.call('GET', path)).body).toMatchObject({
      name: '1',
      properties: { modelUri: 'azureml://a', tags: { t: '1' } },
    });
    expect((await api.call('PUT', path, model('azureml://b'))).status).toBe(409);
    expect(azure.assets('models').map(({ name, version }) => `${name}:${version}`)).toEqual(['net:1']);
    expect((await api.call('DELETE', path)).status).toBe(200);
    expect((await api.call('DELETE', path)).status).toBe(204);
    expect(await issuesOf(azure.exchanges())).toEqual([]);
  });

  it('is listed by name, and its versions newest first', async () => {
    azure.addAsset('environments', 'env', '1');
    azure.addAsset('environments', 'env', '2');
    azure.addAsset('environments', 'other', '7');
    const names = async (path: string) =>
      (await api.call('GET', path)).body.value.map(({ name }: { name: string }) => name);
    expect(await names('/environments')).toEqual(['env', 'other']);
    expect(await names('/environments/env/versions')).toEqual(['2', '1']);
    expect(await names('/codes')).toEqual([]);
  });
});
