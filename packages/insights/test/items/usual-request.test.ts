import { runWithRequest } from '@azureml-ts/common';
import { checkTelemetryEnvelope } from '@azureml-ts/testing';
import fc from 'fast-check';
import { ItemContext } from '../../src/context.ts';
import { ItemFactory } from '../../src/items/item-factory.ts';
import { Redaction } from '../../src/items/redaction.ts';
import { createSampler } from '../../src/sampling.ts';
import type { RedactTrace, RequestTelemetry } from '../../src/types.ts';

const KEY = '00000000-1111-2222-3333-444444444444';
const NOW = Date.UTC(2026, 10, 25, 4, 30, 0, 7);

function factoryFor(rate = 1, redact?: RedactTrace, modelNames: readonly string[] = ['m:1']): ItemFactory {
  return new ItemFactory({
    instrumentationKey: KEY,
    context: new ItemContext({ serviceName: 'svc', workspaceName: 'w"s', containerId: 'c-1', modelNames }, {}),
    sampler: createSampler(rate),
    redaction: new Redaction(redact, () => undefined),
    now: () => NOW,
  });
}

const TELEMETRY: RequestTelemetry = {
  name: 'POST /score',
  url: 'http://127.0.0.1/score',
  startedAt: new Date(NOW - 12),
  durationMs: 1.5,
  statusCode: 200,
  requestId: 'f81d4fae-7dec-41d0-a765-00a0c91e6bf6',
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  input: '{"data":[1]}',
  output: '1',
};

/** The items as copies of templates; `undefined` when they are not made so, also when such a request comes again. */
function copied(factory: ItemFactory, telemetry: RequestTelemetry): (string | undefined)[] | undefined {
  factory.usual(telemetry);
  const usual = factory.usual(telemetry);
  return usual && factory.usualItems(usual, true).map((item) => item?.serialize().json);
}

/** The same items, made the long way. */
function long(factory: ItemFactory, telemetry: RequestTelemetry): (string | undefined)[] {
  const call = factory.callOf(telemetry);
  const request = factory.request(call, telemetry)?.serialize().json;
  return telemetry.input === undefined && telemetry.output === undefined
    ? [request]
    : [request, factory.bodies(call, telemetry)?.serialize().json];
}

const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
const id = fc.oneof(fc.uuid(), fc.string({ unit: 'binary', minLength: 2, maxLength: 130 }));
const body = fc.option(
  fc.oneof(
    fc.json({ maxDepth: 2 }).filter((text) => text.length <= 1024),
    fc.string({ unit: 'binary', maxLength: 1024 }),
    fc.constantFrom('', ' ', '{', '"\u2028"', '漢'.repeat(1024), '\u0000'.repeat(1024), '\ud800'),
  ),
  { nil: undefined },
);
const telemetry: fc.Arbitrary<RequestTelemetry> = fc.record({
  name: fc.oneof(fc.constantFrom('POST /score', 'GET (unknown path)'), fc.string({ unit: 'binary', maxLength: 1200 })),
  url: fc.option(fc.oneof(fc.webUrl(), fc.constant('http://h/?sig=secret&key=k')), { nil: undefined }),
  startedAt: fc.date({ min: new Date(0), max: new Date(NOW), noInvalidDate: true }),
  durationMs: fc.oneof(fc.double({ min: 0, max: 999.9, noNaN: true }), fc.constantFrom(0, 999.99994, 0.00004)),
  statusCode: fc.constantFrom(200, 404, 500),
  success: fc.constantFrom(true, false, undefined),
  requestId: id,
  clientRequestId: fc.option(id, { nil: undefined }),
  traceId: fc.oneof(hex(32), fc.constant('"\\\u0001é'.repeat(8))),
  spanId: fc.oneof(hex(16), fc.constant('"'.repeat(16))),
  parentSpanId: fc.option(hex(16), { nil: undefined }),
  input: body,
  output: body,
});

describe('a request of the usual form', () => {
  it.each([1, 0.999_999])(
    'becomes the same bytes as one that is made the long way, at the sampling rate %d',
    (rate) => {
      const factory = factoryFor(rate);
      let count = 0;
      fc.assert(
        fc.property(telemetry, (request) => {
          const items = copied(factory, request);
          count += items === undefined ? 0 : 1;
          expect(items ?? long(factory, request)).toEqual(long(factory, request));
          for (const item of items ?? []) {
            expect(checkTelemetryEnvelope(JSON.parse(item ?? 'null'), KEY)).toBeUndefined();
          }
        }),
      );
      // Else it says nothing.
      expect(count).toBeGreaterThan(50);
    },
  );

  it('is that of every scoring request of a service', () => {
    const factory = factoryFor();
    const { input: _, ...withoutInput } = TELEMETRY;

    for (const request of [TELEMETRY, withoutInput, { ...TELEMETRY, parentSpanId: 'b7ad6b7169203332' }]) {
      expect(copied(factory, request)).toEqual(long(factory, request));
    }
  });

  it('has templates from the second one of its kind on, also after many others', () => {
    const factory = factoryFor();

    expect(factory.usual(TELEMETRY)).toBeUndefined();
    expect(factory.usual(TELEMETRY)).toBeDefined();
    for (let index = 0; index < 100; index++) {
      factory.usual({ ...TELEMETRY, url: `http://127.0.0.1/${index}` });
    }
    factory.usual(TELEMETRY);
    expect(factory.usual(TELEMETRY)).toBeDefined();
  });

  it('keeps its duration at the end of a second, and its time at the start of one', () => {
    const factory = factoryFor();
    for (const changed of [
      { durationMs: 999.999_94 },
      { durationMs: 999.999_96 },
      { startedAt: new Date(NOW - 7) },
      { startedAt: new Date(NOW - 8) },
    ]) {
      const request = { ...TELEMETRY, ...changed };
      expect(copied(factory, request) ?? long(factory, request)).toEqual(long(factory, request));
    }
    expect(copied(factory, { ...TELEMETRY, durationMs: 999.999_96 })).toBeUndefined();
  });

  it.each<[string, Partial<Record<keyof RequestTelemetry, unknown>>]>([
    ['properties', { properties: { a: 1 } }],
    ['no request id', { requestId: undefined }],
    ['a request id of one character, which would be taken for a body', { requestId: '7' }],
    ['a long request id', { requestId: 'x'.repeat(600) }],
    ['another trace id', { traceId: 'short' }],
    ['no span id', { spanId: undefined }],
    ['a long body', { input: '1'.repeat(1025) }],
    ['a body that is no text', { input: 5 }],
    ['a time that is none', { startedAt: new Date(Number.NaN) }],
    ['a negative duration', { durationMs: -1 }],
    ['a duration that is none', { durationMs: Number.NaN }],
    ['a status that is no number', { statusCode: '200' }],
    ['a name that is no text', { name: 5 }],
  ])('is not one with %s', (_, changed) => {
    expect(copied(factoryFor(), { ...TELEMETRY, ...changed } as RequestTelemetry)).toBeUndefined();
  });

  it('is not one whose caller gave an id that only the request in progress knows', () => {
    const factory = factoryFor();
    runWithRequest({ requestId: TELEMETRY.requestId ?? '', clientRequestId: 'from the caller' }, () => {
      expect(copied(factory, TELEMETRY)).toBeUndefined();
    });
  });

  it('is none when redact is to see the bodies, nor when a process says too much of itself', () => {
    expect(
      copied(
        factoryFor(1, (value) => value),
        TELEMETRY,
      ),
    ).toBeUndefined();
    const models = Array.from({ length: 400 }, (_, index) => `"model"-${index}-${'"'.repeat(40)}:1`);
    const factory = factoryFor(1, undefined, models);
    expect(copied(factory, TELEMETRY) ?? long(factory, TELEMETRY)).toEqual(long(factory, TELEMETRY));
  });
});
