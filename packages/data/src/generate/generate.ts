import { ValidationError } from '@azureml-ts/common';
import { type CollectedDataOptions, resolveOptions } from '../options.ts';
import { databricksNotebook } from './databricks.ts';
import { duckdbSql } from './duckdb.ts';
import { GENERATE_KINDS, type GenerateKind, type GenerateOptions } from './generate-options.ts';
import { type GenerateSource, generateSource } from './generate-source.ts';
import { lifecyclePolicy } from './lifecycle.ts';
import { pandasScript } from './pandas.ts';
import { powerBiQuery } from './power-bi.ts';
import { pysparkScript } from './pyspark.ts';
import { storagePlace } from './storage-place.ts';

const GENERATORS: Readonly<Record<GenerateKind, (source: GenerateSource, options: GenerateOptions) => string>> = {
  pyspark: pysparkScript,
  databricks: databricksNotebook,
  'power-bi': powerBiQuery,
  duckdb: duckdbSql,
  pandas: pandasScript,
  lifecycle: lifecyclePolicy,
};

/** Which rows, and how their text is to be; see {@link generateFor}. */
export type GenerateForOptions = CollectedDataOptions & GenerateOptions;

/**
 * Writes a script, notebook, query or policy for the paths of a stream. Nothing is contacted, and no secret gets into the
 * text: of the storage it holds the name and address, of the names what they are.
 *
 * @param kind What to write, see {@link GenerateKind}.
 * @param options Which rows, as for {@link CollectedData.open}, and what to write of them.
 * @returns The text of the file.
 * @throws ValidationError (`VALIDATION`) naming the option: `modelVersion: 'newest'` cannot be known without looking; Spark
 *   cannot read names with a colon; a folder has no lifecycle rules. AzuremlError `STORAGE_NOT_CONFIGURED`.
 * @example
 * ```ts
 * import { generateFor } from '@azureml-ts/data';
 *
 * const sql = generateFor('duckdb', {
 *   storage: 'https://account.blob.core.windows.net',
 *   workspace: { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' },
 *   webserviceName: 'svc',
 *   modelName: 'best_model',
 *   modelVersion: 'all',
 *   designation: 'inputs',
 *   types: { zip: 'string' },
 * });
 * console.log(sql.includes("'azure://modeldata/sub/rg/ws/svc/best_model/*")); // true
 * ```
 */
export function generateFor(kind: GenerateKind, options: GenerateForOptions): string {
  checkKind(kind);
  const { storage, stream, range } = resolveOptions(options, process.env);
  return generateText(kind, generateSource(storagePlace(storage), stream, range, options), options);
}

/** Checks a kind that a program or a person gives. */
export function checkKind(kind: unknown): asserts kind is GenerateKind {
  if (!(GENERATE_KINDS as readonly unknown[]).includes(kind)) {
    throw new ValidationError({ path: 'kind', expected: `one of ${GENERATE_KINDS.join(', ')}`, received: kind });
  }
}

/** Writes the text for a checked source. */
export function generateText(kind: GenerateKind, source: GenerateSource, options: GenerateOptions): string {
  return GENERATORS[kind](source, options);
}
