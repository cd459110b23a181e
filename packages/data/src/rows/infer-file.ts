import type { CollectedFile } from '../files/collected-file.ts';
import type { RecordBlock } from '../scan/record-block.ts';
import type { FileStore } from '../store/file-store.ts';
import type { ColumnType } from './column-batch.ts';
import { isCallColumn } from './correlation-columns.ts';
import type { FileColumns } from './file-columns.ts';
import { commonType, isWholeDouble, type SeenType, typeOfCell } from './infer-column.ts';
import { readHead } from './read-heads.ts';
import type { ReadingOptions } from './rows-options.ts';

/** So much is looked at to infer the types of a header. */
const SAMPLE_BYTES = 1_048_576;
/** In at most so many files: those of quiet days are small. */
const SAMPLE_FILES = 16;

/** Types of features by what was seen of them. */
export class SeenTypes {
  readonly #types = new Map<string, SeenType>();
  /** Those with a whole number that no double holds. */
  readonly #exact = new Set<string>();

  /** Names of the features that were seen, in that order. */
  get names(): string[] {
    return [...this.#types.keys()];
  }

  /** Notes features, whatever is in them. */
  seeNames(names: readonly string[]): void {
    for (const name of names) {
      this.#types.set(name, this.#types.get(name));
    }
  }

  /** Looks at the cells of a row. */
  see(block: RecordBlock, record: number, { names, dialect }: FileColumns): void {
    const first = block.firstCells[record] as number;
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index] as string;
      if (isCallColumn(name)) {
        continue;
      }
      const before = this.#types.get(name);
      if (before === 'string') {
        continue;
      }
      const type = typeOfCell(block, first + index, dialect);
      if (type === 'int64' && !isWholeDouble(block.text(first + index))) {
        this.#exact.add(name);
      }
      const common = commonType(before, type);
      this.#types.set(name, common === 'float64' && this.#exact.has(name) ? 'string' : common);
    }
  }

  /** The type of a feature: a string when nothing was ever in it. */
  typeOf(name: string): ColumnType {
    return this.#types.get(name) ?? 'string';
  }

  /** Whether a whole number was seen that no double holds. */
  isExact(name: string): boolean {
    return this.#exact.has(name);
  }

  /** The type of what was seen; `undefined` when nothing was in it. */
  seenTypeOf(name: string): SeenType {
    return this.#types.get(name);
  }
}

/**
 * Infers the types of the columns of a file from its beginning; when it is short, also from those of the files behind it
 * that have the same columns.
 *
 * @param files All files.
 * @param index Which of them it is.
 */
export async function inferTypes(
  store: FileStore,
  files: readonly CollectedFile[],
  index: number,
  options: Pick<ReadingOptions, 'abortSignal' | 'header'>,
): Promise<SeenTypes> {
  const types = new SeenTypes();
  let key: string | undefined;
  let left = SAMPLE_BYTES;
  for (const file of files.slice(index, index + SAMPLE_FILES)) {
    await readHead(store, file, options, left, (block, record, columns) => {
      key ??= headerKey(columns);
      if (key === headerKey(columns)) {
        types.see(block, record, columns);
      }
    });
    left -= Math.max(file.size, 1);
    if (left <= 0) {
      break;
    }
  }
  return types;
}

const keys = new WeakMap<FileColumns, string>();

/** The same for all files that have the same columns. */
export function headerKey(columns: FileColumns): string {
  let key = keys.get(columns);
  if (key === undefined) {
    key = JSON.stringify([columns.dialect, ...columns.names]);
    keys.set(columns, key);
  }
  return key;
}
