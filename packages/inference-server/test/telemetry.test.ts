import { startTelemetryStandIn, type TelemetryStandIn } from '@azureml-ts/testing';
import { jsonLines } from '../src/index.ts';
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
    expect(requests[0]?.tags).toMatchObject({ 'ai.operation.id': trace, 'ai.operation.name': 'POST /score' });
    expect(standIn.items({ baseType: 'ExceptionData' })).toHaveLength(1);
    expect(JSON.stringify(standIn.items({ baseType: 'ExceptionData' })[0])).toContain('bad row');
    const prints = standIn.items({ baseType: 'MessageData' });
    expect(prints.map(({ properties }) => properties['Contents'])).toEqual(['{"input":"good"}']);
    expect(prints[0]?.tags['ai.operation.id']).toBe(trace);
  });

  it('gets refused requests as failures under a name that callers cannot invent, and no probes', async () => {
    await using server = await running((rawData) => rawData, { maxBodyBytes: 5 });
    const { url } = server.server;
    await server.post('too large');
    await fetch(`${url}/wp-admin/${'x'.repeat(20)}?key=secret`);
    await fetch(`${url}/score`, { method: 'DELETE' });
    await fetch(`${url}/score`, { method: 'OPTIONS' });
    await fetch(`${url}/ready`);
    await fetch(url);
    await server.server.close();
    const items = standIn.items({ baseType: 'RequestData' });
    expect(items.map(({ data }) => [data['name'], data['responseCode'], data['success']])).toEqual([
      ['POST /score', '413', false],
      ['GET (unknown path)', '404', false],
      ['DELETE /score', '405', false],
    ]);
    expect(items[1]?.data['url']).toContain('/wp-admin/');
    expect(JSON.stringify(items)).not.toContain('secret');
  });

  it('gets what was scored and what was answered, as a trace of the request', async () => {
    await using server = await running((rawData) =>
      rawData === 'bytes' ? new Response(Uint8Array.of(255)) : { n: 1 },
    );
    await server.post('{"data":[1]}', { 'x-request-id': 'r-1' });
    await fetch(`${server.server.url}/score?a=1`, { headers: { 'x-request-id': 'r-2' } });
    await server.post('bytes', { 'x-request-id': 'r-3' });
    await server.server.close();
    const items = standIn.items({ baseType: 'MessageData' });
    expect(items.map(({ tags }) => tags['ai.operation.name'])).toEqual(['POST /score', 'GET /score', 'POST /score']);
    const bodies = items.map(({ properties }) => [
      properties['Request Id'],
      properties['Input'],
      properties['Prediction'],
    ]);
    expect(bodies).toEqual([
      ['r-1', '{"data":[1]}', '{"n":1}'],
      ['r-2', '{"a":1}', '{"n":1}'],
      ['r-3', '"bytes"', undefined],
    ]);
  });

  it('gets no bodies when APP_INSIGHTS_LOG_RESPONSE_ENABLED is false', async () => {
    process.env['APP_INSIGHTS_LOG_RESPONSE_ENABLED'] = 'false';
    try {
      await using server = await running((rawData) => rawData);
      await server.post('secret');
      await server.server.close();
      expect(standIn.items({ baseType: 'RequestData' })).toHaveLength(1);
      expect(JSON.stringify(standIn.items({}))).not.toContain('secret');
    } finally {
      delete process.env['APP_INSIGHTS_LOG_RESPONSE_ENABLED'];
    }
  });

  it('gets an answer that was cut as a failure', async () => {
    async function* values() {
      yield 1;
      yield 2;
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error('broke off');
    }
    await using server = await running(() => jsonLines(values()));
    await expect((await server.post('')).text()).rejects.toThrow('terminated');
    await server.server.close();
    const [item] = standIn.items({ baseType: 'RequestData' });
    expect([item?.data['responseCode'], item?.data['success']]).toEqual(['200', false]);
    expect(JSON.stringify(standIn.items({ baseType: 'ExceptionData' }))).toContain('broke off');
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
