import type { RowBatch, RowSink } from '@azureml-ts/monitoring';

/** A store that counts what it is given and forgets it. */
export class CountingSink implements RowSink {
  readonly name = 'the counting sink of a bench';
  rows = 0;
  bytes = 0;

  async append({ rowCount, bytes }: RowBatch): Promise<undefined> {
    this.rows += rowCount;
    this.bytes += bytes.length;
  }
}

/** A store that takes a batch and never answers: rows can only wait. It gives up when it is told to. */
export class SilentSink implements RowSink {
  readonly name = 'the silent sink of a bench';

  append(_: RowBatch, { abortSignal }: { readonly abortSignal: AbortSignal }): Promise<never> {
    return new Promise((_, reject) => {
      abortSignal.addEventListener('abort', () => reject(abortSignal.reason), { once: true });
    });
  }
}
