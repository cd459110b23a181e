import { readFileSync } from 'node:fs';
import { errorMessage, ValidationError } from '@azureml-ts/common';
import { integerSetting } from '../http/settings.ts';
import { checkOptions, type StartServerOptions } from '../options.ts';
import { DEFAULT_WORKER_TIMEOUT_SECONDS, MAX_WORKERS } from '../workers/limits.ts';
import type { FlagValues } from './flags.ts';
import { usage } from './flags.ts';

/** What the command serves, and how. */
export interface ServeSettings {
  readonly options: StartServerOptions;
  /** Processes that share the port. */
  readonly workers: number;
  /** Longest standstill of a worker in milliseconds; 0 for no limit. */
  readonly workerTimeoutMs: number;
  readonly watchParent: boolean;
  /** What is odd, but keeps nothing from working. */
  readonly warnings: readonly string[];
}

/**
 * Puts the flags, the environment and the file of settings together, in this order of precedence. Variables that come from
 * a flag or from the file are set in the environment of this process, where the script and the workers find them.
 *
 * @throws ValidationError `VALIDATION`
 */
export function serveSettings(values: FlagValues): ServeSettings {
  Object.assign(process.env, values.environment);
  const warnings = takeConfigFile(values.configFile ?? (process.env['AZUREML_CONFIG_FILE'] || undefined));
  const entryScript = values.options.entryScript ?? (process.env['AZUREML_ENTRY_SCRIPT'] || undefined);
  if (entryScript === undefined) {
    throw usage('--entry-script', 'Give the scoring script: --entry-script FILE (or AZUREML_ENTRY_SCRIPT).');
  }
  const { workers, ...others } = values.options;
  const options = { ...others, entryScript };
  // Here rather than in each worker.
  checkOptions(options);
  return {
    options,
    workers: integerSetting(['--worker-count', workers], 'WORKER_COUNT', {
      unit: 'processes',
      min: 1,
      max: MAX_WORKERS,
      fallback: 1,
    }),
    workerTimeoutMs:
      1_000 *
      integerSetting(['--worker-timeout', values.workerTimeoutSeconds], 'WORKER_TIMEOUT', {
        unit: 'seconds',
        min: 0,
        max: 1_000_000,
        fallback: DEFAULT_WORKER_TIMEOUT_SECONDS,
      }),
    watchParent: values.watchParent ?? process.send !== undefined,
    warnings,
  };
}

/** Variables that settings may have; none that Node or the loader of programs obeys. */
const VARIABLE =
  /^(?:AML|APPLICATIONINSIGHTS|APP_INSIGHTS|AZUREML|AZURE_LOG|SCORING|SERVER|SERVICE|WORKER|WORKSPACE)_[A-Z0-9_]+$/;

/** Sets the variables of the file that the environment does not have. */
function takeConfigFile(file: string | undefined): string[] {
  if (file === undefined) {
    return [];
  }
  const warnings: string[] = [];
  for (const [name, value] of Object.entries(readSettings(file))) {
    const isPlain = ['string', 'number', 'boolean'].includes(typeof value);
    if (!VARIABLE.test(name)) {
      warnings.push(`The setting ${JSON.stringify(name)} of ${file} is passed over: it is no variable of a setting.`);
    } else if (!isPlain) {
      throw new ValidationError({
        path: name,
        expected: 'a text, a number, true or false',
        message: `The setting ${name} of ${file} must be a text, a number, true or false.`,
      });
    } else if ((process.env[name] ?? '') === '') {
      process.env[name] = String(value);
    }
  }
  return warnings;
}

function readSettings(file: string): object {
  let settings: unknown;
  try {
    settings = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw usage('--config-file', `The file of settings ${file} cannot be read: ${errorMessage(error)}`);
  }
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    throw usage('--config-file', `The file of settings ${file} must hold one JSON object: {"WORKER_COUNT": 2}.`);
  }
  return settings;
}
