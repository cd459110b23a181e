import { idKey, timeKey } from './call-identity.ts';
import type { RowOrder } from './join-options.ts';
import type { JoinedRow } from './join-summary.ts';
import type { SpoolFile } from './spool-file.ts';
import { SpoolFolder, spooling } from './spool-folder.ts';

type AnyRow = JoinedRow<object | null, object | null>;

interface Entry<R> {
  readonly key: string;
  readonly row: R;
}

/** So many bytes of rows, roughly, are sorted in memory at a time. */
const MAX_BYTES = 33_554_432;
/** Runs that are merged at a time. */
const FAN_IN = 32;
/** Rows of a run that are in memory while it is merged. */
const BLOCK_ROWS = 128;

/** How rows are sorted; tests set the last two. */
export interface SortOptions {
  readonly abortSignal?: AbortSignal | undefined;
  /** How much is sorted in memory, roughly. */
  readonly maxBytes?: number;
  /** Where the rest is put aside. Default: the system's temporary folder. */
  readonly directory?: string;
}

/**
 * Sorts rows, with the help of the temporary folder where they are many.
 *
 * @throws AzuremlError `TEMPORARY_FOLDER_FAILED`.
 */
export async function* sortRows<R extends AnyRow>(
  rows: AsyncIterable<R>,
  order: Exclude<RowOrder, 'stored'>,
  { abortSignal, maxBytes = MAX_BYTES, directory }: SortOptions = {},
): AsyncGenerator<R, void, undefined> {
  const keyOf = KEYS[order];
  const runs = new Runs<R>(new SpoolFolder(directory));
  let entries: Entry<R>[] = [];
  let bytes = 0;
  try {
    for await (const row of rows) {
      entries.push({ key: keyOf(row), row });
      bytes += sizeOf(row);
      if (bytes >= maxBytes) {
        await runs.add(entries.sort(compare));
        entries = [];
        bytes = 0;
      }
    }
    entries.sort(compare);
    for await (const { row } of runs.isEmpty ? entries : runs.merge(entries)) {
      abortSignal?.throwIfAborted();
      yield row;
    }
  } finally {
    await runs.remove();
  }
}

/** Keys that tell every two rows apart, so that the order does not depend on how the rows are stored. */
const KEYS = {
  time: (row: AnyRow) => `${timeKey(row.scoringTimestamp)}\0${idKey(row.correlationId)}\0${place(row.position)}`,
  requestId: (row: AnyRow) => `${row.requestId ?? ''}\0${KEYS.time(row)}`,
};

function place(position: number): string {
  return String(position).padStart(12, '0');
}

// Equal keys stay in their order: sorting is stable, and of two runs the earlier one goes first.
function compare(a: Entry<unknown>, b: Entry<unknown>): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** What a row takes in memory with its key, roughly, and what is in use while it is written. */
function sizeOf(row: AnyRow): number {
  let bytes = 800;
  for (const side of [row.left, row.right]) {
    for (const value of Object.values(side ?? {})) {
      bytes += typeof value === 'string' ? 48 + value.length : 32;
    }
  }
  return bytes;
}

/** Sorted runs in the temporary folder. Many of one size become one of the next, so that each row is written few times. */
class Runs<R> {
  readonly #folder: SpoolFolder;
  readonly #levels: SpoolFile[][] = [];

  constructor(folder: SpoolFolder) {
    this.#folder = folder;
  }

  get isEmpty(): boolean {
    return this.#levels.length === 0;
  }

  async add(entries: readonly Entry<R>[]): Promise<void> {
    await this.#put(0, await this.#write(asAsync(entries)));
  }

  /** All rows in order: those of the runs, and some that are in memory. */
  merge(entries: readonly Entry<R>[]): AsyncGenerator<Entry<R>, void, undefined> {
    // Larger runs are older: for equal keys they go first.
    const runs = this.#levels.toReversed().flat();
    return mergeSorted([...runs.map((run) => entriesOf<R>(run)), asAsync(entries)]);
  }

  remove(): Promise<void> {
    return this.#folder.remove();
  }

  async #put(level: number, run: SpoolFile): Promise<void> {
    this.#levels[level] ??= [];
    const runs = this.#levels[level];
    runs.push(run);
    if (runs.length === FAN_IN) {
      const merged = await this.#write(mergeSorted(runs.map((each) => entriesOf<R>(each))));
      this.#levels[level] = [];
      await Promise.all(runs.map((each) => each.remove()));
      await this.#put(level + 1, merged);
    }
  }

  #write(entries: AsyncIterable<Entry<R>>): Promise<SpoolFile> {
    return spooling(async () => {
      const run = await this.#folder.file();
      let block: Entry<R>[] = [];
      for await (const entry of entries) {
        block.push(entry);
        if (block.length === BLOCK_ROWS) {
          await run.append(block);
          block = [];
        }
      }
      await run.append(block);
      await run.finish();
      return run;
    });
  }
}

async function* asAsync<T>(items: Iterable<T>): AsyncGenerator<T, void, undefined> {
  yield* items;
}

async function* entriesOf<R>(run: SpoolFile): AsyncGenerator<Entry<R>, void, undefined> {
  for await (const block of run.read<Entry<R>>()) {
    yield* block;
  }
}

async function* mergeSorted<R>(
  runs: readonly AsyncGenerator<Entry<R>, void, undefined>[],
): AsyncGenerator<Entry<R>, void, undefined> {
  try {
    const heads = await Promise.all(runs.map(async (run) => (await run.next()).value ?? undefined));
    for (;;) {
      let least = -1;
      for (const [index, head] of heads.entries()) {
        const best = heads[least];
        if (head !== undefined && (best === undefined || head.key < best.key)) {
          least = index;
        }
      }
      const entry = heads[least];
      if (entry === undefined) {
        return;
      }
      yield entry;
      heads[least] = (await runs[least]?.next())?.value ?? undefined;
    }
  } finally {
    await Promise.all(runs.map((run) => run.return()));
  }
}
