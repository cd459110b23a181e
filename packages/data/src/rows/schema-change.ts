import { AzuremlError } from '@azureml-ts/common';
import { isCallColumn } from './correlation-columns.ts';

/** The features of a file are not those of the one before it. */
export interface SchemaChange {
  /** Path of the file with which it begins. */
  readonly path: string;
  /** Features that the file before it lacks. */
  readonly added: readonly string[];
  /** Features that it lacks. */
  readonly removed: readonly string[];
}

/**
 * What to do when the columns change from one file to the next. Default: nothing, each row and batch has the columns of
 * its file.
 *
 * `merge` gives all rows all columns that any of the files has, `null` where a file lacks one; the headers of all files
 * are read first, a request for each; a column that comes up after that ends the work with `SCHEMA_CHANGED`. `error` ends the work with `SCHEMA_CHANGED`. A function is told of each change
 * before the first row that has it.
 */
export type OnSchemaChange = 'merge' | 'error' | ((change: SchemaChange) => void);

/** The difference between the features of two files; `undefined` when they are the same, in whatever order. */
export function schemaChange(
  path: string,
  before: readonly string[],
  after: readonly string[],
): SchemaChange | undefined {
  const [old, now] = [new Set(before), new Set(after)];
  const added = after.filter((name) => !old.has(name) && !isCallColumn(name));
  const removed = before.filter((name) => !now.has(name) && !isCallColumn(name));
  return added.length + removed.length === 0 ? undefined : { path, added, removed };
}

/**
 * Refuses a feature that came up after the features of all files were looked at: it would be left out of every row.
 *
 * @param names The columns of rows that are read now.
 * @param known The features that were found before; `undefined` when nobody looked, or some were asked for.
 * @throws AzuremlError `SCHEMA_CHANGED`, which reading again makes up for.
 */
export function refuseLateFeatures(
  path: string,
  names: readonly string[],
  known: ReadonlySet<string> | undefined,
): void {
  const late = known === undefined ? [] : names.filter((name) => !known.has(name) && !isCallColumn(name));
  if (late.length > 0) {
    throw new AzuremlError(
      'SCHEMA_CHANGED',
      `The columns of ${path} changed while it was being read: it ${listed('has', late)} now, which was not there when the columns of all files were looked up. Nothing is left out of rows silently: read again.`,
      { retryable: true, details: { path, added: late, removed: [] } },
    );
  }
}

/** Watches the columns from file to file. */
export class SchemaWatch {
  readonly #onChange: OnSchemaChange | undefined;
  #before: readonly string[] | undefined;

  /** @param onChange What to do when they change. */
  constructor(onChange: OnSchemaChange | undefined) {
    this.#onChange = onChange;
  }

  /**
   * Looks at the columns of the next file.
   *
   * @throws AzuremlError `SCHEMA_CHANGED` when a change is an error.
   */
  see(path: string, names: readonly string[]): void {
    const change = this.#before === undefined ? undefined : schemaChange(path, this.#before, names);
    this.#before = names;
    if (change === undefined) {
      return;
    }
    if (this.#onChange === 'error') {
      const parts = [listed('has new', change.added), listed('lacks', change.removed)].filter(Boolean);
      throw new AzuremlError(
        'SCHEMA_CHANGED',
        `The columns change with ${path}: it ${parts.join(', and ')}. Read the days of one schema, or pass onSchemaChange: 'merge'.`,
        { details: { path, added: [...change.added], removed: [...change.removed] } },
      );
    }
    if (typeof this.#onChange === 'function') {
      this.#onChange(change);
    }
  }
}

function listed(what: string, names: readonly string[]): string {
  return names.length === 0 ? '' : `${what} ${names.map((name) => `"${name}"`).join(', ')}`;
}
