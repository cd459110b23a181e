import type { StreamIdentity } from '@azureml-ts/monitoring/format';
import type { CollectedFile } from '../files/collected-file.ts';
import type { StreamSelection } from '../files/stream-selection.ts';
import { blockReader } from '../rows/cell-readers.ts';
import type { CellValue } from '../rows/cell-types.ts';
import { declaredType } from '../rows/row-builder.ts';
import type { ConversionFile, ConvertOptions } from './convert-options.ts';
import type { CellReading, ConvertRow } from './convert-rows.ts';
import type { ConvertTarget } from './convert-target.ts';
import { DOCUMENTED } from './documented-layout.ts';
import type { ItemCursor } from './item-cursor.ts';
import { JSON_LINES } from './json-lines-layout.ts';
import type { ColumnAccounts, Loss } from './row-account.ts';

/** What is needed to write files. */
export interface ConvertWriting {
  readonly target: ConvertTarget;
  /** Names of the new stream. */
  readonly stream: StreamIdentity;
  /** Version of the model that rows are given; `undefined` when each has that of its file. */
  readonly modelVersion: string | undefined;
  readonly abortSignal: AbortSignal | undefined;
}

/** A layout that rows can be written in. */
export interface ConvertLayout {
  /** The folder of a stream, seen from the store, with a slash at the end. */
  folder(stream: StreamIdentity): string;
  /** How the new files are found. */
  selection(stream: StreamIdentity): StreamSelection;
  /** What is written for a cell. */
  text(value: CellValue, written: string): string;
  /** What a reader does not learn from it. */
  loss(value: CellValue, text: string): Loss;
  /** How cells are read back: as they were written. */
  readonly stored: CellReading;
  /** Writes all rows, and gives each file when it is there. */
  write(rows: ItemCursor<ConvertRow>, writing: ConvertWriting): AsyncGenerator<ConversionFile, void, undefined>;
}

/** The layouts that can be written. */
export const CONVERT_LAYOUTS: Readonly<Record<ConvertOptions['to'], ConvertLayout>> = {
  documented: DOCUMENTED,
  'json-lines': JSON_LINES,
};

/** Reads cells as what is written for them; what they hold is put to account. */
export function writtenCells(
  layout: ConvertLayout,
  types: ConvertOptions['types'],
  accounts: ColumnAccounts,
): CellReading {
  return {
    types,
    cellText: (name, { dialect }) => {
      const read = blockReader(types === 'strings' ? 'string' : declaredType(types, name), dialect);
      const account = accounts.of(name);
      return (block, cell) => {
        const value = read(block, cell);
        if (value === undefined) {
          return undefined;
        }
        const text = layout.text(value, typeof value === 'number' ? block.ownText(cell) : '');
        account.see(value, layout.loss(value, text));
        return text;
      };
    },
  };
}

/** Listed files in the order in which they were written. */
export function inOrder(found: readonly CollectedFile[], paths: readonly string[]): CollectedFile[] {
  const places = new Map(paths.map((path, place) => [path, place]));
  const placeOf = ({ path }: CollectedFile) => places.get(path) ?? paths.length;
  return [...found].sort((a, b) => placeOf(a) - placeOf(b));
}
