import { ValidationError } from '@azureml-ts/common';
import { checkValueSchema, checkValueSchemas } from './check-schema.ts';
import type { ValueSchema, ValueSchemas, ValuesOf } from './value-schema.ts';

const BRAND = Symbol.for('@azureml-ts/inference-server/schema/1');

/** What a scoring script takes and gives; see {@link defineSchema}. */
export interface SchemaDefinition {
  /** The values of a request by name: a request is a JSON object with them. */
  readonly inputs: ValueSchemas;
  /** What `run()` returns. For the API description and for `collectorFeatures` only: answers are not checked. */
  readonly outputs?: ValueSchema;
}

/** A checked schema, made by {@link defineSchema}. */
export type ScoringSchema<D extends SchemaDefinition = SchemaDefinition> = D & {
  /** @internal */
  readonly [BRAND]: true;
};

/** The values that `run()` gets under a schema, by name. */
export type InputsOf<S extends SchemaDefinition> = ValuesOf<S['inputs']>;

/**
 * Declares what a scoring script takes and gives, once: requests are checked by it, `/swagger.json` describes it, and
 * `collectorFeatures` makes the columns of a `ModelDataCollector` of it.
 *
 * Export it from the scoring script as `schema`; `run()` then gets the inputs as one object instead of the raw text. A
 * request that does not fit is answered with 400 and the place that is wrong; what is no JSON by its content type with 415.
 * Names that the schema does not know are left out.
 *
 * Source: `@input_schema` and `@output_schema` of the Python package inference-schema.
 *
 * @param definition Inputs by name, and the output.
 * @throws ValidationError `VALIDATION` with the path of the first fault.
 * @example
 * ```ts
 * import { defineSchema, type InputsOf } from '@azureml-ts/inference-server';
 *
 * export const schema = defineSchema({
 *   inputs: {
 *     data: { type: 'array', items: { type: 'array', items: { type: 'number' }, columns: ['age', 'bmi'] }, sample: [[63, 23.5]] },
 *     method: { type: 'string', enum: ['predict', 'explain'], default: 'predict' },
 *   },
 *   outputs: { type: 'array', items: { type: 'number' } },
 * });
 *
 * export function run({ data, method }: InputsOf<typeof schema>): number[] {
 *   return method === 'predict' ? data.map(([age = 0, bmi = 0]) => age * bmi) : [];
 * }
 * console.log(run({ data: [[2, 3]], method: 'predict' })); // [ 6 ]
 * ```
 */
export function defineSchema<const D extends SchemaDefinition>(definition: D): ScoringSchema<D> {
  if (typeof definition !== 'object' || definition === null) {
    throw new ValidationError({ path: 'schema', expected: 'an object with inputs', received: definition });
  }
  for (const name of Object.keys(definition)) {
    if (name !== 'inputs' && name !== 'outputs') {
      throw new ValidationError({
        path: `schema.${name}`,
        expected: 'left out',
        message: `schema.${name} is unknown. A schema has inputs and, if wanted, outputs.`,
      });
    }
  }
  const { inputs, outputs } = definition;
  checkValueSchemas(inputs, 'inputs');
  if (Object.keys(inputs).length === 0) {
    throw new ValidationError({ path: 'inputs', expected: 'an object with at least one input' });
  }
  if (outputs !== undefined) {
    checkValueSchema(outputs, 'outputs');
  }
  return Object.freeze(Object.defineProperty({ ...definition }, BRAND, { value: true })) as ScoringSchema<D>;
}

/** Whether a value was made by {@link defineSchema}, of any copy of this package. */
export function isScoringSchema(value: unknown): value is ScoringSchema {
  return typeof value === 'object' && value !== null && BRAND in value;
}
