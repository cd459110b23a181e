import { decodeIntent, encodeIntent, type SinkIntent } from '../../src/sinks/sink-intent.ts';
import { batchOf, streamOf } from './give.ts';

const batch = batchOf(streamOf('svc'), ['1']);
const intents: SinkIntent[] = [
  { kind: 'append-blob', name: {}, position: 0, headerBytes: 12, etag: '"0x1"' },
  { kind: 'block-blob', name: { schema: '0123abcd', part: 2, instance: 'pod' }, position: 0, headerBytes: 0 },
  { kind: 'file', name: { part: 3 }, position: 4_294_967_296, headerBytes: 0 },
];

describe('the intent of a sink', () => {
  it.each(intents)('comes back from JSON as it was: %j', (intent) => {
    const kept = JSON.parse(JSON.stringify(encodeIntent(intent, batch)));
    expect(decodeIntent(kept, batch)).toEqual(intent);
  });

  it('tells nothing about other bytes, also when there are as many', () => {
    const bytes = Buffer.from(batch.bytes);
    bytes[0] = 0x32;
    const [intent] = intents;
    const kept = intent && encodeIntent(intent, batch);
    expect(decodeIntent(kept, { ...batch, bytes })).toBeUndefined();
    expect(decodeIntent(kept, { ...batch, bytes: Buffer.concat([bytes, bytes]) })).toBeUndefined();
  });

  it.each([
    ['another version', { v: 2 }],
    ['an unknown kind', { kind: 'table' }],
    ['a position that is none', { position: -1 }],
    ['a header that is none', { headerBytes: '0' }],
    ['a name that is none', { name: ['data'] }],
  ])('is not read with %s', (_, change) => {
    const [intent] = intents;
    const kept = intent && { ...(encodeIntent(intent, batch) as object), ...change };
    expect(decodeIntent(kept, batch)).toBeUndefined();
  });
});
