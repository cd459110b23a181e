import { type AzureStandIn, startAzureStandIn } from '../../src/index.ts';
import { issuesOf } from '../specification/support.ts';
import { arm, mms, send, sendMeant } from './support.ts';

const ENDPOINT = '/onlineEndpoints/loans';

describe('a fault of the stand-in', () => {
  let azure: AzureStandIn;
  let api: ReturnType<typeof arm>;

  beforeEach(async () => {
    azure = await startAzureStandIn();
    api = arm(azure);
    azure.addEndpoint('loans');
  });

  afterEach(() => azure.close());

  const statuses = async (count: number, path = ENDPOINT) => {
    const all: number[] = [];
    for (let request = 0; request < count; request += 1) {
      all.push((await api.call('GET', path)).status);
    }
    return all;
  };

  it('hits once, as often as said, or until it is cleared', async () => {
    azure.fail({ status: 500 });
    expect(await statuses(2)).toEqual([500, 200]);
    azure.fail({ status: 503, times: 2 });
    expect(await statuses(3)).toEqual([503, 503, 200]);
    azure.fail({ status: 429, times: Number.POSITIVE_INFINITY });
    expect(await statuses(5)).toEqual([429, 429, 429, 429, 429]);
    azure.clearFaults();
    expect(await statuses(1)).toEqual([200]);
  });

  it('lets requests pass first, and only counts those that it is for', async () => {
    azure.fail({ method: 'GET', url: /onlineEndpoints\/loans\?/g, after: 1, times: 2, status: 500 });
    expect(await statuses(1, '/onlineEndpoints')).toEqual([200]);
    expect((await api.call('PATCH', ENDPOINT, { tags: {} })).status).toBe(202);
    expect(await statuses(4)).toEqual([200, 500, 500, 200]);
  });

  it('is looked at in the order in which it was added', async () => {
    azure.fail({ url: 'loans', status: 500 });
    azure.fail({ status: 503 });
    expect(await statuses(3)).toEqual([500, 503, 200]);
  });

  it('has the error body of the part that answers, so that clients understand it', async () => {
    azure.fail({ status: 429, headers: { 'Retry-After': '17' }, times: 2 });
    const managed = await api.call('GET', ENDPOINT);
    expect(managed.body.error.code).toBe('TooManyRequests');
    expect(managed.headers['retry-after']).toBe('17');
    expect((await mms(azure).call('GET', '/services')).body).toMatchObject({ statusCode: 429, details: [{}] });
    azure.fail({ status: 418 });
    expect((await api.call('GET', ENDPOINT)).body.error.code).toBe('UnknownError');
    const [first] = azure.exchanges();
    expect(first).toMatchObject({ isFault: true, plane: 'management', answer: { status: 429 } });
    expect(await issuesOf(first === undefined ? [] : [first])).toEqual([]);
  });

  it('answers a body, a broken one, a redirect, or none, as given', async () => {
    azure.fail({ status: 400, body: { own: 1 } });
    azure.fail({ status: 200, body: '{"half":' });
    azure.fail({ status: 502, body: '<html>', headers: { 'content-type': 'text/html' } });
    azure.fail({ status: 302, headers: { location: 'https://elsewhere.example/' } });
    const [own, half, html, redirect] = [
      await api.call('GET', ENDPOINT),
      await api.call('GET', ENDPOINT),
      await api.call('GET', ENDPOINT),
      await api.call('GET', ENDPOINT),
    ];
    expect(own.body).toEqual({ own: 1 });
    expect([half.status, half.body, half.headers['content-type']]).toEqual([
      200,
      '{"half":',
      'application/json; charset=utf-8',
    ]);
    expect([html.status, html.headers['content-type']]).toEqual([502, 'text/html']);
    expect([redirect.status, redirect.headers['location'], redirect.body]).toEqual([
      302,
      'https://elsewhere.example/',
      undefined,
    ]);
  });

  it('that answers keeps the request from being acted on', async () => {
    azure.fail({ method: 'DELETE', status: 500 });
    await api.call('DELETE', ENDPOINT);
    expect(azure.endpoint('loans')?.resource['properties']).toMatchObject({ provisioningState: 'Succeeded' });
  });

  it('that cuts before keeps the request from being acted on; one that cuts after loses only the answer', async () => {
    const put = () =>
      api.call('PUT', '/onlineEndpoints/fresh', { location: 'westus', properties: { authMode: 'Key' } });
    azure.fail({ method: 'PUT', cut: 'before' });
    await expect(put()).rejects.toThrow();
    expect(azure.endpoint('fresh')).toBeUndefined();
    azure.fail({ method: 'PUT', cut: 'after' });
    await expect(put()).rejects.toThrow();
    expect(azure.endpoint('fresh')).toBeDefined();
    expect(azure.exchanges().map(({ isFault, answer }) => [isFault, answer.status])).toEqual([
      [true, 0],
      [true, 201],
    ]);
  });

  it('that only waits, or calls, leaves the answer to the service', async () => {
    azure.fail({
      delayMs: 1,
      onHit: () => {
        (azure.endpoint('loans')?.resource ?? {})['tags'] = { changed: 'in between' };
      },
    });
    expect((await api.call('GET', ENDPOINT)).body.tags).toEqual({ changed: 'in between' });
    expect(azure.exchanges()[0]?.isFault).toBe(false);
  });

  it('that waits does not hold up close', async () => {
    azure.fail({ delayMs: 3_600_000 });
    const held = api.call('GET', ENDPOINT);
    // It is held when the next one has come through.
    await api.call('GET', '');
    const closed = azure.close();
    await expect(held).rejects.toThrow();
    await closed;
  });
});

describe('a request for a host that the stand-in does not play', () => {
  let azure: AzureStandIn;

  beforeEach(async () => {
    azure = await startAzureStandIn();
  });

  afterEach(() => azure.close());

  it('stays on this machine, is answered 404, and is seen with what it carried', async () => {
    const headers = { authorization: 'Bearer stolen', 'x-b': '1' };
    const reply = await sendMeant(azure, 'POST', 'https://evil.example:8443/a%20b?c=d%2Fe', {
      headers,
      body: { x: 1 },
    });
    expect(reply.status).toBe(404);
    expect(azure.exchanges()).toMatchObject([
      {
        method: 'POST',
        url: 'https://evil.example:8443/a%20b?c=d%2Fe',
        headers: { ...headers, host: 'evil.example:8443' },
        body: { x: 1 },
        plane: 'other',
        answer: { status: 404 },
      },
    ]);
    expect(JSON.stringify(azure.exchanges())).not.toContain('x-azure-stand-in');
  });

  it('can be given an answer by a fault', async () => {
    azure.fail({ url: 'evil.example', status: 200, body: { value: [] } });
    expect((await sendMeant(azure, 'GET', 'http://evil.example/')).body).toEqual({ value: [] });
    expect((await send('GET', `${azure.url}/anything`)).status).toBe(404);
  });

  it('leaves the request as the client made it', async () => {
    const [{ policy }] = azure.clientOptions.additionalPolicies as [(typeof azure.clientOptions.additionalPolicies)[0]];
    const request = { url: 'https://Management.Azure.com:443/x?y=1', headers: new Headers() };
    let seen: unknown;
    await policy.sendRequest(request, async (sent) => {
      seen = [sent.url, sent.headers.get('x-azure-stand-in-origin'), sent.allowInsecureConnection];
    });
    expect(seen).toEqual([`${azure.url}/x?y=1`, 'https://management.azure.com', true]);
    expect([request.url, [...request.headers]]).toEqual(['https://Management.Azure.com:443/x?y=1', []]);
    await expect(
      policy.sendRequest(request, async () => {
        throw new Error('reset');
      }),
    ).rejects.toThrow('reset');
    expect(request.url).toBe('https://Management.Azure.com:443/x?y=1');
  });
});
