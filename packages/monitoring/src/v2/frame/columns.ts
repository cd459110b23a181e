import { ValidationError } from '@azureml-ts/common';
import type { Cell } from '../../format/csv-encode.ts';
import { featureNamesFault } from '../../rows/feature-names.ts';
import type { FeatureType } from '../../rows/feature-types.ts';
import { checkFeatures, compileFeatures, type Feature } from '../../rows/features.ts';

/** Declared columns, ready for rows. */
export interface DeclaredColumns {
  /** Names of all columns of a row, in order. */
  readonly names: readonly string[];
  /** What is stored of them. */
  readonly stored: readonly StoredColumn[];
  /** Whether values are hashed with a key that only this process has. */
  readonly usesRandomKey: boolean;
}

/** One column of the records. */
export interface StoredColumn {
  /** Its name. */
  readonly name: string;
  /** Its place among the columns of a row. */
  readonly place: number;
  /** Makes what is stored of a value; `undefined` when it is stored as it comes. */
  readonly convert: ((value: unknown) => Cell) | undefined;
  /** Whether it holds floats. */
  readonly isFloat: boolean;
  /** Whether it holds days, which are stored as milliseconds at their midnight, UTC. */
  readonly isDay: boolean;
}

/**
 * Checks columns that the caller declared.
 *
 * @param columns Names, or names with types.
 * @param redactKey Key of hashed columns.
 * @throws ValidationError (`VALIDATION`) when they are neither, or two have one name.
 */
export function declareColumns(
  columns: readonly string[] | readonly Feature[],
  redactKey: string | Uint8Array | undefined,
): DeclaredColumns {
  if (!Array.isArray(columns) || columns.length === 0) {
    throw new ValidationError({
      path: 'columns',
      expected: 'an array of at least one name, or of { name, type }',
      received: columns,
    });
  }
  if (columns.every((column) => typeof column === 'string')) {
    const names = [...columns] as string[];
    const fault = featureNamesFault(names);
    if (fault !== undefined) {
      throw new ValidationError({ path: 'columns', expected: fault, received: columns });
    }
    const stored = names.map((name, place) => ({ name, place, convert: undefined, isFloat: false, isDay: false }));
    return { names, stored, usesRandomKey: false };
  }
  const features = checkFeatures(columns, 'columns');
  const { convert, storedColumns, inputNames, usesRandomKey } = compileFeatures(features, { redactKey });
  const stored = storedColumns.map((place): StoredColumn => {
    const { name, type, redact } = features[place] as Feature;
    const typeOf = (wanted: readonly FeatureType[]) => redact !== 'hash' && wanted.includes(type);
    return {
      name,
      place,
      convert: convert[place],
      isFloat: typeOf(['float64', 'float32']),
      isDay: typeOf(['date']),
    };
  });
  return { names: inputNames, stored, usesRandomKey };
}
