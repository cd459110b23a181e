import { runWithRequest } from '@azureml-ts/common';
import { checkTelemetryEnvelope } from '@azureml-ts/testing';
import fc from 'fast-check';
import { ItemContext } from '../../src/context.ts';
import { ItemFactory } from '../../src/items/item-factory.ts';
import { Redaction } from '../../src/items/redaction.ts';
import { createSampler } from '../../src/sampling.ts';
import type { RedactTrace, RequestTelemetry } from '../../src/types.ts';
import { NOW, requests, TELEMETRY } from './request-samples.ts';

const KEY = '00000000-1111-2222-3333-444444444444';

function factoryFor(rate = 1, redact?: RedactTrace, modelNames: readonly string[] = ['m:1']): ItemFactory {
  return new ItemFactory({
    instrumentationKey: KEY,
    context: new ItemContext({ serviceName: 'svc', workspaceName: 'w"s', containerId: 'c-1', modelNames }, {}),
    sampler: createSampler(rate),
    redaction: new Redaction(redact, () => undefined),
    now: () => NOW,
  });
}

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

describe('a request of the usual form', () => {
  it('becomes the same with an output that is said to be JSON', () => {
    const factory = factoryFor();
    fc.assert(
      fc.property(fc.json(), (output) => {
        const items = copied(factory, { ...TELEMETRY, output, isOutputJson: true });
        expect(items ?? []).toEqual(items === undefined ? [] : long(factory, { ...TELEMETRY, output }));
      }),
    );
    const [, bodies] = copied(factory, { ...TELEMETRY, output: '{"sum":1.0}', isOutputJson: true }) ?? [];
    expect(bodies).toContain('"{\\"sum\\":1.0}"');
  });

  it.each([1, 0.999_999, 0.5])(
    'becomes the same bytes as one that is made the long way, at the sampling rate %d',
    (rate) => {
      const factory = factoryFor(rate);
      let count = 0;
      fc.assert(
        fc.property(requests, (request) => {
          const items = copied(factory, request);
          count += items === undefined ? 0 : 1;
          expect(items ?? long(factory, request)).toEqual(long(factory, request));
          for (const item of items ?? []) {
            expect(item && checkTelemetryEnvelope(JSON.parse(item), KEY)).toBeUndefined();
          }
        }),
        { numRuns: 300 },
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

  it('has none with a very long name or address: nothing of these is kept', () => {
    const factory = factoryFor();
    for (const long of [{ url: `http://h/${'x'.repeat(5000)}` }, { name: 'x'.repeat(5000) }]) {
      expect(copied(factory, { ...TELEMETRY, ...long })).toBeUndefined();
    }
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
    ['a duration that is no number, which would count as one', { durationMs: '1.5' }],
    ['a status that is no number', { statusCode: '200' }],
    ['a status that is not finite: all of them are the same in JSON', { statusCode: Number.NaN }],
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
