import { AzuremlError } from '@azureml-ts/common';
import { type RecordPlace, shortened } from './bad-record.ts';
import type { ColumnType } from './column-batch.ts';

/** A cell does not fit the type that its column was inferred to have. */
export interface TypeChange extends RecordPlace {
  readonly column: string;
  /** The type so far. */
  readonly from: ColumnType;
  /** The type that holds both. */
  readonly to: ColumnType;
  /** Text of the cell. */
  readonly text: string;
}

/** Raised for a {@link TypeChange}. */
export class TypeChangeError extends AzuremlError {
  /** The facts. */
  readonly change: TypeChange;

  /** @param change The facts. */
  constructor(change: TypeChange) {
    const { path, record, byteOffset, column, from, to, text } = change;
    super(
      'COLUMN_TYPE_CHANGED',
      `The column "${column}" was inferred to be ${from}, but in record ${record} of ${path} (at byte ${byteOffset}) it is ${shortened(text)}. Declare types: { ${JSON.stringify(column)}: '${to}' }, or pass onTypeChange: 'widen'.`,
      { details: { path, record, byteOffset: byteOffset ?? 0, column, from, to } },
    );
    this.name = 'AzuremlError';
    this.change = change;
  }
}
