import { runWithRequest } from '@azureml-ts/common';
import { checkTelemetryEnvelope } from '@azureml-ts/testing';
import fc from 'fast-check';
import { ItemContext } from '../../src/context.ts';
import { formatDuration } from '../../src/items/duration.ts';
import { ItemFactory } from '../../src/items/item-factory.ts';
import { operationOf } from '../../src/items/operation.ts';
import { cutKey, cutText, previewOf } from '../../src/items/shorten.ts';

const KEY = '00000000-1111-2222-3333-444444444444';
const factory = new ItemFactory(
  KEY,
  new ItemContext({ serviceName: 'svc', workspaceName: 'ws', containerId: 'c-1' }),
  () => 0,
);

interface Sent {
  tags: Record<string, string>;
  time: string;
  data: { baseData: Record<string, unknown> & { properties: Record<string, string> } };
}

/** Parses an item after checking it against the schema. */
function sent(item: { json: string; bytes: number }): Sent {
  const envelope = JSON.parse(item.json);
  expect(checkTelemetryEnvelope(envelope, KEY)).toBeUndefined();
  expect(item.bytes).toBe(Buffer.byteLength(item.json));
  return envelope;
}

const contents = (...values: unknown[]) =>
  sent(factory.printed('STDOUT', 'Information', values)).data.baseData.properties;

describe('printed lines', () => {
  it('keep 8,192 bytes whole', () => {
    const text = 'é'.repeat(4096);

    expect(contents(text)).toMatchObject({ Contents: text });
    expect(contents(text)).not.toHaveProperty('truncated');
  });

  it('become a marked preview above that, in valid JSON and with the original size', () => {
    const value = { input: 'é"\n'.repeat(3000) };
    const properties = contents(value);
    const original = JSON.stringify(value);
    const document = JSON.parse(properties['Contents'] ?? '');

    expect(document).toEqual({ $truncated: true, bytes: Buffer.byteLength(original), preview: expect.any(String) });
    expect(original.startsWith(document.preview)).toBe(true);
    expect(properties).toMatchObject({ truncated: 'true', originalBytes: String(Buffer.byteLength(original)) });
    expect(Buffer.byteLength(properties['Contents'] ?? '')).toBeGreaterThan(8100);
  });

  it('are shortened further when their JSON would be above 64 KB', () => {
    const properties = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`p${i}`, '\u0001'.repeat(8000)]));
    const item = sent(factory.trace({ message: '漢'.repeat(32_768), properties }));

    expect(item.data.baseData.properties).toMatchObject({ truncated: 'true' });
    expect(Number(item.data.baseData.properties['originalBytes'])).toBe(40 * 8000 + 3 * 32_768);
  });

  it('name how many properties had no room', () => {
    const properties = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`p${i}`, 'x'.repeat(100)]));

    expect(sent(factory.trace({ message: 'm', properties })).data.baseData.properties).toMatchObject({
      truncated: 'true',
      droppedProperties: expect.stringMatching(/^\d+$/),
    });
  });
});

describe('every item', () => {
  it('is one that the service takes, whatever its texts hold', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc
        .tuple(fc.constantFrom('a', '"', '\n', '\u0000', 'é', '漢', '😀', '\ud800'), fc.nat(40_000))
        .map(([c, n]) => c.repeat(n)),
    );
    fc.assert(
      fc.property(text, text, text, fc.dictionary(text, text, { maxKeys: 12 }), (a, b, c, properties) => {
        const error = Object.assign(new Error(b, { cause: Object.assign(new Error(c), { name: a }) }), {
          stack: `Error\n    at ${a} (${b}:1:2)\n    at ${c}:3:4`,
        });
        const request = { requestId: a, clientRequestId: b };
        runWithRequest(request, () => {
          sent(factory.trace({ message: a, properties }));
          sent(factory.printed('STDERR', 'Warning', [b, properties]));
          sent(factory.exception({ error, properties }));
          sent(
            factory.request({ name: a, url: b, startedAt: new Date(0), durationMs: 1, statusCode: 200, properties }),
          );
        });
      }),
      { numRuns: 40 },
    );
  });

  it('carries who sent it, and inside a request its ids', () => {
    const ids = { requestId: 'rid-1', clientRequestId: 'crid-1', traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
    const item = runWithRequest(ids, () => sent(factory.trace({ message: 'm' })));

    expect(item.data.baseData.properties).toEqual({
      'Request Id': 'rid-1',
      'Client Request Id': 'crid-1',
      'Workspace Name': 'ws',
      'Service Name': 'svc',
      'Container Id': 'c-1',
    });
    expect(item.tags).toEqual({
      'ai.operation.id': 'a'.repeat(32),
      'ai.operation.parentId': 'b'.repeat(16),
      'ai.cloud.role': 'svc',
      'ai.cloud.roleInstance': 'c-1',
      'ai.internal.sdkVersion': expect.stringMatching(/^azureml-ts:\d+\.\d+\.\d+/),
    });
    expect(sent(factory.trace({ message: 'm' })).tags).not.toHaveProperty(['ai.operation.id']);
  });

  it('takes service, workspace and container from the environment', () => {
    const context = new ItemContext({}, { SERVICE_NAME: 's', AZUREML_ARM_WORKSPACE_NAME: 'w', HOSTNAME: 'h' });

    expect(context.properties(undefined)).toEqual({ 'Service Name': 's', 'Workspace Name': 'w', 'Container Id': 'h' });
  });
});

describe('request items', () => {
  const answered = {
    name: 'POST /score',
    url: 'http://h/score?sig=secret',
    startedAt: new Date(5000),
    durationMs: 12.5,
    statusCode: 200,
  };

  it('have the time of arrival, the duration, the status and success', () => {
    const item = sent(factory.request({ ...answered, requestId: 'rid-1' }));

    expect(item.time).toBe('1970-01-01T00:00:05.000Z');
    expect(item.data.baseData).toMatchObject({
      name: 'POST /score',
      url: 'http://h/score?sig=[redacted]',
      duration: '0.00:00:00.0125000',
      responseCode: '200',
      success: true,
    });
    expect(item.data.baseData.properties).toMatchObject({ 'Request Id': 'rid-1' });
  });

  it.each([
    [399, true],
    [400, false],
    [500, false],
  ])('with status %d have success %p', (statusCode, success) => {
    expect(sent(factory.request({ ...answered, statusCode })).data.baseData['success']).toBe(success);
  });

  it('are the parent of what was printed inside, also without trace ids', () => {
    const print = runWithRequest({ requestId: 'rid-1' }, () => sent(factory.trace({ message: 'm' })));
    const request = sent(factory.request({ ...answered, requestId: 'rid-1', parentSpanId: 'c'.repeat(16) }));

    expect(request.data.baseData['id']).toBe(print.tags['ai.operation.parentId']);
    expect(request.tags['ai.operation.id']).toBe(print.tags['ai.operation.id']);
    expect(request.tags['ai.operation.parentId']).toBe('c'.repeat(16));
  });

  it('of another request do not borrow the ids of the one in progress', () => {
    const item = runWithRequest({ requestId: 'rid-1', clientRequestId: 'crid-1' }, () =>
      sent(factory.request({ ...answered, requestId: 'rid-2' })),
    );

    expect(item.data.baseData.properties).not.toHaveProperty(['Client Request Id']);
    expect(item.tags['ai.operation.id']).toBe(operationOf({ requestId: 'rid-2' }).traceId);
  });

  it('keep a GUID as operation id', () => {
    expect(operationOf({ requestId: '0F8FAD5B-D9CB-469F-A165-70867728950E' }).traceId).toBe(
      '0f8fad5bd9cb469fa16570867728950e',
    );
  });
});

describe('secrets', () => {
  const SECRET = 'c2VjcmV0LXNlY3JldA';
  const text = (item: { json: string }) => JSON.stringify(sent(item as never));

  it('are taken out of exceptions: messages, causes, parts, stacks and thrown values', () => {
    const cause = new Error(`sig=${SECRET}`);
    const error = new AggregateError([new Error(`password=${SECRET}`)], `AccountName=a;AccountKey=${SECRET};`, {
      cause,
    });
    error.stack = `Error: AccountKey=${SECRET}\n    at load (https://u:${SECRET}@host.test/score.mjs?sig=${SECRET}:3:4)`;
    const item = text(factory.exception({ error }));

    expect(item).toContain('AccountName=a;AccountKey=[redacted];');
    expect(item).toContain('score.mjs');
    expect(item).not.toContain(SECRET);
    expect(text(factory.exception({ error: { connection: `AccountKey=${SECRET}` } }))).not.toContain(SECRET);
    expect(text(factory.exception({ error: `Bearer ${SECRET}` }))).not.toContain(SECRET);
  });

  it('are taken out of very long messages too, which keep their mark', () => {
    const message = `AccountKey=${SECRET};`.repeat(5_000);
    const item = sent(factory.exception({ error: new Error(message) }));

    expect(JSON.stringify(item)).not.toContain(SECRET);
    expect(item.data.baseData.properties).toMatchObject({
      truncated: 'true',
      originalBytes: String(message.length),
    });
  });

  it('are taken out of the name and URL of a request', () => {
    const request = { startedAt: new Date(0), durationMs: 1, statusCode: 200 };
    const item = text(
      factory.request({ ...request, name: `GET /?sig=${SECRET}`, url: `http://u:${SECRET}@h.test/?sig=${SECRET}` }),
    );

    expect(item).not.toContain(SECRET);
  });

  it('stay in what a script prints and traces: that is its data', () => {
    expect(contents(`AccountKey=${SECRET}`)['Contents']).toContain(SECRET);
    expect(text(factory.trace({ message: `AccountKey=${SECRET}` }))).toContain(SECRET);
  });
});

describe('exception items', () => {
  const list = (error: unknown) =>
    sent(factory.exception({ error })).data.baseData['exceptions'] as Record<string, unknown>[];

  it('hold the chain of causes with their stacks', () => {
    const exceptions = list(new TypeError('outer', { cause: new RangeError('inner') }));

    expect(exceptions).toMatchObject([
      { id: 1, typeName: 'TypeError', message: 'outer', hasFullStack: true },
      { id: 2, outerId: 1, typeName: 'RangeError', message: 'inner' },
    ]);
    const [frame] = (exceptions[0]?.['parsedStack'] ?? []) as unknown[];
    expect(frame).toMatchObject({
      level: 0,
      fileName: expect.stringContaining('items.test'),
      line: expect.any(Number),
    });
  });

  it('hold the parts of an AggregateError, and end with a cycle', () => {
    const part = new Error('part');
    part.cause = part;

    expect(list(new AggregateError([part, 'text'], 'all'))).toMatchObject([
      { message: 'all' },
      { message: 'part', outerId: 1 },
      { message: 'text', typeName: 'string', outerId: 1 },
    ]);
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [42, '42'],
    [{ a: 1 }, '{"a":1}'],
    ['', 'string'],
  ])('take the thrown value %p', (value, message) => {
    expect(list(value)).toMatchObject([{ message }]);
  });
});

/** No half of a character: what UTF-8 cannot hold would come back as another text. */
const isWhole = (text: string) => Buffer.from(text).toString() === text;

describe('texts', () => {
  it.each([
    [0, '0.00:00:00.0000000'],
    [-5, '0.00:00:00.0000000'],
    [Number.NaN, '0.00:00:00.0000000'],
    [0.00004, '0.00:00:00.0000000'],
    [999.99996, '0.00:00:01.0000000'],
    [90_061_001.5, '1.01:01:01.0015000'],
  ])('write %d ms as a duration', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('are never cut inside a character', () => {
    expect(isWhole(cutText('😀'.repeat(50), 60))).toBe(true);
    expect(isWhole(cutText('😀'.repeat(50), 61))).toBe(true);
    expect(cutText('abc', 3)).toBe('abc');
    expect(isWhole(JSON.parse(previewOf('😀'.repeat(9000), 36_000, 8191)).preview)).toBe(true);
    expect(cutKey(`${'k'.repeat(150)}a`)).not.toBe(cutKey(`${'k'.repeat(150)}b`));
    expect(cutKey('k'.repeat(151))).toHaveLength(150);
  });
});
