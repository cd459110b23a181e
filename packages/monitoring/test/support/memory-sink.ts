import type { Batch } from '../../src/engine/batch.ts';
import type { AppendOptions, RowSink } from '../../src/sinks/row-sink.ts';

/** A store in memory whose failures a test decides. */
export class MemorySink implements RowSink {
  readonly batches: Batch[] = [];
  /** Asked before each append: throws, waits or does nothing. */
  before: (batch: Batch, options: AppendOptions) => Promise<void> | void = () => undefined;

  async append(batch: Batch, options: AppendOptions): Promise<void> {
    await this.before(batch, options);
    this.batches.push(batch);
  }

  /** Everything stored, as text. */
  text(): string {
    return Buffer.concat(this.batches.map((batch) => batch.bytes)).toString();
  }
}
