import { AzuremlError, type JsonValue } from '@azureml-ts/common';
import { type BatchKey, type EncodedSlice, keyText } from '../../src/engine/batch.ts';
import type {
  AbandonedFile,
  AbandonedJournal,
  FileLog,
  Journal,
  JournalWrite,
} from '../../src/journal/journal-types.ts';

/** A journal in memory whose fate a test decides. */
export class FakeJournal implements Journal {
  state: 'disk' | 'memory' = 'disk';
  /** Set to have the folder taken over: the last slice that the other process has read. */
  takenThrough: number | undefined;
  /** Whether slices are taken; else they are in memory only. */
  takes = true;
  /** What dead processes left. */
  abandoned: AbandonedJournal[] = [];
  readonly kept = new Map<string, EncodedSlice[]>();
  readonly intents: { first: number; last: number }[] = [];
  readonly #keys = new Set<string>();
  isReleased = false;
  readonly notes = 0;

  write(key: BatchKey, slice: EncodedSlice): JournalWrite {
    this.#keys.add(keyText(key));
    if (this.takenThrough !== undefined) {
      return 'taken';
    }
    if (!this.takes) {
      return 'memory';
    }
    this.kept.set(keyText(key), [...(this.kept.get(keyText(key)) ?? []), slice]);
    return 'durable';
  }

  file(key: BatchKey): FileLog {
    const without = (isGone: (sequence: number) => boolean) => {
      const kept = this.kept.get(keyText(key)) ?? [];
      this.kept.set(
        keyText(key),
        kept.filter(({ sequence }) => !isGone(sequence)),
      );
    };
    return {
      intend: async (first, last) => {
        if (this.takenThrough !== undefined) {
          throw new AzuremlError('JOURNAL_TAKEN', 'taken');
        }
        this.intents.push({ first, last });
      },
      acknowledge: async (through) => without((sequence) => sequence <= through),
      skip: async (first, last) => without((sequence) => sequence >= first && sequence <= last),
    };
  }

  accounted(): void {}

  async settleTaken(): Promise<ReadonlyMap<string, number>> {
    const through = this.takenThrough ?? 0;
    this.takenThrough = undefined;
    return new Map([...this.#keys].map((key) => [key, through]));
  }

  async claim(): Promise<readonly AbandonedJournal[]> {
    return this.abandoned.splice(0);
  }

  release(): void {
    this.isReleased = true;
  }

  async close(): Promise<void> {
    this.isReleased = true;
  }
}

/** What a dead process left of one file. */
export function abandonedFile(
  key: BatchKey,
  slices: readonly EncodedSlice[],
  intent?: { first: number; last: number; value: JsonValue },
): AbandonedFile & { readonly acknowledged: number[] } {
  const acknowledged: number[] = [];
  return {
    key,
    rowCount: slices.reduce((sum, { rowCount }) => sum + rowCount, 0),
    intent,
    acknowledged,
    slices: async function* () {
      yield* slices;
    },
    intend: async () => undefined,
    acknowledge: async (through) => {
      acknowledged.push(through);
    },
    skip: async () => undefined,
  };
}
