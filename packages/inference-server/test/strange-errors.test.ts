import { inspect } from 'node:util';
import { startTelemetryStandIn } from '@azureml-ts/testing';
import { startServer } from '../src/index.ts';
import { running } from './running.ts';

function withMessage(descriptor: PropertyDescriptor): Error {
  return Object.defineProperty(new Error('x'), 'message', descriptor);
}
const failing = (): never => {
  throw new Error('nope');
};
const STRANGE: [what: string, make: () => unknown][] = [
  ['an error whose message is an object', () => withMessage({ value: { a: 1 } })],
  ['an error whose message is a number', () => withMessage({ value: 5 })],
  ['an error whose message throws', () => withMessage({ get: failing })],
  ['a value that cannot be inspected', () => ({ [inspect.custom]: failing })],
  ['a proxy that refuses everything', () => new Proxy({}, { get: failing, getPrototypeOf: failing })],
];

describe('a thrown value that cannot be described', () => {
  it.each(STRANGE)('is answered with 500 and a message: %s', async (_what, make) => {
    await using server = await running(() => {
      throw make();
    });
    const response = await server.post('', { 'x-request-id': 'r-1' });
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ message: expect.stringContaining('(request id r-1)') });
  });

  it.each(STRANGE)('in init() is INIT_FAILED: %s', async (_what, make) => {
    const init = () => {
      throw make();
    };
    await expect(startServer({ init, run: () => 1, port: 0 })).rejects.toMatchObject({
      code: 'INIT_FAILED',
    });
  });

  it('leaves its request in telemetry', async () => {
    const standIn = await startTelemetryStandIn();
    process.env['AML_APP_INSIGHTS_ENABLED'] = 'true';
    process.env['APPLICATIONINSIGHTS_CONNECTION_STRING'] = standIn.connectionString;
    try {
      const server = await running(() => {
        throw new Proxy({}, { get: failing, getPrototypeOf: failing });
      });
      await server.post('');
      await server.server.close();
      expect(standIn.items({ baseType: 'RequestData' }).map(({ data }) => data['responseCode'])).toEqual(['500']);
    } finally {
      delete process.env['AML_APP_INSIGHTS_ENABLED'];
      delete process.env['APPLICATIONINSIGHTS_CONNECTION_STRING'];
      await standIn.close();
    }
  });
});

describe('a log that cannot be written', () => {
  it('changes nothing for the caller', async () => {
    await using server = await running(() => failing(), { onLogLine: failing });
    const response = await server.post('');
    expect([response.status, await response.json()]).toEqual([500, { message: expect.stringContaining('nope') }]);
  });
});
