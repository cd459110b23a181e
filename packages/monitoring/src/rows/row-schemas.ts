import { InvalidRows } from './invalid-rows.ts';
import { RowSchema } from './row-schema.ts';

/** The schemas of one collector: the one that its feature names give, or those that its rows turn out to have. */
export class RowSchemas {
  readonly #declared: RowSchema | undefined;
  readonly #found = new Map<string, RowSchema>();

  /** @param featureNames Names of the features, when the caller gave them. */
  constructor(featureNames: readonly string[] | undefined) {
    this.#declared = featureNames === undefined ? undefined : new RowSchema(featureNames);
  }

  /** Number of features, when it is fixed. */
  get width(): number | undefined {
    return this.#declared?.width;
  }

  /** Schema of rows given as arrays. */
  ofWidth(width: number): RowSchema {
    return this.#declared ?? this.#remember(`#${width}`, () => new RowSchema(width));
  }

  /**
   * Schema of rows given by name: without declared names, the keys of the first such row, in its order.
   *
   * @throws InvalidRows when there are no keys.
   */
  ofKeys(keys: readonly string[], rowCount: number): RowSchema {
    if (this.#declared !== undefined) {
      const names = this.#declared.names ?? [];
      const unknownName = keys.find((key) => !names.includes(key));
      if (unknownName !== undefined) {
        throw new InvalidRows(rowCount, `the feature "${unknownName}" is not one of ${names.join(', ')}`);
      }
      return this.#declared;
    }
    if (keys.length === 0) {
      throw new InvalidRows(rowCount, 'a record without keys is not a row');
    }
    return this.#remember(JSON.stringify([...keys].sort()), () => new RowSchema(keys));
  }

  #remember(key: string, create: () => RowSchema): RowSchema {
    let schema = this.#found.get(key);
    if (schema === undefined) {
      schema = create();
      this.#found.set(key, schema);
    }
    return schema;
  }
}
