import type { WebserviceState } from '../webservice/state.ts';

/** Where an endpoint or a deployment stands, in the words of the service. */
export type ProvisioningState =
  | 'Creating'
  | 'Updating'
  | 'Scaling'
  | 'Deleting'
  | 'Succeeded'
  | 'Failed'
  | 'Canceled'
  | (string & Record<never, never>);

const STATES: Readonly<Record<string, WebserviceState>> = {
  Creating: 'Transitioning',
  Updating: 'Transitioning',
  Scaling: 'Transitioning',
  Deleting: 'Deleting',
  Succeeded: 'Healthy',
  Failed: 'Failed',
  Canceled: 'Failed',
};

/** The state that a provisioning state stands for; a word that is not known is passed on as it is. */
export function stateOf(provisioningState: ProvisioningState | undefined): WebserviceState {
  return provisioningState === undefined ? 'Transitioning' : (STATES[provisioningState] ?? provisioningState);
}

/** Whether a provisioning state is that of a work that goes on. */
export function isMoving(provisioningState: ProvisioningState | undefined): boolean {
  return ['Transitioning', 'Deleting'].includes(stateOf(provisioningState));
}

/**
 * State of an endpoint together with its deployments.
 *
 * That of the endpoint itself unless it is healthy. Then `Transitioning` while one of its deployments changes, `Failed`
 * when all of them failed, and `Unhealthy` when some of them did: a deployment that failed may still answer with what it
 * ran before, but not with what was asked for.
 *
 * @param endpoint Provisioning state of the endpoint.
 * @param deployments Those of its deployments.
 */
export function stateWith(
  endpoint: ProvisioningState | undefined,
  deployments: readonly (ProvisioningState | undefined)[],
): WebserviceState {
  const own = stateOf(endpoint);
  if (own !== 'Healthy' || deployments.length === 0) {
    return own;
  }
  if (deployments.some(isMoving)) {
    return 'Transitioning';
  }
  const failed = deployments.filter((state) => stateOf(state) === 'Failed');
  return failed.length === 0 ? 'Healthy' : failed.length === deployments.length ? 'Failed' : 'Unhealthy';
}
