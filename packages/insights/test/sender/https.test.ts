import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { startTelemetryStandIn, type TelemetryStandIn } from '@azureml-ts/testing';

const USE_SOURCES = pathToFileURL(join(__dirname, '..', 'fixtures', 'use-sources.mjs')).href;
const PROGRAM = `
import { startInsights } from '@azureml-ts/insights';
const insights = startInsights();
for (const message of ['first', 'second']) {
  insights.trackTrace({ message });
  await insights.flush({ timeoutMs: 3_000 });
}
console.log(JSON.stringify(insights.stats()));
`;

describe('sending over https', () => {
  let service: TelemetryStandIn;

  beforeEach(async () => {
    service = await startTelemetryStandIn({ tls: true });
  });

  afterEach(async () => {
    await service.close();
  });

  /** In a process of its own: Node reads at its start which certificates it trusts. */
  async function send(host: string, environment: Readonly<Record<string, string>>) {
    const connectionString = service.connectionString.replace('127.0.0.1', host);
    const args = ['--import', USE_SOURCES, '--no-warnings', '--input-type=module', '--eval', PROGRAM];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
      env: { PATH: process.env['PATH'], APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString, ...environment },
    });
    return { stats: JSON.parse(stdout), stderr };
  }

  const messages = () => service.items({ baseType: 'MessageData' }).map(({ data }) => data['message']);

  it.each(['127.0.0.1', 'localhost'])('reaches a service with a certificate for %s', async (host) => {
    const { stats, stderr } = await send(host, service.environment);

    expect(stats).toMatchObject({ pending: 0, dropped: { failed: 0, rejected: 0 } });
    expect(messages()).toEqual(expect.arrayContaining(['first', 'second']));
    expect(stderr).toBe('');
  });

  it('gives nothing to a service with a certificate that it does not trust, and says so', async () => {
    const { stats, stderr } = await send('localhost', {});

    expect(stats).toMatchObject({ sent: 0 });
    expect(service.requests()).toEqual([]);
    expect(stderr).toMatch(/localhost:\d+ could not be reached: self-signed certificate/);
  });

  it('gives nothing to a service whose certificate is for another name', async () => {
    const { stats, stderr } = await send('127.0.0.2', service.environment);

    expect(stats).toMatchObject({ sent: 0 });
    expect(stderr).toMatch(/127\.0\.0\.2:\d+ could not be reached/);
  });
});
