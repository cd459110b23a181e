import { aciFaults } from './aci-faults.ts';
import type { AciDeploymentOptions } from './aci-settings.ts';
import { configurationBase } from './deployment-configuration.ts';

/**
 * How a classic service on ACI is made. Made by `AciWebservice.deployConfiguration()`; its fields are those that were
 * given, what was left out is decided by the service. Keys and PEM files are masked when it is printed or turned into
 * JSON.
 *
 * Source: `AciServiceDeploymentConfiguration` of azureml-core.
 *
 * @example
 * ```ts
 * import { AciWebservice } from '@azureml-ts/core';
 *
 * const config = AciWebservice.deployConfiguration({ cpuCores: 0.5, memoryGb: 1, primaryKey: 'first-key' });
 * console.log(JSON.stringify(config)); // {"kind":"AciWebservice","cpuCores":0.5,"memoryGb":1,"primaryKey":"[redacted]"}
 * ```
 */
export class AciDeploymentConfiguration extends configurationBase<AciDeploymentOptions>() {
  /** Name of the class of service that it makes. */
  override readonly kind = 'AciWebservice';

  /**
   * @param options The settings; `null` counts as left out.
   * @throws {@link DeploymentConfigurationError} `DEPLOYMENT_CONFIGURATION_INVALID`, listing every fault.
   */
  constructor(options: AciDeploymentOptions = {}) {
    super({
      what: 'The deployment configuration of an AciWebservice',
      options,
      check: aciFaults,
      secrets: ['primaryKey', 'secondaryKey', 'sslCertPemFile', 'sslKeyPemFile'],
    });
  }
}
