import type { Writable } from 'node:stream';
import type { RowBatch, RowSink } from '../../sinks/row-sink.ts';

/** Prints records. */
export class StandardOutputSink implements RowSink {
  /** See {@link RowSink.name}. */
  readonly name = 'standard output';
  readonly #stream: Writable;

  /** @param stream Where to; tests pass their own. */
  constructor(stream: Writable = process.stdout) {
    this.#stream = stream;
  }

  /** See {@link RowSink.append}. */
  append({ bytes }: RowBatch): Promise<undefined> {
    const stream = this.#stream;
    return new Promise((resolve, reject) => {
      stream.write(bytes, (error) => {
        if (!error) {
          resolve(undefined);
          return;
        }
        // The stream tells of it by an event too, which ends the process when nobody listens: a reader that is gone, or a
        // full disk, must not end scoring. Only this event is taken, as `console` does it.
        if (stream.listenerCount('error') === 0) {
          stream.once('error', ignore);
        }
        reject(error);
      });
    });
  }
}

function ignore(): void {}
