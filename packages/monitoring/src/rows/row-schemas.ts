import { featureNamesFault } from './feature-names.ts';
import type { CompiledFeatures } from './features.ts';
import { InvalidRows } from './invalid-rows.ts';
import { RowCopier } from './row-copier.ts';
import { RowSchema } from './row-schema.ts';

/** Sets of columns that a collector without feature names takes: each has a file of its own. */
const MAX_SCHEMAS = 64;

/** A name from outside for a message: in quotes, escaped, at most 80 characters. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}...` : name);
}

/** Says that a feature is unknown, and which there are. */
export function unknownFeature(start: string, name: string, names: readonly string[]): string {
  const shown = names.slice(0, 20).map(quoted).join(', ');
  return `${start} ${quoted(name)}, which is not one of ${shown}${names.length > 20 ? `, ... (${names.length})` : ''}`;
}

/** Columns of a row given by name. */
export interface NamedColumns {
  /** What is stored. */
  readonly schema: RowSchema;
  /** The features that a row must have, in order; those that are not stored are among them. */
  readonly names: readonly string[];
}

/** The schemas of one collector: the one that its feature names give, or those that its rows turn out to have. */
export class RowSchemas {
  /** Copies rows of these schemas. */
  readonly copier: RowCopier;
  readonly #declared: NamedColumns | undefined;
  readonly #found = new Map<string, RowSchema>();

  /**
   * @param featureNames Names of the features, when the caller gave them.
   * @param features Their types and redactions, when the caller gave these.
   * @param copier Copies the rows; one for the features when left out.
   */
  constructor(
    featureNames: readonly string[] | undefined,
    features?: CompiledFeatures | undefined,
    copier: RowCopier = new RowCopier(features),
  ) {
    this.copier = copier;
    if (features !== undefined) {
      this.#declared = { schema: new RowSchema(features.storedNames, features.encoders), names: features.inputNames };
    } else if (featureNames !== undefined) {
      this.#declared = { schema: new RowSchema(featureNames), names: [...featureNames] };
    }
  }

  /** Number of features that a row must have, when it is fixed. */
  get width(): number | undefined {
    return this.#declared?.names.length;
  }

  /** Schema of rows given as arrays. */
  ofWidth(width: number): RowSchema {
    return this.#declared?.schema ?? this.#remember(`#${width}`, 1, () => new RowSchema(width));
  }

  /**
   * Columns of rows given by name: without declared names, the keys of the first such row, in its order.
   *
   * @throws InvalidRows when there are no keys.
   */
  ofKeys(keys: readonly string[], rowCount: number): NamedColumns {
    if (this.#declared !== undefined) {
      const { names } = this.#declared;
      const unknownName = keys.find((key) => !names.includes(key));
      if (unknownName !== undefined) {
        throw new InvalidRows(rowCount, unknownFeature('a row has the feature', unknownName, names));
      }
      return this.#declared;
    }
    if (keys.length === 0) {
      throw new InvalidRows(rowCount, 'a record without keys is not a row');
    }
    const fault = featureNamesFault(keys);
    if (fault !== undefined) {
      throw new InvalidRows(rowCount, `the keys of a record must be ${fault}`);
    }
    const schema = this.#remember(JSON.stringify([...keys].sort()), rowCount, () => new RowSchema(keys));
    return { schema, names: schema.names ?? [] };
  }

  #remember(key: string, rowCount: number, create: () => RowSchema): RowSchema {
    let schema = this.#found.get(key);
    if (schema === undefined) {
      if (this.#found.size >= MAX_SCHEMAS) {
        throw new InvalidRows(
          rowCount,
          `there are ${MAX_SCHEMAS} different sets of columns already; give the collector its featureNames`,
        );
      }
      schema = create();
      this.#found.set(key, schema);
    }
    return schema;
  }
}
