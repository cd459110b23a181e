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
 * are read first, a request for each. `error` ends the work with `SCHEMA_CHANGED`. A function is told of each change
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
