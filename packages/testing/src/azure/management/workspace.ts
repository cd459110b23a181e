import { isRecord } from '../../telemetry/json-record.ts';
import { type Answer, type AzureRequest, managementError } from '../answer.ts';
import { mergeOver, recordIn } from '../json.ts';
import type { AzureResource } from '../stand-in-types.ts';
import type { World } from '../world.ts';
import { versionOf } from './versions.ts';

/** Fields of the workspace that the version of 2021 does not know. */
const NOT_IN_2021 = ['mlFlowTrackingUri', 'publicNetworkAccess', 'storageHnsEnabled', 'v1LegacyMode'];
/** Fields of the workspace that came with the version of 2024. */
const SINCE_2024 = [
  'serverlessComputeSettings',
  'workspaceHubConfig',
  'featureStoreSettings',
  'hubResourceId',
  'associatedWorkspaces',
  'managedNetwork',
  'enableDataIsolation',
];

/** GET and PATCH of the workspace. @internal */
export function answerWorkspace(world: World, request: AzureRequest): Answer {
  if (request.method === 'PATCH') {
    const fault = isRecord(request.body)
      ? undefined
      : managementError(400, 'BadRequest', 'The body must be an object.');
    if (fault !== undefined) {
      return fault;
    }
    const { tags, identity, sku, properties } = request.body as AzureResource;
    for (const [name, value] of Object.entries({ tags, sku })) {
      if (value !== undefined) {
        world.workspace[name] = value;
      }
    }
    world.workspace = mergeOver(world.workspace, {
      ...(isRecord(identity) ? { identity } : {}),
      ...(isRecord(properties) ? { properties } : {}),
    });
  }
  return { status: 200, body: shown(world.workspace, versionOf(request) ?? '') };
}

function shown(workspace: AzureResource, version: string): AzureResource {
  const hidden = [...(version < '2022' ? NOT_IN_2021 : []), ...(version < '2024' ? SINCE_2024 : [])];
  const properties = Object.entries(recordIn(workspace, 'properties')).filter(([name]) => !hidden.includes(name));
  const { kind, ...rest } = workspace;
  return {
    ...rest,
    ...(kind === undefined || version < '2024' ? {} : { kind }),
    properties: Object.fromEntries(properties),
  };
}

/** POST listKeys of the workspace. @internal */
export function answerWorkspaceKeys(world: World): Answer {
  const { storageAccount } = recordIn(world.workspace, 'properties');
  return {
    status: 200,
    body: {
      userStorageKey: world.workspaceSecret('userStorageKey'),
      userStorageResourceId: storageAccount,
      appInsightsInstrumentationKey: world.workspaceSecret('appInsightsInstrumentationKey'),
      containerRegistryCredentials: {
        location: world.names.location,
        username: 'ws1registry0001',
        passwords: [
          { name: 'password', value: world.workspaceSecret('registryPassword') },
          { name: 'password2', value: world.workspaceSecret('registryPassword2') },
        ],
      },
      notebookAccessKeys: {
        primaryAccessKey: world.workspaceSecret('notebookPrimaryKey'),
        secondaryAccessKey: world.workspaceSecret('notebookSecondaryKey'),
      },
    },
  };
}
