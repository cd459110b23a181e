import type { DeploymentFault } from '../errors.ts';
import { RESERVED_VARIABLES } from './environment.ts';
import { storageFault } from './storage-fault.ts';

/** Settings of a local service that can be changed while it runs. `null` takes a setting back to its default. */
export interface LocalWebserviceSettings {
  /** Switches the collection of feature rows on (`AML_MODEL_DC_STORAGE_ENABLED`). Default `false`. */
  readonly collectModelData?: boolean | null | undefined;
  /** Switches traces to Application Insights on (`AML_APP_INSIGHTS_ENABLED`); needs a destination. Default `false`. */
  readonly enableAppInsights?: boolean | null | undefined;
  /**
   * Where collected rows go: a storage connection string, the URL of a storage account, or a `file:` URL of a folder.
   * Default: the folder `modeldata` of the service.
   */
  readonly storage?: string | null | undefined;
  /** Connection string of Application Insights. Default: the caller's `APPLICATIONINSIGHTS_CONNECTION_STRING`, else its `AML_APP_INSIGHTS_KEY`. */
  readonly appInsightsConnectionString?: string | null | undefined;
  /** Environment variables for the script, all of them: an update replaces the ones of before. */
  readonly environmentVariables?: Readonly<Record<string, string>> | null | undefined;
}

/** Settings with nothing left open; `undefined` where a default is found at the start of the process. */
export interface ResolvedSettings {
  readonly collectModelData: boolean;
  readonly enableAppInsights: boolean;
  readonly storage: string | undefined;
  readonly appInsightsConnectionString: string | undefined;
  readonly environmentVariables: Readonly<Record<string, string>>;
}

/** What a service has before anything is set. */
export const DEFAULT_SETTINGS: ResolvedSettings = {
  collectModelData: false,
  enableAppInsights: false,
  storage: undefined,
  appInsightsConnectionString: undefined,
  environmentVariables: {},
};

/** Names of the settings that an update can change. */
export const SETTING_NAMES = [
  'collectModelData',
  'enableAppInsights',
  'storage',
  'appInsightsConnectionString',
  'environmentVariables',
] as const satisfies readonly (keyof ResolvedSettings)[];

/**
 * Checks settings as the caller gave them; values may be anything.
 *
 * @param settings The settings.
 * @param path What the faults' paths start with, for example `deploymentConfig.`.
 * @returns Everything that is wrong.
 */
export function settingFaults(settings: LocalWebserviceSettings, path = ''): DeploymentFault[] {
  const faults: DeploymentFault[] = [];
  for (const name of ['collectModelData', 'enableAppInsights'] as const) {
    const value: unknown = settings[name] ?? undefined;
    if (value !== undefined && typeof value !== 'boolean') {
      faults.push({ path: `${path}${name}`, message: `must be true or false, but is ${typed(value)}` });
    }
  }
  const storage = settings.storage === null ? undefined : storageFault(settings.storage);
  if (storage !== undefined) {
    faults.push({ path: `${path}storage`, message: storage });
  }
  const insights: unknown = settings.appInsightsConnectionString ?? undefined;
  if (
    insights !== undefined &&
    (typeof insights !== 'string' || !/(^|;)\s*InstrumentationKey\s*=\s*[^;\s]/i.test(insights))
  ) {
    faults.push({
      path: `${path}appInsightsConnectionString`,
      message: 'must be a connection string of Application Insights (InstrumentationKey=...;IngestionEndpoint=...)',
    });
  }
  faults.push(...variableFaults(settings.environmentVariables, `${path}environmentVariables`));
  return faults;
}

/**
 * Checks environment variables for the script.
 *
 * @param variables The variables as the caller gave them.
 * @param path Path of the field.
 */
export function variableFaults(variables: unknown, path: string): DeploymentFault[] {
  if (variables === undefined || variables === null) {
    return [];
  }
  if (typeof variables !== 'object' || Array.isArray(variables)) {
    return [{ path, message: `must be an object of strings, but is ${typed(variables)}` }];
  }
  const faults: DeploymentFault[] = [];
  for (const [name, value] of Object.entries(variables)) {
    const reserved = RESERVED_VARIABLES[name];
    if (name === '' || /[=\0]/.test(name)) {
      faults.push({ path, message: `"${name}" cannot be the name of an environment variable` });
    } else if (reserved !== undefined) {
      faults.push({ path: `${path}.${name}`, message: `is set by the deployment itself; ${reserved}` });
    } else if (typeof value !== 'string' || value.includes('\0')) {
      faults.push({ path: `${path}.${name}`, message: `must be a string without NUL, but is ${typed(value)}` });
    }
  }
  return faults;
}

/** A value's type and, where it cannot be a secret, the value. */
function typed(value: unknown): string {
  return typeof value === 'number' || typeof value === 'boolean'
    ? `the ${typeof value} ${value}`
    : value === ''
      ? 'empty'
      : `of type ${typeof value}`;
}

/**
 * Applies changes to settings: `undefined` leaves a setting alone, `null` takes it back to its default.
 *
 * @param settings The settings of before.
 * @param changes Checked changes.
 */
export function applyChanges(settings: ResolvedSettings, changes: LocalWebserviceSettings): ResolvedSettings {
  const pick = <K extends keyof ResolvedSettings>(name: K): ResolvedSettings[K] => {
    const change = changes[name];
    return change === undefined
      ? settings[name]
      : change === null
        ? DEFAULT_SETTINGS[name]
        : (change as ResolvedSettings[K]);
  };
  return {
    collectModelData: pick('collectModelData'),
    enableAppInsights: pick('enableAppInsights'),
    storage: pick('storage'),
    appInsightsConnectionString: pick('appInsightsConnectionString'),
    environmentVariables: { ...pick('environmentVariables') },
  };
}
