import { ValidationError } from '@azureml-ts/common';
import type { JsonObject } from '../azure/json-object.ts';
import { DeploymentConfigurationError, type DeploymentFault } from '../errors.ts';
import { unsupportedSetting } from '../webservice/setting-kinds.ts';
import { objectOf } from './attributes.ts';
import { shown } from './configuration/rules.ts';
import { modelFaults } from './no-code-model.ts';
import { nothingToUpdate } from './patch-service.ts';

/** What is checked, and against what. */
export interface SettingsCheck<Settings extends object> {
  /** Names the work, for messages. */
  readonly what: string;
  /** Name of the class. */
  readonly kind: string;
  /** Names of the settings that there are. */
  readonly names: readonly string[];
  /** Everything that is wrong with the settings. */
  readonly faults: (settings: Settings) => readonly DeploymentFault[];
}

/**
 * Checks settings as a caller gave them.
 *
 * @returns A copy, which the caller cannot change any more, with what was asked only.
 * @throws {@link ValidationError} `VALIDATION` when they are no object; `UNSUPPORTED_SETTING`; `NOTHING_TO_UPDATE`;
 *   {@link DeploymentConfigurationError} `DEPLOYMENT_CONFIGURATION_INVALID`, listing every fault.
 */
export function checkedSettings<Settings extends object>(settings: Settings, check: SettingsCheck<Settings>): Settings {
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    throw new ValidationError({
      path: 'settings',
      expected: 'an object of settings, such as { enableAppInsights: true }',
      received: settings,
    });
  }
  const asked = Object.entries(settings).filter(([, value]) => value !== undefined);
  const unknown = asked.flatMap(([name]) => (check.names.includes(name) ? [] : [name]));
  if (unknown.length > 0) {
    throw unsupportedSetting(check.kind, unknown, check.names);
  }
  if (asked.length === 0) {
    throw nothingToUpdate(check.what);
  }
  const copy = Object.fromEntries(asked) as Settings;
  const faults = check.faults(copy);
  if (faults.length > 0) {
    throw new DeploymentConfigurationError(check.what, faults);
  }
  return structuredClone(copy);
}

/**
 * What is wrong with changing what a service is made from.
 *
 * @param settings The settings as the caller gave them.
 * @param resource The service as it was read.
 */
export function sourceFaults(
  settings: { readonly models?: unknown; readonly imageId?: unknown },
  resource: JsonObject,
): DeploymentFault[] {
  const { models, imageId } = settings;
  const faults = modelFaults(models);
  if (imageId === undefined) {
    return models !== undefined && objectOf(resource, 'imageDetails') !== undefined
      ? [...faults, { path: 'models', message: 'does not go with a service that was made from an image; give imageId' }]
      : faults;
  }
  if (typeof imageId !== 'string' || imageId === '') {
    faults.push({ path: 'imageId', message: `must be the id of an image, but is ${shown(imageId)}` });
  }
  if (models !== undefined) {
    faults.push({ path: 'imageId', message: 'does not go with models; give one of the two' });
  } else if (isFromEnvironment(resource)) {
    faults.push({
      path: 'imageId',
      message: 'does not go with a service that was made from an environment; make a new service from the image',
    });
  }
  return faults;
}

function isFromEnvironment(resource: JsonObject): boolean {
  return objectOf(resource, 'environmentImageRequest', 'environment') !== undefined;
}
