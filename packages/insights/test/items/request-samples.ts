import fc from 'fast-check';
import type { RequestTelemetry } from '../../src/types.ts';

/** When all of them are reported. */
export const NOW = Date.UTC(2026, 10, 25, 4, 30, 0, 7);

/** A request as most are. */
export const TELEMETRY: RequestTelemetry = {
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

const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
/** Halves of characters too, as JavaScript lets them stand alone. */
const anyText = (maxLength: number, minLength = 0) =>
  fc.string({
    unit: fc.integer({ max: 0xffff, min: 0 }).map((code) => String.fromCharCode(code)),
    minLength,
    maxLength,
  });
const id = fc.oneof(fc.uuid(), fc.string({ unit: 'binary', minLength: 2, maxLength: 130 }), anyText(130, 2));
const body = fc.option(
  fc.oneof(
    fc.json({ maxDepth: 2 }).filter((text) => text.length <= 1024),
    fc.string({ unit: 'binary', maxLength: 1024 }),
    anyText(1024),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('utf8')),
    fc.integer({ min: 1022, max: 1026 }).map((length) => `"${'x'.repeat(length - 2)}"`),
    fc.constantFrom('', ' ', '{', '"\u2028"', '漢'.repeat(1024), '\u0000'.repeat(1024), '\ud800'),
  ),
  { nil: undefined },
);
/** Requests, most of them of the usual form, with whatever may stand in their texts and numbers. */
export const requests: fc.Arbitrary<RequestTelemetry> = fc.record({
  name: fc.oneof(
    fc.constantFrom('POST /score', 'GET (unknown path)', '', '0', '1', '"time":"'),
    fc.string({ unit: 'binary', maxLength: 1200 }),
    anyText(40),
  ),
  url: fc.option(
    fc.oneof(
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.constantFrom('http://h/?sig=secret&key=k', 'http://u:p@h/', '', '"\\\u0000', `http://h/${'é'.repeat(3000)}`),
      anyText(200),
    ),
    { nil: undefined },
  ),
  startedAt: fc.oneof(
    fc.date({ min: new Date(0), max: new Date(NOW), noInvalidDate: true }),
    fc.date({ min: new Date('0000-12-31'), max: new Date('+010000-01-02') }),
  ),
  durationMs: fc.oneof(
    { weight: 9, arbitrary: fc.double({ min: 0, max: 999.9, noNaN: true }) },
    fc.constantFrom(0, -0, -0.000_04, 999.999_94, 0.000_04, 86_400_000, 4e8, 1e300),
    fc.double(),
  ),
  statusCode: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(200, 404, 500) },
    fc.constantFrom(0, -0, -1, 399.5, 1e21, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    fc.double(),
  ),
  success: fc.constantFrom(true, false, undefined),
  requestId: id,
  clientRequestId: fc.option(id, { nil: undefined }),
  traceId: fc.oneof(hex(32), fc.constant('"\\\u0001é'.repeat(8))),
  spanId: fc.oneof(hex(16), fc.constant('"'.repeat(16))),
  parentSpanId: fc.option(fc.oneof(hex(16), fc.constantFrom('0'.repeat(16), '', 'odd', '\ud800'.repeat(16))), {
    nil: undefined,
  }),
  input: body,
  output: body,
});
