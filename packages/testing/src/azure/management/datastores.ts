import { type Answer, type AzureRequest, managementError } from '../answer.ts';
import { mergeOver, recordIn, textIn } from '../json.ts';
import { countIn } from '../paging.ts';
import type { AzureResource, DatastoreState } from '../stand-in-types.ts';
import type { World } from '../world.ts';
import { listAnswer } from './endpoints.ts';
import { LONG_AGO, systemData } from './workspace-resource.ts';

const KEY_LENGTH = 88;

/** Adds a datastore. @internal */
export function addDatastoreState(world: World, name: string, given?: AzureResource): DatastoreState {
  const resource = mergeOver(defaultDatastore(world, name), given);
  const properties = recordIn(resource, 'properties');
  if (properties['isDefault'] === true) {
    for (const other of world.datastores.values()) {
      recordIn(other.resource, 'properties')['isDefault'] = false;
    }
  }
  const kind = textIn(properties['credentials'], 'credentialsType');
  const secrets =
    kind === 'AccountKey'
      ? { secretsType: kind, key: world.secrets.newKey(KEY_LENGTH) }
      : kind === 'Sas'
        ? { secretsType: kind, sasToken: `sv=2024-05-04&sr=c&sp=rl&sig=${world.secrets.newKey()}` }
        : undefined;
  const datastore = { name, resource, secrets };
  world.datastores.set(name, datastore);
  return datastore;
}

function defaultDatastore(world: World, name: string): AzureResource {
  return {
    id: `${world.workspaceId}/datastores/${name}`,
    name,
    type: 'Microsoft.MachineLearningServices/workspaces/datastores',
    properties: {
      description: null,
      tags: {},
      properties: {},
      isDefault: false,
      credentials: { credentialsType: 'AccountKey', secrets: { secretsType: 'AccountKey' } },
      datastoreType: 'AzureBlob',
      accountName: 'ws1storage0001',
      containerName: 'azureml-blobstore-99999999-8888-7777-6666-555555555555',
      endpoint: 'core.windows.net',
      protocol: 'https',
      serviceDataAccessAuthIdentity: 'None',
    },
    systemData: systemData(LONG_AGO),
  };
}

/** Answers below `datastores`; `undefined` for what is not possible there. @internal */
export function answerDatastores(world: World, request: AzureRequest, parts: readonly string[]): Answer | undefined {
  const [name, action] = parts;
  if (name === undefined) {
    return request.method === 'GET' ? listDatastores(world, request) : undefined;
  }
  const datastore = world.datastores.get(name);
  if (datastore === undefined) {
    return managementError(404, 'ResourceNotFound', `There is no datastore ${name} in the workspace.`);
  }
  if (action === undefined) {
    return request.method === 'GET' ? { status: 200, body: datastore.resource } : undefined;
  }
  if (action.toLowerCase() !== 'listsecrets' || request.method !== 'POST' || parts.length > 2) {
    return undefined;
  }
  const { secrets } = datastore;
  world.secrets.add(secrets?.['key'], secrets?.['sasToken']);
  return secrets === undefined
    ? managementError(400, 'BadRequest', `The datastore ${name} has no secrets: it is reached with an identity.`)
    : { status: 200, body: secrets };
}

function listDatastores(world: World, request: AzureRequest): Answer {
  const { searchParams } = request.url;
  const isDefault = searchParams.get('isDefault');
  const names = searchParams.getAll('names').flatMap((text) => text.split(','));
  const all = [...world.datastores.values()].filter(
    ({ name, resource }) =>
      (names.length === 0 || names.includes(name)) &&
      (isDefault === null || String(recordIn(resource, 'properties')['isDefault']) === isDefault.toLowerCase()),
  );
  return listAnswer(world, request, all, countIn(request.url, 'count'));
}
