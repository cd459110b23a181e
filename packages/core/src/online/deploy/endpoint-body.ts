import type { JsonObject } from '../../azure/json-object.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import type { OnlineDeploymentOptions } from '../deployment-configuration.ts';

/**
 * The body that makes an endpoint.
 *
 * Source: `OnlineEndpoint`, 2024-04-01.
 *
 * @param workspace Whose endpoint.
 * @param location Region of the workspace.
 * @param settings What the configuration says of the endpoint.
 */
export function endpointBody(workspace: Workspace, location: string, settings: OnlineDeploymentOptions): JsonObject {
  const { computeTargetName, primaryKey, secondaryKey, description, properties } = settings;
  return {
    location,
    kind: computeTargetName === undefined ? 'Managed' : 'Kubernetes',
    tags: { ...settings.tags },
    identity: { type: 'SystemAssigned' },
    properties: {
      authMode: settings.authMode ?? 'Key',
      publicNetworkAccess: settings.enablePublicNetworkAccess === false ? 'Disabled' : 'Enabled',
      ...(description === undefined ? {} : { description }),
      ...(properties === undefined ? {} : { properties: { ...properties } }),
      ...(computeTargetName === undefined ? {} : { compute: computeId(workspace, computeTargetName) }),
      ...(primaryKey === undefined
        ? {}
        : { keys: { primaryKey, ...(secondaryKey === undefined ? {} : { secondaryKey }) } }),
    },
  };
}

/** Id of an attached cluster. */
export function computeId(workspace: Workspace, computeTargetName: string): string {
  return computeTargetName.startsWith('/') ? computeTargetName : `${workspace.id}/computes/${computeTargetName}`;
}
