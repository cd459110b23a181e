import { ValidationError } from '@azureml-ts/common';
import { stepText } from './value-path.ts';
import type { ValueSchema } from './value-schema.ts';

/** A column of a `ModelDataCollector` of `@azureml-ts/monitoring`. */
export interface CollectorFeature {
  /** Name of the column. */
  readonly name: string;
  /** Type of its values. */
  readonly type: 'float64' | 'int64' | 'boolean' | 'string' | 'timestamp' | 'enum';
  /** What an `enum` may be. */
  readonly values?: readonly string[];
}

/**
 * Makes the columns of a `ModelDataCollector` of a declared input or output, so that names and types stand in one place.
 *
 * Rows are an array of arrays with `columns`, an array of objects with `properties`, one such row, or an array of single
 * values (one column, called `name`). `number` becomes `float64`, `integer` `int64`, a string with `enum` `enum`,
 * `date-time` `timestamp`.
 *
 * @param schema Schema of the rows, for example `schema.inputs.data`.
 * @param options `name`: the column of rows that are single values. Default `value`.
 * @throws ValidationError `VALIDATION` when the schema is not one of rows.
 * @example
 * ```ts
 * import { collectorFeatures, defineSchema } from '@azureml-ts/inference-server';
 *
 * const schema = defineSchema({
 *   inputs: { data: { type: 'array', items: { type: 'array', items: { type: 'number' }, columns: ['age', 'bmi'] } } },
 *   outputs: { type: 'array', items: { type: 'number' } },
 * });
 * console.log(collectorFeatures(schema.inputs.data)); // [ { name: 'age', type: 'float64' }, { name: 'bmi', type: 'float64' } ]
 * console.log(collectorFeatures(schema.outputs, { name: 'score' })); // [ { name: 'score', type: 'float64' } ]
 * ```
 */
export function collectorFeatures(
  schema: ValueSchema,
  options: { readonly name?: string | undefined } = {},
): CollectorFeature[] {
  const name = options.name ?? 'value';
  if (schema.type === 'array' && schema.columns === undefined) {
    return rowFeatures(schema.items, name, 'items');
  }
  return rowFeatures(schema, name, 'schema');
}

function rowFeatures(row: ValueSchema, name: string, path: string): CollectorFeature[] {
  if (row.type === 'array' && row.columns !== undefined) {
    return row.columns.map((column) => feature(column, row.items, `${path}.items`));
  }
  if (row.type === 'object' && row.properties !== undefined) {
    return Object.entries(row.properties).map(([column, value]) =>
      feature(column, value, `${path}.properties${stepText(column)}`),
    );
  }
  if (row.type === 'array') {
    throw new ValidationError({
      path: `${path}.columns`,
      expected: 'the names of the items',
      message: `${path} has no columns: say what the items of a row are called, for example columns: ['age', 'bmi'].`,
    });
  }
  return [feature(name, row, path)];
}

function feature(name: string, schema: ValueSchema, path: string): CollectorFeature {
  switch (schema.type) {
    case 'number':
      return { name, type: 'float64' };
    case 'integer':
      return { name, type: 'int64' };
    case 'boolean':
      return { name, type: 'boolean' };
    case 'date-time':
      return { name, type: 'timestamp' };
    case 'string':
      return schema.enum === undefined ? { name, type: 'string' } : { name, type: 'enum', values: schema.enum };
    default:
      throw new ValidationError({
        path,
        expected: 'a number, integer, string, boolean or date-time',
        message: `${path} is of the type ${schema.type}, which is no column of collected rows.`,
      });
  }
}
