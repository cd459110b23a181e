import type { WaitOptions } from '@azureml-ts/common';
import type { AzureFault } from '@azureml-ts/testing';
import type { Workspace } from '../../src/index.ts';
import { everythingIn } from '../support/everything-in.ts';
import { rejection, until } from '../support/local-services.ts';
import { openStandIn, workspaceOn } from '../support/stand-in.ts';

const WHAT = 'Reading the workspace';
type Reader = (workspace: Workspace, options?: WaitOptions) => Promise<unknown>;

const raw: Reader = (workspace, options) =>
  workspace.azure.send({
    method: 'GET',
    url: workspace.id,
    query: { 'api-version': '2024-04-01', nothing: undefined },
    what: WHAT,
    ...options,
  });
const named: Reader = (workspace, options) =>
  workspace.azure.call({ what: WHAT, ...options }, (client, callOptions) =>
    client.workspaces.get(workspace.resourceGroup, workspace.workspaceName, callOptions),
  );

/** Answers with a page, as a proxy or a sign-in page does. */
const PAGE: AzureFault = { body: '<html><body>Sign in</body></html>', headers: { 'content-type': 'text/html' } };

describe.each([
  ['a raw request', raw],
  ['the named client', named],
])('%s', (_, read) => {
  it('carries the token of the credential, asked for once for many requests at the same time', async () => {
    const { standIn, workspace } = await openStandIn();
    await Promise.all([read(workspace), read(workspace), read(workspace)]);
    await read(workspace);

    expect(standIn.tokenRequests).toEqual(['https://management.azure.com/.default']);
    expect(standIn.exchanges().map(({ answer }) => answer.status)).toEqual([200, 200, 200, 200]);
    for (const { headers, url } of standIn.exchanges()) {
      expect(headers['authorization']).toMatch(/^Bearer /);
      expect(headers['user-agent']).toMatch(/^azureml-ts /);
      expect(url).not.toContain('nothing');
    }
  });

  it.each([
    [401, 'AUTHENTICATION_FAILED', 1, false],
    [403, 'PERMISSION_DENIED', 1, false],
    [404, 'NOT_FOUND', 1, false],
    [410, 'NOT_FOUND', 1, false],
    [409, 'CONFLICT', 1, false],
    [412, 'CONFLICT', 1, false],
    [400, 'REQUEST_REFUSED', 1, false],
    [429, 'THROTTLED', 4, true],
    [500, 'SERVICE_FAILED', 4, true],
    [503, 'SERVICE_FAILED', 4, true],
  ])('turns an answer %i into %s after %i tries', async (status, code, tries, retryable) => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail({ status, times: Number.POSITIVE_INFINITY });
    const error = await rejection(read(workspace));

    expect(error).toMatchObject({
      code,
      statusCode: status,
      retryable,
      requestId: expect.stringMatching(/^[\da-f-]{36}$/),
    });
    expect(error.message).toContain(`${WHAT} failed with status ${status} (`);
    expect(standIn.exchanges()).toHaveLength(tries);
  });

  it.each([[429], [408], [500], [502], [503], [504]])(
    'sends it again after %i and gives the answer that comes then',
    async (status) => {
      const { standIn, workspace } = await openStandIn();
      standIn.fail({ status, times: 2 });
      await read(workspace);

      expect(standIn.exchanges().map(({ answer }) => answer.status)).toEqual([status, status, 200]);
    },
  );

  it.each(['before', 'after'] as const)(
    'sends it again when the connection breaks %s the request was acted on',
    async (cut) => {
      const { standIn, workspace } = await openStandIn();
      standIn.fail({ cut, times: 2 });
      await read(workspace);

      expect(standIn.exchanges()).toHaveLength(3);
    },
  );

  it('says that the service cannot be reached when the connection breaks each time', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail({ cut: 'before', times: Number.POSITIVE_INFINITY });

    expect(await rejection(read(workspace))).toMatchObject({ code: 'SERVICE_UNREACHABLE', retryable: true });
    expect(standIn.exchanges()).toHaveLength(4);
  });

  it('does not send it again before Retry-After', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail({ status: 429, headers: { 'retry-after': '0.3' } });
    await read(workspace);
    const [first, second] = standIn.exchanges();

    expect((second?.receivedAt.getTime() ?? 0) - (first?.receivedAt.getTime() ?? 0)).toBeGreaterThanOrEqual(290);
  });

  it('ends with the reason of the signal while it waits for the next try, and sends no more', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail({ status: 503, headers: { 'retry-after': '100' } });
    const aborting = new AbortController();
    const reading = rejection(read(workspace, { abortSignal: aborting.signal }));
    await until('the first try was answered', () => standIn.exchanges().length === 1);
    const reason = new Error('enough');
    aborting.abort(reason);

    expect(await reading).toBe(reason);
    expect(standIn.exchanges()).toHaveLength(1);
  });

  it('asks nothing when the signal has fired already', async () => {
    const { standIn, workspace } = await openStandIn();

    expect(await rejection(read(workspace, { abortSignal: AbortSignal.abort(new Error('over')) }))).toMatchObject({
      message: 'over',
    });
    expect(standIn.exchanges()).toEqual([]);
    expect(standIn.tokenRequests).toEqual([]);
  });

  it('ends with TIMEOUT after timeoutMs, also while it waits for the next try', async () => {
    const { standIn } = await openStandIn();
    const clientOptions = { ...standIn.clientOptions, retryOptions: { maxRetries: 3, retryDelayInMs: 60_000 } };
    standIn.fail({ status: 503 });

    expect(await rejection(read(workspaceOn(standIn, { clientOptions }), { timeoutMs: 100 }))).toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining(WHAT),
    });
  });

  it.each([
    ['99999999999', {}, 99_999_999_999_000],
    ['601', { timeoutMs: 3_600_000 }, 601_000],
    ['60', { timeoutMs: 5_000 }, 60_000],
  ])(
    'does not wait for a Retry-After of %s s with %j, but says when to come back',
    async (seconds, options, waitMs) => {
      const { standIn, workspace } = await openStandIn();
      for (const [status, code] of [
        [429, 'THROTTLED'],
        [503, 'SERVICE_FAILED'],
      ] as const) {
        standIn.clearExchanges();
        standIn.fail({ status, headers: { 'retry-after': seconds }, times: Number.POSITIVE_INFINITY });

        expect(await rejection(read(workspace, options))).toMatchObject({
          code,
          retryable: true,
          details: { retryAfterMs: waitMs },
          message: expect.stringContaining(`come back in ${seconds} s`),
        });
        expect(standIn.exchanges()).toHaveLength(1);
        standIn.clearFaults();
      }
    },
  );

  it('shows nothing of a good answer that is cut off, whatever one looks at', async () => {
    const { standIn, workspace } = await openStandIn();
    const body = '{"secretsType":"AccountKey","key":"STORAGEKEY123=="';
    standIn.fail({ status: 200, body, headers: { 'content-type': 'application/json' } });
    const error = await rejection(read(workspace));

    expect(error).toMatchObject({ code: 'INVALID_ANSWER' });
    expect(everythingIn(error)).not.toContain('STORAGEKEY');
    standIn.fail({ status: 400, body, headers: { 'content-type': 'application/json' } });
    expect(everythingIn(await rejection(read(workspace)))).not.toContain('STORAGEKEY');
  });

  it('keeps neither the request nor its token in the error of a connection that breaks', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail({ cut: 'before', times: Number.POSITIVE_INFINITY });
    const error = await rejection(read(workspace));
    const all = everythingIn(error);

    expect(error).toMatchObject({ code: 'SERVICE_UNREACHABLE', cause: { name: 'RestError', code: 'ECONNRESET' } });
    expect(standIn.secrets()).not.toEqual([]);
    expect(standIn.secrets().filter((secret) => all.includes(secret))).toEqual([]);
  });

  it('gives the details of a failure however deep they are nested, and only their upper levels', async () => {
    const { standIn, workspace } = await openStandIn();
    const details = `${'['.repeat(20_000)}1${']'.repeat(20_000)}`;
    const headers = { 'content-type': 'application/json' };
    standIn.fail({ status: 400, body: `{"error":{"code":"Bad","message":"no","details":${details}}}`, headers });
    const error = await rejection(read(workspace));

    expect(error).toMatchObject({ code: 'REQUEST_REFUSED', details: { code: 'Bad', message: 'no' } });
    expect(JSON.stringify(error)).toContain('[["..."]]');
  });

  it('calls a good answer that is not JSON an invalid one', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail({ status: 200, body: '{"id": ', headers: { 'content-type': 'application/json' } });

    expect(await rejection(read(workspace))).toMatchObject({
      code: 'INVALID_ANSWER',
      message: expect.stringContaining('not JSON'),
    });
  });

  it('keeps the status of a failure whose body is not JSON', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail({ status: 403, body: '{"error": ', headers: { 'content-type': 'application/json' } });
    expect(await rejection(read(workspace))).toMatchObject({ code: 'PERMISSION_DENIED', statusCode: 403 });

    standIn.fail({ ...PAGE, status: 403 });
    const error = await rejection(read(workspace));
    expect(error).toMatchObject({ code: 'PERMISSION_DENIED', statusCode: 403 });
    expect(error.message).not.toContain('<html>');
  });

  it('does not follow a redirect to another host', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail({ status: 302, headers: { location: 'https://login.example.com/sign-in' } });
    const error = await rejection(read(workspace));

    expect(error).toMatchObject({ code: 'FOREIGN_HOST', details: { host: 'login.example.com' } });
    expect(error.message).toContain('was redirected');
    expect(standIn.exchanges()).toHaveLength(1);
  });

  it('follows a redirect on the same host, with the token', async () => {
    const { standIn, workspace } = await openStandIn();
    standIn.fail({
      status: 307,
      headers: { location: `https://management.azure.com${workspace.id}?api-version=2022-10-01` },
    });
    await read(workspace);

    expect(standIn.exchanges().map(({ answer }) => answer.status)).toEqual([307, 200]);
  });

  it('asks for a token with the claims that the service wants, and sends the request once more', async () => {
    const { standIn } = await openStandIn();
    const claims = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}';
    const asked: (string | undefined)[] = [];
    const workspace = workspaceOn(standIn, {
      credential: {
        getToken: (scopes, options) => {
          asked.push(options?.claims);
          return standIn.credential.getToken(scopes as string[]);
        },
      },
    });
    standIn.fail({
      status: 401,
      headers: {
        'www-authenticate': `Bearer realm="", error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`,
      },
    });
    await read(workspace);
    await read(workspace);

    expect(asked).toEqual([undefined, claims]);
    const [first, second, third] = standIn.exchanges().map(({ headers }) => headers['authorization']);
    expect(second).not.toBe(first);
    expect(third).toBe(second);
  });

  it.each([
    ['throws', () => Promise.reject(new TypeError('the vault is sealed'))],
    ['gives nothing', () => Promise.resolve(null)],
    ['gives an empty token', () => Promise.resolve({ token: '', expiresOnTimestamp: 0 })],
  ])('says that signing in failed when the credential %s', async (_case, getToken) => {
    const { standIn } = await openStandIn();
    const error = await rejection(read(workspaceOn(standIn, { credential: { getToken } })));

    expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', statusCode: undefined });
    expect(standIn.exchanges()).toEqual([]);
  });
});

describe('a raw request', () => {
  it('refuses an answer that is nested too deeply to be worked on', async () => {
    const { standIn, workspace } = await openStandIn();
    const headers = { 'content-type': 'application/json' };
    standIn.fail({ status: 200, body: `{"tags":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, headers });

    expect(await rejection(raw(workspace))).toMatchObject({ code: 'INVALID_ANSWER' });
  });

  it('masks the secrets that it names in whatever the service says', async () => {
    const { standIn, workspace } = await openStandIn();
    const secret = 'a "b" ü/longer';
    const said = `${secret} and ${encodeURIComponent(secret)} and a "b" ü`;
    const request = { method: 'GET', url: workspace.id, what: WHAT, secrets: ['a "b" ü', secret, 'no'] } as const;
    standIn.fail({
      status: 400,
      body: { error: { code: 'Bad', message: said, target: said, details: [{ [said]: said, n: 'no' }] } },
    });
    const error = await rejection(workspace.azure.send(request));
    expect(everythingIn(error)).not.toMatch(/ü|longer/);
    expect(error.message).toContain('[redacted] and [redacted] and [redacted]');
    expect(JSON.stringify(error)).toContain('"n":"no"');

    standIn.fail({ status: 400, body: JSON.stringify({ Reason: said }) });
    expect(everythingIn(await rejection(workspace.azure.send(request)))).not.toMatch(/ü|longer/);
  });

  it('that is to be sent once is not sent again, whatever happens', async () => {
    const { standIn, workspace } = await openStandIn();
    const request = {
      method: 'POST',
      url: `${workspace.id}/listKeys`,
      what: 'Listing the keys',
      isSentOnce: true,
    } as const;
    for (const [fault, code] of [
      [{ status: 503 }, 'SERVICE_FAILED'],
      [{ status: 429, headers: { 'retry-after': '0' } }, 'THROTTLED'],
      [{ cut: 'after' }, 'SERVICE_UNREACHABLE'],
    ] as const) {
      standIn.clearExchanges();
      standIn.fail(fault);

      expect(await rejection(workspace.azure.send(request))).toMatchObject({ code });
      expect(standIn.exchanges()).toHaveLength(1);
    }
  });

  it('without a token takes none along and asks for none', async () => {
    const { standIn, workspace } = await openStandIn();
    const url = (standIn.workspace['properties'] as { discoveryUrl: string }).discoveryUrl;
    await workspace.azure.send({ method: 'GET', url, what: 'Discovering', isAnonymous: true });

    expect(standIn.exchanges()[0]?.headers).not.toHaveProperty('authorization');
    expect(standIn.tokenRequests).toEqual([]);
  });

  it('goes with a token to Azure Resource Manager and to hosts that were trusted, to no other', async () => {
    const { standIn, workspace } = await openStandIn();
    const send = (url: string) => workspace.azure.send({ method: 'GET', url, what: 'Asking' });
    for (const url of [
      'https://westus.api.azureml.ms/x',
      'https://management.azure.com.example.com/x',
      'https://management.azure.com:444/x',
      'http://management.azure.com/x',
    ]) {
      expect(await rejection(send(url))).toMatchObject({ code: 'FOREIGN_HOST' });
    }
    expect(standIn.exchanges()).toEqual([]);
    expect(standIn.tokenRequests).toEqual([]);

    workspace.azure.trust('https://westus.api.azureml.ms/anything');
    expect(await rejection(send('https://westus.api.azureml.ms/x'))).toMatchObject({ code: 'NOT_FOUND' });
    expect(standIn.exchanges()).toHaveLength(1);
    expect(() => workspace.azure.trust('http://westus.api.azureml.ms')).toThrow('without https');
  });

  it('takes only the statuses that it accepts, and words a missing thing as it is told', async () => {
    const { standIn, workspace } = await openStandIn();
    const request = {
      method: 'DELETE',
      url: `${workspace.id}/onlineEndpoints/none`,
      query: { 'api-version': '2024-04-01' },
      what: 'Deleting',
    } as const;
    standIn.fail({ status: 202 });
    expect(await rejection(workspace.azure.send({ ...request, accept: [204] }))).toMatchObject({
      code: 'REQUEST_REFUSED',
    });

    const notFound = { code: 'WEBSERVICE_NOT_FOUND', hint: 'Look elsewhere.' };
    standIn.fail({ status: 404 });
    expect(await rejection(workspace.azure.send({ ...request, notFound }))).toMatchObject({
      code: 'WEBSERVICE_NOT_FOUND',
      message: expect.stringMatching(/Look elsewhere\.$/),
    });
    standIn.fail({ status: 404, body: '' });
    expect(await workspace.azure.send({ ...request, accept: [204, 404] })).toMatchObject({
      status: 404,
      json: undefined,
    });
  });

  it('goes below an endpoint that has a path of its own', async () => {
    const { standIn } = await openStandIn();
    const clientOptions = { ...standIn.clientOptions, endpoint: 'https://gateway.example.com/azure/' };
    const workspace = workspaceOn(standIn, { clientOptions });
    for (const read of [raw, named]) {
      await rejection(read(workspace));
    }

    expect(new Set(standIn.exchanges().map(({ url }) => url.split('?')[0]))).toEqual(
      new Set([`https://gateway.example.com/azure${workspace.id}`]),
    );
    expect(standIn.tokenRequests).toEqual(['https://gateway.example.com/azure/.default']);
  });

  it('asks for tokens of the scopes that are given', async () => {
    const { standIn } = await openStandIn();
    const clientOptions = {
      ...standIn.clientOptions,
      credentialScopes: 'https://management.core.windows.net//.default',
    };
    await raw(workspaceOn(standIn, { clientOptions }));

    expect(standIn.tokenRequests).toEqual(['https://management.core.windows.net//.default']);
  });
});
