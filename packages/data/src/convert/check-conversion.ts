import { AzuremlError } from '@azureml-ts/common';
import type { CollectedFile } from '../files/collected-file.ts';
import type { FileStore } from '../store/file-store.ts';
import { documentedColumns } from './convert-file.ts';
import { cellText, RowHash } from './row-account.ts';
import { RowCursor } from './row-cursor.ts';

/** Files of rows, and where they are. */
export interface RowFiles {
  readonly store: FileStore;
  readonly files: readonly CollectedFile[];
}

interface CanonicalRow {
  readonly path: string;
  readonly names: readonly string[];
  readonly texts: readonly string[];
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
  isDropped: (name: string) => boolean,
  abortSignal: AbortSignal | undefined,
): Promise<void> {
  const hash = new RowHash();
  for await (const { names, texts } of canonicalRows(target, 'strings', isDropped, abortSignal)) {
    hash.add(names, texts);
  }
  if (hash.rows === expected.rows && hash.digest() === expected.sha256) {
    return;
  }
  const first = await firstDifference(source, target, isDropped, abortSignal);
  throw new AzuremlError(
    'CONVERSION_DIFFERS',
    `What was written to ${target.store.place} is not what was read: ${expected.rows} rows were written, and ${hash.rows} read back. ${first} Remove the new files, and convert again while nobody writes to either place.`,
    { details: { written: expected.rows, found: hash.rows, storage: target.store.place } },
  );
}

async function firstDifference(
  source: RowFiles,
  target: RowFiles,
  isDropped: (name: string) => boolean,
  abortSignal: AbortSignal | undefined,
): Promise<string> {
  const wanted = canonicalRows(source, 'infer', isDropped, abortSignal);
  const found = canonicalRows(target, 'strings', isDropped, abortSignal);
  try {
    for (let row = 1; ; row += 1) {
      const left = (await wanted.next()).value ?? undefined;
      const right = (await found.next()).value ?? undefined;
      if (left === undefined || right === undefined) {
        return left === right
          ? 'The rows have changed since.'
          : `The first difference is row ${row}: ${left === undefined ? `${right?.path} has it, the source does not` : `${left.path} has it, the target does not`}.`;
      }
      const column = left.names.findIndex((name, at) => name !== right.names[at] || left.texts[at] !== right.texts[at]);
      if (column !== -1 || left.names.length !== right.names.length) {
        // The cells are not shown: they may be personal.
        return `The first difference is row ${row}, column ${JSON.stringify(left.names[column] ?? right.names[left.names.length])}, of ${left.path} and ${right.path}.`;
      }
    }
  } finally {
    await wanted.return();
    await found.return();
  }
}

async function* canonicalRows(
  { store, files }: RowFiles,
  types: 'infer' | 'strings',
  isDropped: (name: string) => boolean,
  abortSignal: AbortSignal | undefined,
): AsyncGenerator<CanonicalRow, void, undefined> {
  for (const file of files) {
    const cursor = new RowCursor(store, file, { types, abortSignal });
    try {
      for (let row = await cursor.peek(); row !== undefined; row = await cursor.peek()) {
        const keys = Object.keys(row);
        const names = documentedColumns(keys, isDropped);
        for (const each of cursor.take(keys)) {
          yield { path: file.path, names, texts: names.map((name) => cellText(each[name])) };
        }
      }
    } finally {
      await cursor.close();
    }
  }
}
