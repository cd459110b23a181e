import { runWithRequest } from '@azureml-ts/common';
import { checkTelemetryEnvelope } from '@azureml-ts/testing';
import fc from 'fast-check';
import { type InsightsContext, ItemContext } from '../../src/context.ts';
import { formatDuration } from '../../src/items/duration.ts';
import type { ItemDraft } from '../../src/items/item-draft.ts';
import { ItemFactory } from '../../src/items/item-factory.ts';
import { operationOf } from '../../src/items/operation.ts';
import { Redaction } from '../../src/items/redaction.ts';
import { cutKey, cutText } from '../../src/items/shorten.ts';
import { createSampler } from '../../src/sampling.ts';
import type { RedactTrace, RequestTelemetry } from '../../src/types.ts';

const KEY = '00000000-1111-2222-3333-444444444444';
const factory = factoryFor({ serviceName: 'svc', workspaceName: 'ws', containerId: 'c-1', modelNames: [] });

interface Sent {
  tags: Record<string, string>;
  time: string;
  data: { baseData: Record<string, unknown> & { properties: Record<string, string> } };
}

function factoryFor(context: InsightsContext, redact?: RedactTrace, sampler = createSampler(1)): ItemFactory {
  return new ItemFactory({
    instrumentationKey: KEY,
    context: new ItemContext(context, {}),
    sampler,
    redaction: new Redaction(redact, () => undefined),
    now: () => 0,
  });
}

/** Parses an item after checking it against the schema. */
function sent(draft: ItemDraft | undefined): Sent {
  const item = draft?.serialize() ?? { json: '', bytes: 0 };
  const envelope = JSON.parse(item.json);
  expect(checkTelemetryEnvelope(envelope, KEY)).toBeUndefined();
  expect(item.bytes).toBe(Buffer.byteLength(item.json));
  return envelope;
}

const requestOf = (telemetry: RequestTelemetry) => factory.request(factory.callOf(telemetry), telemetry);

const printed = (...values: unknown[]) => factory.printed({ stream: 'STDOUT', severity: 'Information', values });
const contents = (...values: unknown[]) => sent(printed(...values)).data.baseData.properties;

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

    expect(document).toEqual({ $truncated: true, bytes: Buffer.byteLength(original), preview: expect.any(Object) });
    const [, kept = '', left] = /^(.*)… \[\+(\d+) characters\]$/s.exec(document.preview.input) ?? [];
    expect(value.input.startsWith(kept)).toBe(true);
    expect(kept.length + Number(left)).toBe(value.input.length);
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
          sent(factory.printed({ stream: 'STDERR', severity: 'Warning', values: [b, properties] }));
          sent(factory.exception({ error, properties }));
          sent(requestOf({ name: a, url: b, startedAt: new Date(0), durationMs: 1, statusCode: 200, properties }));
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

  it('names the models of the service, as many as have room', () => {
    const models = Array.from({ length: 100 }, (_, i) => `model-${i}:1`);
    const names = sent(factoryFor({ modelNames: models }).trace({ message: 'm' })).data.baseData.properties['Models'];
    const listed: string[] = JSON.parse(names ?? '');

    expect(names?.length).toBeLessThanOrEqual(512);
    expect(listed.slice(0, -1)).toEqual(models.slice(0, listed.length - 1));
    expect(listed.at(-1)).toBe(`+${100 - (listed.length - 1)}`);
  });

  it('is left out with its operation, and says which share is sent', () => {
    const sampled = factoryFor({}, undefined, {
      sampleRate: 25,
      keeps: (operationId) => operationId === undefined || operationId === 'a'.repeat(32),
    });
    const trace = (traceId: string) =>
      runWithRequest({ requestId: 'r', traceId, spanId: 'b'.repeat(16) }, () => sampled.trace({ message: 'm' }));

    expect(trace('c'.repeat(32))).toBeUndefined();
    expect(sent(trace('a'.repeat(32)))).toMatchObject({ sampleRate: 25 });
    expect(sent(sampled.trace({ message: 'm' }))).not.toHaveProperty('sampleRate');
    expect(sent(runWithRequest({ requestId: 'r' }, () => sampled.metric({ name: 'n', value: 1 })))).not.toHaveProperty(
      'sampleRate',
    );
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
    const item = sent(requestOf({ ...answered, requestId: 'rid-1' }));

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
    expect(sent(requestOf({ ...answered, statusCode })).data.baseData['success']).toBe(success);
  });

  it('are the parent of what was printed inside, also without trace ids', () => {
    const print = runWithRequest({ requestId: 'rid-1' }, () => sent(factory.trace({ message: 'm' })));
    const request = sent(requestOf({ ...answered, requestId: 'rid-1', parentSpanId: 'c'.repeat(16) }));

    expect(request.data.baseData['id']).toBe(print.tags['ai.operation.parentId']);
    expect(request.tags['ai.operation.id']).toBe(print.tags['ai.operation.id']);
    expect(request.tags['ai.operation.parentId']).toBe('c'.repeat(16));
  });

  it('of another request do not borrow the ids of the one in progress', () => {
    const item = runWithRequest({ requestId: 'rid-1', clientRequestId: 'crid-1' }, () =>
      sent(requestOf({ ...answered, requestId: 'rid-2' })),
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

describe('the bodies of a request', () => {
  const answered = { name: 'POST /score', startedAt: new Date(5000), durationMs: 1, statusCode: 200 };
  const bodies = (telemetry: Partial<RequestTelemetry>, from = factory) => {
    const request = { ...answered, requestId: 'rid-1', ...telemetry };
    return sent(from.bodies(from.callOf(request), request));
  };

  it('are one trace inside the request, JSON as it came', () => {
    const request = { ...answered, requestId: 'rid-1', input: '{"data": [1, 2]}', output: '{"len": 26}' };
    const item = bodies(request);

    expect(item.data.baseData).toMatchObject({ message: 'model_data_collection', severityLevel: 'Information' });
    expect(item.data.baseData.properties).toMatchObject({
      Input: '{"data": [1, 2]}',
      Prediction: '{"len": 26}',
      'Request Id': 'rid-1',
    });
    expect(item.tags['ai.operation.parentId']).toBe(sent(requestOf(request)).data.baseData['id']);
  });

  it('that are no JSON become JSON texts, and those that are not there are left out', () => {
    expect(bodies({ input: 'a=1&b=2', output: '' }).data.baseData.properties).toMatchObject({
      Input: '"a=1&b=2"',
      Prediction: '""',
    });
    expect(bodies({ input: '1' }).data.baseData.properties).not.toHaveProperty('Prediction');
  });

  it('that are too long are shortened to valid JSON, also when they are no JSON', () => {
    const list = Array.from({ length: 20_000 }, (_, i) => i);
    const { properties } = bodies({ input: 'x'.repeat(70_000), output: JSON.stringify({ ok: true, list }) }).data
      .baseData;

    expect(JSON.parse(properties['Input'] ?? '')).toMatchObject({ $truncated: true, preview: expect.any(String) });
    expect(JSON.parse(properties['Prediction'] ?? '')).toMatchObject({
      $truncated: true,
      bytes: JSON.stringify({ ok: true, list }).length,
      preview: { ok: true, list: expect.any(Array) },
    });
  });

  it('go through redact as what their JSON holds', () => {
    const seen: unknown[] = [];
    const redacting = factoryFor({}, (value, { kind }) => {
      seen.push([kind, value]);
      return typeof value === 'object' ? { ...value, ssn: 'hidden' } : undefined;
    });
    const { properties } = bodies({ input: '{"ssn":"078-05-1120","a":1}', output: 'not JSON' }, redacting).data
      .baseData;

    expect(seen).toEqual([
      ['input', { ssn: '078-05-1120', a: 1 }],
      ['output', 'not JSON'],
    ]);
    expect(properties).toMatchObject({ Input: '{"ssn":"hidden","a":1}' });
    expect(properties).not.toHaveProperty('Prediction');
  });
});

describe('redact', () => {
  const SECRET = '078-05-1120';
  const shown = (redact: RedactTrace, ...values: unknown[]) => {
    const factoryWith = factoryFor({}, redact);
    const draft = factoryWith.printed({ stream: 'STDOUT', severity: 'Information', values });
    expect(draft?.serialize().json).not.toContain(SECRET);
    return sent(draft).data.baseData.properties['Contents'];
  };

  it('gets each printed value as it is, and what it returns is sent', () => {
    class Customer {
      readonly ssn = SECRET;
    }
    const redact: RedactTrace = (value) => (value instanceof Customer ? { ssn: '***' } : value);

    expect(shown(redact, new Customer())).toBe('{"ssn":"***"}');
    expect(shown(redact, 'customer', new Customer(), 3)).toBe('["customer",{"ssn":"***"},3]');
  });

  it.each<[string, RedactTrace]>([
    [
      'throws an error that quotes the value',
      (value) => {
        throw new Error(String(value));
      },
    ],
    ['returns a promise', (value) => Promise.resolve(value)],
    ['returns a promise that fails', (value) => Promise.reject(value)],
  ])('that %s leaves the value out, with a mark and a count', (_, redact) => {
    const problems: string[] = [];
    const redaction = new Redaction(redact, (problem) => problems.push(problem));

    expect(shown(redact, SECRET)).toBe('{"$leftOut":true,"reason":"redact failed"}');
    expect(shown((value, about) => (value === SECRET ? redact(value, about) : value), 'ssn', SECRET)).toBe(
      '["ssn",{"$leftOut":true,"reason":"redact failed"}]',
    );
    redaction.apply(SECRET, 'print');
    expect(redaction.failed).toBe(1);
    expect(problems.join()).toContain('redact');
    expect(problems.join()).not.toContain(SECRET);
  });

  it('that returns what cannot be read still gives JSON', () => {
    const redact: RedactTrace = () =>
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('no');
          },
          ownKeys: () => {
            throw new Error('no');
          },
        },
      );

    expect(() => JSON.parse(shown(redact, SECRET) ?? '')).not.toThrow();
  });
});

describe('dependency and metric items', () => {
  it('say what was called, how it went, and by which request', () => {
    const item = runWithRequest({ requestId: 'rid-1', traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }, () =>
      sent(
        factory.dependency({
          name: 'GET /items',
          target: 'store.test',
          type: 'HTTP',
          data: 'https://store.test/items?sig=c2VjcmV0',
          startedAt: new Date(5000),
          durationMs: 12.5,
          resultCode: 503,
          spanId: 'c'.repeat(16),
        }),
      ),
    );

    expect(item.time).toBe('1970-01-01T00:00:05.000Z');
    expect(item.data.baseData).toMatchObject({
      id: 'c'.repeat(16),
      name: 'GET /items',
      target: 'store.test',
      type: 'HTTP',
      data: 'https://store.test/items?sig=[redacted]',
      duration: '0.00:00:00.0125000',
      resultCode: '503',
      success: false,
    });
    expect(item.tags).toMatchObject({
      'ai.operation.id': 'a'.repeat(32),
      'ai.operation.parentId': 'b'.repeat(16),
    });
    expect(item.data.baseData.properties).toMatchObject({ 'Request Id': 'rid-1' });
  });

  it('keep the operation that a call was made in, when it is reported from elsewhere', () => {
    const call = {
      name: 'n',
      startedAt: new Date(0),
      durationMs: 1,
      traceId: 'd'.repeat(32),
      parentSpanId: 'e'.repeat(16),
    };
    const item = runWithRequest({ requestId: 'other' }, () => sent(factory.dependency(call)));

    expect(item.tags).toMatchObject({ 'ai.operation.id': 'd'.repeat(32), 'ai.operation.parentId': 'e'.repeat(16) });
    expect(item.data.baseData.properties).not.toHaveProperty(['Request Id']);
    expect(item.data.baseData['success']).toBe(true);
  });

  it('hold one number, or several summed up, and none that JSON cannot hold', () => {
    expect(sent(factory.metric({ name: 'rows', value: 3 })).data.baseData['metrics']).toEqual([
      { name: 'rows', kind: 'Measurement', value: 3 },
    ]);
    expect(sent(factory.metric({ name: 'rows', value: 9, count: 3, min: 1, max: 5 })).data.baseData['metrics']).toEqual(
      [{ name: 'rows', kind: 'Aggregation', value: 9, count: 3, min: 1, max: 5 }],
    );
    expect(() => factory.metric({ name: 'rows', value: Number.NaN })).toThrow('value of the metric');
  });
});

describe('secrets', () => {
  const SECRET = 'c2VjcmV0LXNlY3JldA';
  const text = (draft: ItemDraft | undefined) => JSON.stringify(sent(draft));

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
      requestOf({ ...request, name: `GET /?sig=${SECRET}`, url: `http://u:${SECRET}@h.test/?sig=${SECRET}` }),
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
    expect(cutKey(`${'k'.repeat(150)}a`)).not.toBe(cutKey(`${'k'.repeat(150)}b`));
    expect(cutKey('k'.repeat(151))).toHaveLength(150);
  });
});
