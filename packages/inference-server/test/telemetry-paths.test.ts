import { startTelemetryStandIn, type TelemetryItem } from '@azureml-ts/testing';
import fc from 'fast-check';
import { ask } from './raw-http.ts';
import { running } from './running.ts';

/** The first of a kind is made the long way, the second too, and its template with it; the third is a copy. */
const TIMES = 3;
const MAX_BODY_BYTES = 1000;

/** Bytes as they go over the wire, one character each. */
const bytes = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((values) => Buffer.from(values).toString('latin1'));
/** What may stand in a header. */
const header = (maxLength: number) => bytes(maxLength).map((text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '"'));

const requests = fc.record({
  method: fc.constantFrom('POST', 'POST', 'POST', 'GET', 'PUT', 'HEAD', 'OPTIONS'),
  target: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('/score', '/score?a=1&b="2"', '/score?sig=secret') },
    fc.constantFrom('/', '/ready', '/swagger.json', '*', `/${'x'.repeat(4000)}`, '/score/', '//h/score', '/"\\%00{}'),
    bytes(40).map((text) => `/${text.replace(/[^!-~\x80-\xff]/g, "'")}`),
  ),
  host: fc.oneof({ weight: 4, arbitrary: fc.constantFrom('127.0.0.1', 'h:1', '') }, header(30)),
  ids: fc.array(
    fc.tuple(
      fc.constantFrom('x-request-id', 'x-ms-client-request-id', 'x-ms-request-id'),
      fc.oneof(fc.uuid(), header(101), fc.constantFrom('7', '"', 'x'.repeat(100), 'x'.repeat(101))),
    ),
    { maxLength: 2 },
  ),
  traceparent: fc.constantFrom(
    undefined,
    `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`,
    `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-00`,
    `cc-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01-more`,
    `00-${'AB'.repeat(16)}-${'cd'.repeat(8)}-01`,
    `00-${'ab'.repeat(16)}-${'0'.repeat(16)}-01`,
    `ff-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`,
    'nonsense',
  ),
  body: fc.oneof(
    fc.json().map((text) => Buffer.from(text).toString('latin1')),
    bytes(300),
    fc.constantFrom('', '0', '"', '\xff\xfe', '\xed\xa0\x80', '\\u0000', '{"a":"\\ud800"}', 'fail', 'bytes', 'none'),
    fc.integer({ min: MAX_BODY_BYTES - 1, max: MAX_BODY_BYTES + 1 }).map((length) => 'x'.repeat(length)),
  ),
});

type Sent = typeof requests extends fc.Arbitrary<infer T> ? T : never;

function onTheWire({ method, target, host, ids, traceparent, body }: Sent): Buffer {
  const headers = [
    ['host', host],
    ['connection', 'close'],
    ['content-length', String(body.length)],
    ...ids,
    ...(traceparent === undefined ? [] : [['traceparent', traceparent]]),
  ];
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines}\r\n${body}`, 'latin1');
}

/** What is the same each time that a request comes, and its ids, which are the same or new each time. */
function partsOf({ tags, data, properties, time: _time, ...rest }: TelemetryItem) {
  const { 'ai.operation.parentId': parent, 'ai.operation.id': traceId, ...otherTags } = tags;
  const { id, duration: _duration, properties: _properties, ...otherData } = data;
  const { 'Request Id': requestId = '', Prediction: output = '', ...otherProperties } = properties;
  // A failure quotes the id.
  const prediction = requestId.length > 1 ? output.replace(requestId, 'id') : output;
  const isRequest = rest.baseType === 'RequestData';
  const lengths = [id, parent, traceId, requestId].map((text) => String(text).length);
  return {
    lasting: { ...rest, tags: otherTags, data: otherData, properties: otherProperties, prediction, lengths },
    // Those of the caller; else new ones.
    traceId,
    requestId,
    caller: isRequest ? parent : undefined,
    spanId: isRequest ? id : parent,
  };
}

afterEach(() => {
  delete process.env['AML_APP_INSIGHTS_ENABLED'];
  delete process.env['APPLICATIONINSIGHTS_CONNECTION_STRING'];
});

describe('the items of a request', () => {
  it('are the same however often it comes: made the long way, or as copies', async () => {
    await using standIn = await startTelemetryStandIn();
    process.env['AML_APP_INSIGHTS_ENABLED'] = 'true';
    process.env['APPLICATIONINSIGHTS_CONNECTION_STRING'] = standIn.connectionString;
    const server = await running(
      (rawData) => {
        if (rawData === 'fail') {
          throw new RangeError('bad row');
        }
        return rawData === 'bytes' ? new Response(Uint8Array.of(255, 0)) : rawData === 'none' ? undefined : rawData;
      },
      { maxBodyBytes: MAX_BODY_BYTES },
    );
    const sent = fc.sample(requests, 150);
    const { port } = new URL(server.server.url);
    for (const request of sent) {
      for (let time = 0; time < TIMES; time++) {
        await ask(Number(port), onTheWire(request));
      }
    }
    await server.server.close();

    for (const baseType of ['RequestData', 'MessageData']) {
      const items = standIn.items({ baseType }).map(partsOf);
      expect(items.length % TIMES).toBe(0);
      expect(items.length).toBeGreaterThan(20 * TIMES);
      for (let index = 0; index < items.length; index += TIMES) {
        const same = items.slice(index, index + TIMES);
        const numberOf = (key: keyof (typeof items)[number]) => new Set(same.map((item) => item[key])).size;
        expect(same.map(({ lasting }) => lasting)).toEqual(same.map(() => same[0]?.lasting));
        expect([1, TIMES]).toContain(numberOf('traceId'));
        expect([1, TIMES]).toContain(numberOf('requestId'));
        expect([numberOf('caller'), numberOf('spanId')]).toEqual([1, TIMES]);
      }
    }
  });
});
