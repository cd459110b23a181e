import { once } from 'node:events';
import { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { RowBatch } from '../../src/sinks/row-sink.ts';
import { StandardOutputSink } from '../../src/v2/standard-output/standard-output-sink.ts';

const batch = { bytes: Buffer.from('a line\n') } as RowBatch;

/** A stream that fails as a pipe does whose reader is gone, and stays, as standard output does. */
function brokenStream(): Writable {
  return new Writable({
    autoDestroy: false,
    write: (_, __, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
  });
}

describe('standard output that cannot be written', () => {
  it('fails the append, and not the process', async () => {
    const stream = brokenStream();
    // With nobody to hear it, its event is an error that nobody catches.
    await expect(new StandardOutputSink(stream).append(batch)).rejects.toMatchObject({ code: 'EPIPE' });
    await setImmediate();
    // Nothing stays behind that would take the events of others.
    expect(stream.listenerCount('error')).toBe(0);
  });

  it('leaves its event to an application that listens for it', async () => {
    const stream = brokenStream();
    const heard = once(stream, 'error');
    await expect(new StandardOutputSink(stream).append(batch)).rejects.toMatchObject({ code: 'EPIPE' });
    expect(await heard).toMatchObject([{ code: 'EPIPE' }]);
  });
});
