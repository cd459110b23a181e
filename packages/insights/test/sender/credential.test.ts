import { currentRequest, isQuiet, runWithRequest, systemClock } from '@azureml-ts/common';
import { startTelemetryStandIn } from '@azureml-ts/testing';
import type { TelemetryCredential } from '../../src/index.ts';
import { Bench, balanced } from '../support.ts';

const HOUR = 3_600_000;

/** Gives `token-1`, `token-2`, ... and writes down who asked for what. */
class Tokens implements TelemetryCredential {
  readonly asked: unknown[] = [];
  lifeMs = HOUR;
  failures = 0;
  now = () => Date.now();

  async getToken(scopes: string | string[]) {
    this.asked.push(scopes);
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('AADSTS7000215: client_secret=s3cret is wrong');
    }
    return { token: `token-${this.asked.length}`, expiresOnTimestamp: this.now() + this.lifeMs };
  }
}

describe('credential', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.open();
  });

  afterEach(async () => {
    await bench.close();
  });

  const bearers = () => bench.standIn.requests().map(({ headers }) => headers.authorization);

  it('sends a bearer token, fetched once for many batches, for the scope of the connection string', async () => {
    const credential = new Tokens();
    const insights = bench.start({
      credential,
      maxBatchItems: 1,
      connectionString: `${bench.standIn.connectionString};AADAudience=https://monitor.azure.us/`,
    });
    for (let index = 0; index < 10; index++) {
      insights.trackTrace({ message: 'm' });
    }
    await insights.flush();

    expect(new Set(bearers())).toEqual(new Set(['Bearer token-1']));
    expect(credential.asked).toEqual(['https://monitor.azure.us//.default']);
    expect(balanced(insights)).toMatchObject({ sent: 10 });
  });

  it('replaces a token before it ends, half its time for a short one', async () => {
    let now = Date.now();
    const credential = new Tokens();
    credential.now = () => now;
    const insights = bench.start({ credential, clock: { ...systemClock, now: () => now } });
    const send = async () => {
      insights.trackTrace({ message: 'm' });
      await insights.flush();
    };
    await send();
    now += HOUR - 6 * 60_000;
    await send();
    credential.lifeMs = 60_000;
    now += 2 * 60_000;
    await send();
    now += 20_000;
    await send();
    now += 15_000;
    await send();

    expect(bearers()).toEqual(
      ['token-1', 'token-1', 'token-2', 'token-2', 'token-3'].map((token) => `Bearer ${token}`),
    );
  });

  it('goes on with the token at hand when no new one can be had, and asks again later', async () => {
    let now = Date.now();
    const credential = new Tokens();
    credential.now = () => now;
    const insights = bench.start({ credential, clock: { ...systemClock, now: () => now } });
    const send = async () => {
      insights.trackTrace({ message: 'm' });
      await insights.flush();
    };
    await send();
    now += HOUR - 2 * 60_000;
    credential.failures = 1;
    await send();
    await send();
    expect(credential.asked).toHaveLength(2);
    now += 31_000;
    await send();

    expect(bearers()).toEqual(['token-1', 'token-1', 'token-1', 'token-3'].map((token) => `Bearer ${token}`));
    expect(bench.log).toEqual([]);
  });

  it('keeps the items when no token can be had, says so once without secrets, and sends them later', async () => {
    const credential = new Tokens();
    credential.failures = 2;
    const insights = bench.start({ credential });
    insights.trackTrace({ message: 'm' });
    await insights.flush({ timeoutMs: 0 });
    await bench.standIn.waitFor((items) => items.length === 1);

    expect(bench.standIn.requests()).toHaveLength(1);
    expect(bench.log).toEqual([expect.stringMatching(/no token could be had: AADSTS7000215/)]);
    expect(bench.log.join()).not.toContain('s3cret');
    expect(insights.stats().lastError).toContain('2 times in a row');
    expect(insights.stats().lastError).not.toContain('s3cret');
  });

  it.each([401, 403])('tries a new token after %d, and keeps the items when that is refused too', async (status) => {
    const credential = new Tokens();
    const insights = bench.start({ credential });
    bench.standIn.respondWith({ status, times: 1 });
    insights.trackTrace({ message: 'm' });
    expect(await insights.flush()).toMatchObject({ sent: 1, lastError: undefined });
    expect(bearers()).toEqual(['Bearer token-1', 'Bearer token-2']);

    bench.standIn.respondWith({ status });
    insights.trackTrace({ message: 'm' });
    expect(await insights.flush({ timeoutMs: 100 })).toMatchObject({ sent: 1, pending: 1, dropped: { rejected: 0 } });
    expect(bench.log).toEqual([expect.stringContaining(`answered ${status} to the token`)]);
  });

  it.each([
    ['null', null],
    ['no text', { token: 3, expiresOnTimestamp: 0 }],
    ['a text with line ends', { token: 'a\r\nx-evil: 1', expiresOnTimestamp: 0 }],
  ])('does not send %s as a token', async (_name, answer) => {
    const insights = bench.start({ credential: { getToken: async () => answer as never } });
    insights.trackTrace({ message: 'm' });

    expect(await insights.flush({ timeoutMs: 50 })).toMatchObject({ sent: 0, pending: 1 });
    expect(insights.stats().lastError).toContain('the credential gave no token');
    expect(bench.standIn.requests()).toEqual([]);
  });

  it('does not wait longer for a token than for a request', async () => {
    const insights = bench.start({ credential: { getToken: () => new Promise(() => {}) }, requestTimeoutMs: 20 });
    insights.trackTrace({ message: 'm' });

    expect(await insights.flush({ timeoutMs: 300 })).toMatchObject({ sent: 0, pending: 1 });
    expect(insights.stats().lastError).toContain('no token could be had');
    expect(await insights.close({ timeoutMs: 10 })).toMatchObject({ dropped: { failed: 1 } });
  });

  it('never goes with a redirect to another host', async () => {
    const other = await startTelemetryStandIn();
    bench.standIn.respondWith({ status: 308, headers: { location: `${other.url}/v2.1/track` }, times: 1 });
    const insights = bench.start({ credential: new Tokens() });
    insights.trackTrace({ message: 'm' });

    expect(await insights.flush()).toMatchObject({ sent: 0, dropped: { rejected: 1 } });
    expect(other.requests()).toEqual([]);
    await other.close();
  });

  it('goes over https only, except on loopback', () => {
    const key = bench.standIn.instrumentationKey;
    const start = () =>
      bench.start({
        credential: new Tokens(),
        connectionString: `InstrumentationKey=${key};IngestionEndpoint=http://agent.example`,
      });
    expect(start).toThrow(expect.objectContaining({ code: 'CONNECTION_STRING_INVALID' }));
    expect(start).toThrow('http://agent.example is http');
    expect(() => bench.start({ credential: {} as never })).toThrow(expect.objectContaining({ code: 'VALIDATION' }));
  });

  it('is asked outside of any request, and as part of telemetry', async () => {
    const seen: unknown[] = [];
    const insights = bench.start({
      credential: {
        getToken: async () => {
          seen.push(currentRequest(), isQuiet());
          return { token: 't', expiresOnTimestamp: Date.now() + HOUR };
        },
      },
    });
    await runWithRequest({ requestId: 'r-1' }, async () => {
      insights.trackTrace({ message: 'm' });
      await insights.flush();
    });

    expect(seen).toEqual([undefined, true]);
  });
});
