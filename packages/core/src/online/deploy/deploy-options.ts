import type { ModelDeployOptions } from '../../model/model.ts';
import type { Traffic } from '../check-traffic.ts';
import type { OnlineDeploymentConfiguration } from '../deployment-configuration.ts';

/** Options of {@link Model.deploy} and {@link Model.planDeployment} for an online endpoint. */
export interface OnlineDeployOptions extends ModelDeployOptions {
  /** What `OnlineEndpoint.deployConfiguration()` returned. */
  readonly deploymentConfig: OnlineDeploymentConfiguration;
  /** Name of the deployment. Default: that of the configuration, else `default`. */
  readonly deploymentName?: string | undefined;
  /**
   * Shares of the traffic of all deployments, in percent, set once the deployment is healthy. Default: `trafficPercentile` of
   * the configuration, the shares of the others scaled to fit; without it all for the only deployment of an endpoint, and no
   * change for a further one.
   */
  readonly traffic?: Traffic | undefined;
  /**
   * Takes back what failed: a new deployment is deleted, a replaced one gets its former settings again. Its logs are read
   * before. Default `true`.
   */
  readonly rollback?: boolean | undefined;
}

/** What only this package's tests set. */
export interface DeployOnlineInternals {
  /** File of the server's command. Default: that of @azureml-ts/inference-server. */
  readonly serverCommand?: string | undefined;
}
