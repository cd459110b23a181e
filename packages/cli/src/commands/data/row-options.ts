import type { CellType } from '@azureml-ts/data';
import { type Command, InvalidArgumentError } from 'commander';

/** How rows are read. */
export interface RowReadingOptions {
  /** Features to print. */
  readonly columns?: readonly string[];
  /** Declared types of features. */
  readonly types?: 'infer' | 'strings' | Readonly<Record<string, CellType>>;
}

const TYPES = ['number', 'string', 'boolean', 'date', 'bigint'] as const satisfies CellType[];

/** Adds the options that say which features are read, and as what. */
export function addRowReadingOptions(command: Command): Command {
  return command
    .option('--columns <names>', 'only these features, with commas between them', parseNames)
    .option(
      '--types <types>',
      'infer, strings, or types of features: age=number,joined=date (default: strings; infer for json)',
      parseTypes,
    );
}

function parseNames(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), ...text.split(',')];
}

/** Types as they are given on the command line: `infer`, `strings`, or `NAME=TYPE` with commas between them. */
export function parseTypes(text: string, before: RowReadingOptions['types']): RowReadingOptions['types'] {
  if (text === 'infer' || text === 'strings') {
    return text;
  }
  const declared = text.split(',').map((part): [string, CellType] => {
    const at = part.lastIndexOf('=');
    const type = TYPES.find((known) => known === part.slice(at + 1));
    if (at < 1 || type === undefined) {
      throw new InvalidArgumentError(`Give infer, strings, or NAME=TYPE with one of ${TYPES.join(', ')}.`);
    }
    return [part.slice(0, at), type];
  });
  return { ...(typeof before === 'object' ? before : {}), ...Object.fromEntries(declared) };
}

/** How rows are read for an output: a table and CSV show cells as they are stored, JSON has types. */
export function readingFor(options: RowReadingOptions, output: string): RowReadingOptions {
  const { columns, types = output.startsWith('json') ? 'infer' : 'strings' } = options;
  return { types, ...(columns === undefined ? {} : { columns }) };
}
