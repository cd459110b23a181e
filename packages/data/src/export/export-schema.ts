import type { CollectedFile } from '../files/collected-file.ts';
import type { ColumnType } from '../rows/column-batch.ts';
import { isCallColumn } from '../rows/correlation-columns.ts';
import { commonType } from '../rows/infer-column.ts';
import { SeenTypes } from '../rows/infer-file.ts';
import { readHeads } from '../rows/read-heads.ts';
import { wantedColumns } from '../rows/row-builder.ts';
import type { FileStore } from '../store/file-store.ts';
import type { ColumnSchema } from './column-schema.ts';
import type { ExportOptions, ExportSettings } from './export-options.ts';

const SCORING_TIME = '$aml_dc_scoring_timestamp';

/** The columns of an export: those of its features that were inferred may become wider. */
export class ExportSchema {
  /** Types of the features, declared or not. */
  readonly features: Map<string, ColumnType>;
  readonly #callColumns: readonly string[];
  readonly #settings: ExportSettings;

  private constructor(features: Map<string, ColumnType>, callColumns: readonly string[], settings: ExportSettings) {
    this.features = features;
    this.#callColumns = callColumns;
    this.#settings = settings;
  }

  /**
   * Finds the columns by the beginning of each file: one request for each.
   *
   * @param known Columns of an earlier run: they stay, and their types only become wider.
   */
  static async find(
    store: FileStore,
    files: readonly CollectedFile[],
    options: ExportOptions,
    settings: ExportSettings,
    known: readonly ColumnSchema[],
  ): Promise<ExportSchema> {
    const seen = new SeenTypes();
    const heads = await readHeads(store, files, options, (block, record, columns) => seen.see(block, record, columns));
    const names = [...known.map(({ name }) => name), ...heads.flatMap(({ columns }) => columns.names)];
    const before = new Map(known.map(({ name, type }) => [name, type]));
    const features = new Map<string, ColumnType>();
    for (const name of options.columns ?? names) {
      if (!isCallColumn(name)) {
        features.set(
          name,
          declaredOf(settings, name) ?? commonType(before.get(name), seen.seenTypeOf(name)) ?? 'string',
        );
      }
    }
    return new ExportSchema(features, wantedColumns(names, []), settings);
  }

  /** All columns, in their order. */
  get columns(): ColumnSchema[] {
    return [
      ...[...this.features].map(([name, type]) => ({ name, type })),
      ...this.#callColumns.map((name) => ({ name, type: this.#callType(name) })),
    ];
  }

  /** What reading is told to be declared. */
  get declared(): Readonly<Record<string, ColumnType>> | 'strings' {
    const { types } = this.#settings;
    return types === 'strings' ? 'strings' : { ...types, [SCORING_TIME]: 'timestamp' };
  }

  /** Makes a feature wider. */
  widen(name: string, type: ColumnType): void {
    this.features.set(name, type);
  }

  #callType(name: string): ColumnType {
    return name === SCORING_TIME && this.#settings.types !== 'strings' ? 'timestamp' : 'string';
  }
}

function declaredOf({ types }: ExportSettings, name: string): ColumnType | undefined {
  return types === 'strings' ? 'string' : Object.hasOwn(types, name) ? types[name] : undefined;
}

/** Tells whether two files with these columns can be read as one table. */
export function isSameSchema(a: readonly ColumnSchema[], b: readonly ColumnSchema[]): boolean {
  return a.length === b.length && a.every(({ name, type }, at) => b[at]?.name === name && b[at]?.type === type);
}
