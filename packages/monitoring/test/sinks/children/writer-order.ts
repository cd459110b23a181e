import type { StreamIdentity } from '../../../src/format/blob-path.ts';
import { RowSchema } from '../../../src/rows/row-schema.ts';
import type { RowBatch } from '../../../src/sinks/row-sink.ts';
import type { KillPoint } from './kill-at.ts';

/** What a writing process is told. */
export interface WriterOrder {
  readonly directory: string;
  readonly stream: StreamIdentity;
  readonly day: string;
  /** Name of the writer: its rows are `<writer>/<index>`. */
  readonly writer: string;
  /** How many batches it stores in all. */
  readonly count: number;
  /** Rows of a batch. */
  readonly rows: number;
  /** Keeps what a journal keeps: the batch that is next, and what the sink said about it. */
  readonly journal: string;
  /** Where it dies. */
  readonly kill?: KillPoint | undefined;
}

const schema = new RowSchema(['x']);

/** A batch of a writer: the same bytes whoever makes it. */
export function batchAt({ stream, day, writer, rows }: WriterOrder, index: number): RowBatch {
  const lines = Array.from(
    { length: rows },
    (_, row) => `${writer}/${index}/${row},${writer}-${index},,2026-03-04T05:06:07.890Z,\n`,
  );
  return { stream, day, schema, bytes: Buffer.from(lines.join('')), rowCount: rows };
}
