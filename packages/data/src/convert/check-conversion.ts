import { AzuremlError } from '@azureml-ts/common';
import type { CollectedFile } from '../files/collected-file.ts';
import type { FileStore } from '../store/file-store.ts';
import { type CellReading, type ConvertRow, convertRows } from './convert-rows.ts';
import { ItemCursor } from './item-cursor.ts';
import { RowHash, rowTexts } from './row-account.ts';

/** Files of rows, where they are, and how their cells are read. */
export interface RowFiles {
  readonly store: FileStore;
  readonly files: readonly CollectedFile[];
  readonly cells: CellReading;
  readonly header?: boolean | undefined;
}

/** What the rows are to be. */
export interface Expected {
  readonly rows: number;
  readonly sha256: string;
}

/**
 * Reads what was written, and compares it.
 *
 * @throws AzuremlError `CONVERSION_DIFFERS` with the first difference.
 */
export async function checkConversion(
  source: RowFiles,
  target: RowFiles,
  expected: Expected,
  abortSignal: AbortSignal | undefined,
): Promise<void> {
  const hash = new RowHash();
  for await (const rows of convertRows(target.store, target.files, { cells: target.cells, abortSignal })) {
    for (const row of rows) {
      hash.add(row);
    }
  }
  if (hash.rows === expected.rows && hash.digest() === expected.sha256) {
    return;
  }
  const first = await firstDifference(source, target, abortSignal);
  throw new AzuremlError(
    'CONVERSION_DIFFERS',
    `What was written to ${target.store.place} is not what was read: ${expected.rows} rows were written, and ${hash.rows} read back. ${first} Remove the new files, and convert again while nobody writes to either place.`,
    { details: { written: expected.rows, found: hash.rows, storage: target.store.place } },
  );
}

async function firstDifference(
  source: RowFiles,
  target: RowFiles,
  abortSignal: AbortSignal | undefined,
): Promise<string> {
  const [wanted, found] = [source, target].map(
    ({ store, files, cells, header }) => new ItemCursor(convertRows(store, files, { cells, header, abortSignal })),
  ) as [ItemCursor<ConvertRow>, ItemCursor<ConvertRow>];
  try {
    for (let row = 1; ; row += 1) {
      const [left, right] = [await wanted.next(), await found.next()];
      if (left === undefined || right === undefined) {
        return left === right
          ? 'The rows have changed since.'
          : `The first difference is row ${row}: ${left === undefined ? `${right?.file.path} has it, the source does not` : `${left.file.path} has it, the target does not`}.`;
      }
      const [mine, theirs] = [rowTexts(left), rowTexts(right)];
      const column = mine.names.findIndex(
        (name, at) => name !== theirs.names[at] || mine.texts[at] !== theirs.texts[at],
      );
      if (column !== -1 || mine.names.length !== theirs.names.length) {
        // The cells are not shown: they may be personal.
        return `The first difference is row ${row}, column ${JSON.stringify(mine.names[column] ?? theirs.names[mine.names.length])}, of ${left.file.path} and ${right.file.path}.`;
      }
    }
  } finally {
    await wanted.close();
    await found.close();
  }
}
