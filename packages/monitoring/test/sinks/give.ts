import type { JsonValue } from '@azureml-ts/common';
import type { StreamIdentity } from '../../src/format/blob-path.ts';
import type { LedgerEntry } from '../../src/format/ledger.ts';
import { RowSchema } from '../../src/rows/row-schema.ts';
import type { AppendOutcome, RowBatch, RowSink } from '../../src/sinks/row-sink.ts';
import { identity } from '../support/workspace.ts';

export const DAY = '2026-03-04';
export const schema = new RowSchema(['x']);

/** A stream of its own for each test. */
export function streamOf(webserviceName: string, designation = 'inputs'): StreamIdentity {
  return { ...identity, webserviceName, modelName: 'best_model', designation };
}

let calls = 0;

/** Rows with these values, each with an id that no other row has. */
export function batchOf(stream: StreamIdentity, values: readonly string[], change: Partial<RowBatch> = {}): RowBatch {
  const lines = values.map((value) => {
    calls += 1;
    return `${value},w-${calls},,2026-03-04T05:06:07.890Z,\n`;
  });
  return { stream, day: DAY, schema, bytes: Buffer.from(lines.join('')), rowCount: values.length, ...change };
}

/** What a journal keeps of a batch: it survives the sink and the process. */
export class Kept {
  readonly batch: RowBatch;
  intent: JsonValue | undefined;
  /** Set to have the next intent kept, and the process die before the step is taken. */
  diesAfterIntent = false;
  /** Set to have the journal taken over by another process. */
  isTaken = false;

  constructor(batch: RowBatch) {
    this.batch = batch;
  }

  /** Gives the batch to a sink once. */
  give(sink: RowSink, abortSignal = new AbortController().signal): Promise<AppendOutcome | undefined> {
    return sink.append(this.batch, {
      abortSignal,
      intent: this.intent,
      intend: async (intent) => {
        if (this.isTaken) {
          throw new Error('taken');
        }
        // A journal keeps text, not objects.
        this.intent = JSON.parse(JSON.stringify(intent)) as JsonValue;
        if (this.diesAfterIntent) {
          this.diesAfterIntent = false;
          throw new Error('died');
        }
      },
    });
  }

  /** Gives the batch until it is stored, as the engine does. */
  async store(open: () => RowSink, tries = 60): Promise<AppendOutcome | undefined> {
    for (let tried = 1; ; tried += 1) {
      try {
        return await this.give(open());
      } catch (error) {
        if (tried === tries) {
          throw error;
        }
      }
    }
  }
}

/** Stores batches one after the other. */
export async function storeAll(sink: RowSink, batches: readonly RowBatch[]): Promise<void> {
  for (const batch of batches) {
    await new Kept(batch).store(() => sink);
  }
}

/** An entry of the ledger. */
export function ledgerEntry(stream: StreamIdentity, entry: number): LedgerEntry {
  return {
    version: 1,
    stream,
    day: DAY,
    writer: 'w',
    kind: 'open',
    entry,
    at: '2026-03-04T05:06:07.890Z',
    collected: 3,
    stored: 2,
    pending: 0,
    dropped: { bufferFull: 1 },
    gaps: [{ reason: 'bufferFull', first: 2, last: 2, rows: 1 }],
    samplingRate: 1,
  };
}

/** First cells of the lines of a file, without the header. */
export function valuesOf(text: string | undefined): string[] {
  return (text ?? '')
    .split('\n')
    .slice(1, -1)
    .map((line) => line.split(',')[0] ?? '');
}

/** Waits until something is so; gives up before the test does, so that nothing runs on. */
export async function until(isSo: () => boolean): Promise<void> {
  for (const start = Date.now(); !isSo(); ) {
    if (Date.now() - start > 20_000) {
      throw new Error(`It never came to this: ${String(isSo)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
