import { isRecord } from '../../telemetry/json-record.ts';
import { type Answer, type AzureRequest, managementError } from '../answer.ts';
import { isSameJson, mergeOver } from '../json.ts';
import { countIn } from '../paging.ts';
import type { AssetVersionState, AzureResource } from '../stand-in-types.ts';
import type { World } from '../world.ts';
import { listAnswer } from './endpoints.ts';
import { LONG_AGO, systemData } from './workspace-resource.ts';

/** Kinds of registered things, with the field that stays as it was made. */
const IMMUTABLE: Readonly<Record<string, readonly string[]>> = {
  codes: ['codeUri'],
  models: ['modelUri', 'modelType'],
  environments: ['image', 'build', 'condaFile', 'inferenceConfig'],
};
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9\-_.]{0,254}$/;

/** Whether a part of a path is a kind of registered things. @internal */
export function isAssetKind(kind: string | undefined): boolean {
  return kind !== undefined && Object.hasOwn(IMMUTABLE, kind);
}

/** Adds a version of a registered thing. @internal */
export function addAssetState(
  world: World,
  kind: string,
  name: string,
  version: string,
  given?: AzureResource,
): AssetVersionState {
  const asset: AssetVersionState = {
    kind,
    name,
    version,
    resource: mergeOver(
      {
        id: `${world.workspaceId}/${kind}/${name}/versions/${version}`,
        name: version,
        type: `Microsoft.MachineLearningServices/workspaces/${kind}/versions`,
        properties: { description: null, tags: {}, properties: {}, isAnonymous: false, isArchived: false },
        systemData: systemData(LONG_AGO),
      },
      given,
    ),
  };
  world.assets.set(`${kind}/${name}/${version}`, asset);
  return asset;
}

/** Answers below `codes`, `models` and `environments`; `undefined` for what is not possible there. @internal */
export function answerAssets(world: World, request: AzureRequest, parts: readonly string[]): Answer | undefined {
  const [kind = '', name, , version] = parts;
  const all = [...world.assets.values()].filter((asset) => asset.kind === kind.toLowerCase());
  if (name === undefined) {
    return request.method === 'GET' ? listContainers(world, request, kind.toLowerCase(), all) : undefined;
  }
  const versions = all.filter((asset) => asset.name === name);
  if (version === undefined) {
    return request.method === 'GET' && parts.length === 3 ? listVersions(world, request, versions) : undefined;
  }
  return answerVersion(world, request, kind.toLowerCase(), name, version);
}

function listContainers(world: World, request: AzureRequest, kind: string, all: readonly AssetVersionState[]): Answer {
  const names = [...new Set(all.map(({ name }) => name))];
  const containers = names.map((name) => {
    const versions = all.filter((asset) => asset.name === name).map(({ version }) => version);
    return {
      name,
      resource: {
        id: `${world.workspaceId}/${kind}/${name}`,
        name,
        type: `Microsoft.MachineLearningServices/workspaces/${kind}`,
        properties: { tags: {}, properties: {}, isArchived: false, latestVersion: versions.at(-1) ?? null },
        systemData: systemData(LONG_AGO),
      },
    };
  });
  return listAnswer(world, request, containers, countIn(request.url, 'count'));
}

function listVersions(world: World, request: AzureRequest, versions: readonly AssetVersionState[]): Answer {
  // Newest first, as the service lists them.
  const order = request.url.searchParams.get('$orderBy') ?? '';
  const listed = /asc/i.test(order) ? versions : [...versions].reverse();
  return listAnswer(world, request, listed, countIn(request.url, '$top'));
}

function answerVersion(
  world: World,
  request: AzureRequest,
  kind: string,
  name: string,
  version: string,
): Answer | undefined {
  const found = world.assets.get(`${kind}/${name}/${version}`);
  const missing = managementError(
    404,
    'UserError',
    `There is no version ${version} of ${kind} ${name} in the workspace.`,
  );
  switch (request.method) {
    case 'GET':
      return found === undefined ? missing : { status: 200, body: found.resource };
    case 'DELETE':
      world.assets.delete(`${kind}/${name}/${version}`);
      return { status: found === undefined ? 204 : 200 };
    case 'PUT':
      return putVersion(world, request, found, kind, name, version);
    default:
      return undefined;
  }
}

function putVersion(
  world: World,
  { body }: AzureRequest,
  found: AssetVersionState | undefined,
  kind: string,
  name: string,
  version: string,
): Answer {
  if (!isRecord(body) || !isRecord(body['properties'])) {
    return managementError(400, 'BadArgument', 'The request body must be a JSON object with the field properties.');
  }
  if (!NAME.test(name)) {
    return managementError(400, 'BadArgument', `The name '${name}' does not match ${NAME.source}.`);
  }
  const properties = body['properties'];
  if (found === undefined) {
    const asset = addAssetState(world, kind, name, version, { properties });
    return { status: 201, body: asset.resource };
  }
  const old = isRecord(found.resource['properties']) ? found.resource['properties'] : {};
  const changed = (IMMUTABLE[kind] ?? []).filter(
    (field) => field in properties && !isSameJson(old[field], properties[field]),
  );
  if (changed.length > 0) {
    return managementError(
      409,
      'UserError',
      `Version ${version} of ${kind} ${name} exists already with another ${changed.join(', ')}, which cannot be changed.`,
    );
  }
  found.resource = mergeOver(found.resource, { properties });
  return { status: 200, body: found.resource };
}
