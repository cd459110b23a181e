import { type AzureStandIn, type Azurite, startAzureStandIn, startAzurite } from '../../src/index.ts';
import { sendMeant } from './support.ts';

const ACCOUNT = 'https://any.blob.core.windows.net';

describe('the blob store behind the stand-in', () => {
  let azurite: Azurite;
  let azure: AzureStandIn;
  beforeAll(async () => {
    azurite = await startAzurite();
  }, 60_000);
  afterAll(() => azurite.close());
  beforeEach(async () => {
    azure = await startAzureStandIn({ blobs: azurite.connectionString });
    azure.addDatastore('mine', { properties: { containerName: 'mine' } });
  });
  afterEach(() => azure.close());

  const call = async (method: string, path: string, body?: string) => {
    const { token } = await azure.credential.getToken('https://storage.azure.com/.default');
    return sendMeant(azure, method, `${ACCOUNT}${path}`, {
      ...(body === undefined ? {} : { body }),
      headers: { authorization: `Bearer ${token}`, 'x-ms-blob-type': 'BlockBlob', 'x-ms-version': '2021-12-02' },
    });
  };

  it('keeps what is put into it, whatever the account; the containers of datastores are there, no others', async () => {
    expect((await call('PUT', '/mine/a/b.txt', 'some text')).status).toBe(201);
    expect(await call('GET', '/mine/a/b.txt')).toMatchObject({ status: 200, body: 'some text' });
    expect((await call('PUT', '/nobodys/a.txt', 'x')).status).toBe(404);
    const [first] = azure.exchanges();
    expect(first).toMatchObject({ plane: 'blob', method: 'PUT', url: `${ACCOUNT}/mine/a/b.txt`, body: undefined });
  });

  it('wants a token that was handed out, a key or a signature', async () => {
    const url = `${ACCOUNT}/mine/a.txt`;
    const answer = await sendMeant(azure, 'GET', url, { headers: { authorization: 'Bearer somebody' } });
    expect(answer.status).toBe(401);
    expect(answer.headers['x-ms-error-code']).toBe('NoAuthenticationInformation');
    expect((await sendMeant(azure, 'GET', `${url}?sv=2020-08-04&sig=x`)).status).toBe(404);
  });

  it('meets the faults that a test asks for', async () => {
    azure.fail({ url: /\.blob\./, status: 503 });
    expect((await call('GET', '/mine/a.txt')).status).toBe(503);
    azure.fail({ url: /\.blob\./, cut: 'after' });
    await expect(call('PUT', '/mine/cut.txt', 'x')).rejects.toThrow();
    expect((await call('GET', '/mine/cut.txt')).status).toBe(200);
  });

  it('is nobody without the option', async () => {
    const alone = await startAzureStandIn();
    const { token } = await alone.credential.getToken('https://storage.azure.com/.default');
    const headers = { authorization: `Bearer ${token}` };
    expect((await sendMeant(alone, 'GET', `${ACCOUNT}/mine/a.txt`, { headers })).status).toBe(404);
    await alone.close();
  });
});
