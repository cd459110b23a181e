import { startTelemetryStandIn, type TelemetryStandIn } from '@azureml-ts/testing';
import { running } from './running.ts';

let standIn: TelemetryStandIn;
beforeEach(async () => {
  standIn = await startTelemetryStandIn();
  process.env['AML_APP_INSIGHTS_ENABLED'] = 'true';
  process.env['APPLICATIONINSIGHTS_CONNECTION_STRING'] = standIn.connectionString;
});
afterEach(async () => {
  delete process.env['AML_APP_INSIGHTS_ENABLED'];
  delete process.env['APPLICATIONINSIGHTS_CONNECTION_STRING'];
  await standIn.close();
});

describe('Application Insights', () => {
  it('gets the true status and id of every scoring request, the exception and the printed line', async () => {
    const trace = 'ab'.repeat(16);
    await using server = await running((rawData) => {
      if (rawData === 'bad') {
        throw new RangeError('bad row');
      }
      console.log({ input: rawData });
      return 1;
    });
    await server.post('good', { 'x-request-id': 'r-1', traceparent: `00-${trace}-${'cd'.repeat(8)}-01` });
    await server.post('bad', { 'x-request-id': 'r-2' });
    await fetch(server.server.url);
    await server.server.close();
    const requests = standIn.items({ baseType: 'RequestData' });
    const seen = requests.map(({ data }) => [data['name'], data['responseCode'], data['success']]);
    expect(seen).toEqual([
      ['POST /score', '200', true],
      ['POST /score', '500', false],
    ]);
    expect(requests[0]?.tags['ai.operation.id']).toBe(trace);
    expect(standIn.items({ baseType: 'ExceptionData' })).toHaveLength(1);
    expect(JSON.stringify(standIn.items({ baseType: 'ExceptionData' })[0])).toContain('bad row');
    const prints = standIn.items({ baseType: 'MessageData' });
    expect(prints.map(({ properties }) => properties['Contents'])).toEqual(['{"input":"good"}']);
    expect(prints[0]?.tags['ai.operation.id']).toBe(trace);
  });

  it('that cannot be used is said once, and scoring goes on', async () => {
    process.env['APPLICATIONINSIGHTS_CONNECTION_STRING'] = 'nonsense';
    await using server = await running(() => 1);
    expect((await server.post('')).status).toBe(200);
    expect(server.lines.filter((line) => line.includes('Application Insights'))).toHaveLength(1);
  });

  it('that refuses everything does not touch scoring', async () => {
    standIn.respondWith({ status: 500 });
    const server = await running(() => 1);
    expect(await (await server.post('')).json()).toBe(1);
    await server.server.close({ timeoutMs: 200 });
  });
});
