import { ValidationError } from '@azureml-ts/common';
import { bindRun } from '../script/binding.ts';
import type { RequestHeaders } from '../script/scoring.ts';
import { type InputsOf, isScoringSchema, type SchemaDefinition, type ScoringSchema } from './define-schema.ts';

/** A scoring function that gets its inputs by name, made by {@link withSchema}. */
export interface SchemaFunction<D extends SchemaDefinition = SchemaDefinition, R = unknown> {
  /**
   * Scores.
   *
   * @param inputs The inputs by name.
   * @param requestHeaders Headers of the request.
   */
  (inputs: InputsOf<D>, requestHeaders: RequestHeaders): R;
  /** The shape of every scoring function; the server never calls it so. */
  (rawData: string, requestHeaders: RequestHeaders): R;
}

/**
 * Binds a scoring function to a schema: it gets its inputs by name, checked, instead of the raw text. For `run` of
 * `startServer`; a scoring script exports `schema` beside `run` instead.
 *
 * @param schema Made by `defineSchema`.
 * @param run Called with the inputs by name, and the headers.
 * @throws ValidationError `VALIDATION`
 * @example
 * ```ts
 * import { defineSchema, startServer, withSchema } from '@azureml-ts/inference-server';
 *
 * const schema = defineSchema({ inputs: { data: { type: 'array', items: { type: 'number' } } } });
 * const run = withSchema(schema, ({ data }) => data.reduce((sum, value) => sum + value, 0));
 *
 * const server = await startServer({ run, port: 0, host: '127.0.0.1' });
 * const response = await fetch(`${server.url}/score`, {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json' },
 *   body: '{"data": [1, "2"]}',
 * });
 * console.log(response.status, await response.json()); // 400 { message: 'data[1] must be a finite number, but is a string.' }
 * await server.close();
 * ```
 */
export function withSchema<D extends SchemaDefinition, R>(
  schema: ScoringSchema<D>,
  run: (inputs: InputsOf<D>, requestHeaders: RequestHeaders) => R,
): SchemaFunction<D, R> {
  if (!isScoringSchema(schema)) {
    throw new ValidationError({ path: 'schema', expected: 'made by defineSchema()', received: schema });
  }
  if (typeof run !== 'function') {
    throw new ValidationError({ path: 'run', expected: 'a function', received: run });
  }
  const bound = (inputs: InputsOf<D>, requestHeaders: RequestHeaders) => run(inputs, requestHeaders);
  return bindRun(bound, { kind: 'schema', schema }) as SchemaFunction<D, R>;
}
