import { createHmac } from 'node:crypto';

/** Makes a container in Azurite: every workspace in Azure has one. By hand, because this package has no client of the store. */
export async function createContainer(connectionString: string, name: string): Promise<void> {
  const field = (key: string) => new RegExp(`${key}=([^;]+)`).exec(connectionString)?.[1] ?? '';
  const [account, key, endpoint] = [field('AccountName'), field('AccountKey'), field('BlobEndpoint')];
  const headers = { 'x-ms-date': new Date().toUTCString(), 'x-ms-version': '2021-12-02' };
  const signed = [
    'PUT',
    ...Array.from({ length: 11 }, () => ''),
    ...Object.entries(headers).map(([header, value]) => `${header}:${value}`),
    `/${account}${new URL(endpoint).pathname.replace(/\/$/, '')}/${name}`,
    'restype:container',
  ].join('\n');
  const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(signed, 'utf8').digest('base64');
  const response = await fetch(`${endpoint.replace(/\/$/, '')}/${name}?restype=container`, {
    method: 'PUT',
    headers: { ...headers, authorization: `SharedKey ${account}:${signature}` },
  });
  if (response.status !== 201) {
    throw new Error(`The container could not be made: ${response.status} ${await response.text()}`);
  }
}
