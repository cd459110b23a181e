import { readFileSync } from 'node:fs';
import { errorMessage } from '@azureml-ts/common';
import { CollectorError } from '../collector-error.ts';

/** What stands in the configuration file of collection. */
export interface ConfigFile {
  /** `cloud`, or `local`: then records are printed. */
  readonly runMode: string;
  /** Its collections by name, as written. */
  readonly collections: readonly (readonly [name: string, { readonly enabled: unknown; readonly sampling: unknown }])[];
}

/**
 * Reads the configuration file that the platform mounts into a deployment.
 *
 * @returns An error, not thrown, when it cannot be read or holds something else.
 */
export function readConfigFile(path: string): ConfigFile | CollectorError {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return new CollectorError(
      'CONFIG_FILE_MISSING',
      `The file ${path}, which AZUREML_MDC_CONFIG_PATH names, cannot be read: ${errorMessage(error)}. Nothing is collected.`,
      error,
    );
  }
  try {
    return parse(JSON.parse(text.replace(/^\ufeff/, '')));
  } catch (error) {
    return new CollectorError(
      'CONFIG_FILE_INVALID',
      `The file ${path}, which AZUREML_MDC_CONFIG_PATH names, is no configuration of collection: ${errorMessage(error)}. It should look like {"runMode": "cloud", "collections": {"model_inputs": {"enabled": true}}}. Nothing is collected.`,
      error,
    );
  }
}

function parse(content: unknown): ConfigFile {
  const { runMode, collections } = object(content, 'it');
  return {
    runMode: typeof runMode === 'string' ? runMode : 'cloud',
    collections: Object.entries(object(collections ?? {}, 'collections')).map(([name, value]) => {
      const { enabled, sampleRatePercentage, sampling_percentage: alias } = object(value ?? {}, `collections.${name}`);
      return [name, { enabled, sampling: sampleRatePercentage ?? alias }] as const;
    }),
  };
}

function object(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${what} is not an object`);
  }
  return value as Readonly<Record<string, unknown>>;
}
