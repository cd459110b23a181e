import { ValidationError } from '@azureml-ts/common';
import { DeploymentConfigurationError } from '../errors.ts';
import { unsupportedSetting } from '../webservice/setting-kinds.ts';
import { type LocalWebserviceSettings, SETTING_NAMES, settingFaults } from './settings.ts';

/**
 * Checks what a caller wants to change; values may be anything.
 *
 * @param serviceName Name of the service, for messages.
 * @param changes The changes, as given.
 * @returns A copy, which the caller cannot change while the update waits for its turn.
 * @throws `UNSUPPORTED_SETTING`; {@link DeploymentConfigurationError}; {@link ValidationError}.
 */
export function checkChanges(serviceName: string, changes: LocalWebserviceSettings): LocalWebserviceSettings {
  if (typeof changes !== 'object' || changes === null) {
    throw new ValidationError({ path: 'changes', expected: 'an object of settings', received: changes });
  }
  const names: readonly string[] = SETTING_NAMES;
  const unknown = Object.entries(changes).flatMap(([key, value]) =>
    value === undefined || names.includes(key) ? [] : [key],
  );
  if (unknown.length > 0) {
    throw unsupportedSetting('LocalWebservice', unknown, SETTING_NAMES);
  }
  const faults = settingFaults(changes);
  if (faults.length > 0) {
    throw new DeploymentConfigurationError(`The update of "${serviceName}"`, faults);
  }
  const { environmentVariables } = changes;
  return {
    ...changes,
    environmentVariables: environmentVariables ? { ...environmentVariables } : environmentVariables,
  };
}
