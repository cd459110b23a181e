import { aksEndpointFaults, aksFaults } from './aks-faults.ts';
import type { AksDeploymentOptions, AksEndpointDeploymentOptions } from './aks-settings.ts';
import { configurationBase } from './deployment-configuration.ts';

const SECRETS = ['primaryKey', 'secondaryKey'];

/**
 * How a classic service on AKS is made. Made by `AksWebservice.deployConfiguration()`; its fields are those that were
 * given, what was left out is decided by the service. Keys are masked when it is printed or turned into JSON.
 *
 * Source: `AksServiceDeploymentConfiguration` of azureml-core.
 *
 * @example
 * ```ts
 * import { AksWebservice } from '@azureml-ts/core';
 *
 * const config = AksWebservice.deployConfiguration({ collectModelData: true, enableAppInsights: true });
 * console.log(config.collectModelData, config.authEnabled); // true undefined
 * ```
 */
export class AksDeploymentConfiguration extends configurationBase<AksDeploymentOptions>() {
  /** Name of the class of service that it makes. */
  override readonly kind = 'AksWebservice';

  /**
   * @param options The settings; `null` counts as left out.
   * @throws {@link DeploymentConfigurationError} `DEPLOYMENT_CONFIGURATION_INVALID`, listing every fault.
   */
  constructor(options: AksDeploymentOptions = {}) {
    super({
      what: 'The deployment configuration of an AksWebservice',
      options,
      check: aksFaults,
      secrets: SECRETS,
    });
  }
}

/**
 * How a classic AKS endpoint and its first version are made. Made by `AksEndpoint.deployConfiguration()`; otherwise as
 * {@link AksDeploymentConfiguration}.
 *
 * Source: `AksEndpointDeploymentConfiguration` of azureml-core.
 *
 * @example
 * ```ts
 * import { AksEndpoint } from '@azureml-ts/core';
 *
 * const config = AksEndpoint.deployConfiguration({ versionName: 'blue', trafficPercentile: 20 });
 * console.log(config.trafficPercentile); // 20
 * ```
 */
export class AksEndpointDeploymentConfiguration extends configurationBase<AksEndpointDeploymentOptions>() {
  /** Name of the class of service that it makes. */
  override readonly kind = 'AksEndpoint';

  /**
   * @param options The settings; `null` counts as left out.
   * @throws {@link DeploymentConfigurationError} `DEPLOYMENT_CONFIGURATION_INVALID`, listing every fault.
   */
  constructor(options: AksEndpointDeploymentOptions = {}) {
    super({
      what: 'The deployment configuration of an AksEndpoint',
      options,
      check: aksEndpointFaults,
      secrets: SECRETS,
    });
  }
}
