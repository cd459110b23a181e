import type { RowBatch, RowSink } from '../../sinks/row-sink.ts';

/** Prints records. */
export class StandardOutputSink implements RowSink {
  /** See {@link RowSink.name}. */
  readonly name = 'standard output';

  /** See {@link RowSink.append}. */
  append({ bytes }: RowBatch): Promise<undefined> {
    return new Promise((resolve, reject) => {
      process.stdout.write(bytes, (error) => (error ? reject(error) : resolve(undefined)));
    });
  }
}
