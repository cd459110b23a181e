import { statSync } from 'node:fs';
import type { DeploymentFault } from '../../errors.ts';
import type { AciDeploymentOptions, AciSettings } from './aci-settings.ts';
import {
  isBoolean,
  isFilePath,
  isGiven,
  isPositive,
  isSecret,
  isText,
  isTextMap,
  type SettingRules,
  valueFaults,
} from './rules.ts';

/** What settings an update and a deployment of an ACI service have, and what each must be. */
export const ACI_RULES = {
  tags: isTextMap,
  properties: isTextMap,
  description: isText,
  authEnabled: isBoolean,
  sslEnabled: isBoolean,
  sslCertPemFile: isFilePath,
  sslKeyPemFile: isFilePath,
  sslCname: isText,
  enableAppInsights: isBoolean,
} as const satisfies Record<keyof AciSettings, (value: unknown) => string | undefined>;

const ACI_DEPLOYMENT_RULES: SettingRules = {
  cpuCores: isPositive,
  memoryGb: isPositive,
  ...ACI_RULES,
  location: isText,
  dnsNameLabel: isText,
  primaryKey: isSecret,
  secondaryKey: isSecret,
  collectModelData: isBoolean,
  cmkVaultBaseUrl: isText,
  cmkKeyName: isText,
  cmkKeyVersion: isText,
  vnetName: isText,
  subnetName: isText,
} satisfies Record<keyof AciDeploymentOptions, unknown>;

const SSL_FILES = ['sslCertPemFile', 'sslKeyPemFile'] as const satisfies readonly (keyof AciSettings)[];
const ENCRYPTION = ['cmkVaultBaseUrl', 'cmkKeyName', 'cmkKeyVersion'] as const;
const NETWORK = ['vnetName', 'subnetName'] as const;

/**
 * Checks the settings of an ACI service that is to be made.
 *
 * Source: `AciServiceDeploymentConfiguration.validate_configuration` of azureml-core, which stops at the first fault.
 *
 * @param settings The settings as the caller gave them; values may be anything. `null` counts as left out.
 * @param path What the faults' paths start with, for example `deploymentConfig.`.
 * @returns Everything that is wrong.
 */
export function aciFaults(settings: AciDeploymentOptions, path = ''): DeploymentFault[] {
  const faults = valueFaults(settings, ACI_DEPLOYMENT_RULES, path, 'AciWebservice');
  if (settings.sslEnabled === true) {
    for (const name of [...SSL_FILES, 'sslCname'] as const) {
      if (!isFilled(settings[name])) {
        faults.push({ path: `${path}${name}`, message: 'is needed with sslEnabled: true' });
      }
    }
    faults.push(...fileFaults(settings, path));
  }
  faults.push(...togetherFaults(settings, ENCRYPTION, path), ...togetherFaults(settings, NETWORK, path));
  if (isGiven(settings.secondaryKey) && !isGiven(settings.primaryKey)) {
    faults.push({ path: `${path}secondaryKey`, message: 'needs primaryKey beside it; alone it would be ignored' });
  }
  return faults;
}

/** PEM files that are not there. */
export function fileFaults(settings: AciSettings, path: string): DeploymentFault[] {
  return SSL_FILES.flatMap((name) => {
    const file = settings[name];
    return isFilled(file) && isFilePath(file) === undefined && !isFile(String(file))
      ? [{ path: `${path}${name}`, message: `names a file that does not exist or cannot be read: ${file}` }]
      : [];
  });
}

function togetherFaults(
  settings: AciDeploymentOptions,
  names: readonly (keyof AciDeploymentOptions)[],
  path: string,
): DeploymentFault[] {
  const missing = names.filter((name) => !isFilled(settings[name]));
  return missing.length === names.length
    ? []
    : missing.map((name) => ({
        path: `${path}${name}`,
        message: `is needed, because ${names.join(', ')} go together: give all or none`,
      }));
}

function isFilled(value: unknown): boolean {
  return isGiven(value) && value !== '';
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
