import { AzuremlError, type WaitOptions } from '@azureml-ts/common';
import { isJsonObject, type JsonObject, textAt, valueAt } from '../../azure/json-object.ts';
import { SERVER_ROUTES } from '../../environment/environment.ts';
import { type EnvironmentAsset, environmentAsset, environmentInit } from '../../environment/environment-asset.ts';
import { readEnvironment } from '../../environment/environment-versions.ts';
import { type ModelAsset, modelAsset, readModel } from '../../model/registered-models.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import type { Traffic } from '../check-traffic.ts';
import { withField } from '../data-collector.ts';
import type { CollectionDefaults } from '../deployment-change.ts';
import { lacksStorage } from '../deployment-change.ts';
import { stateOf } from '../online-state.ts';
import { onlyIdentity } from '../online-update.ts';
import { plainNumber } from '../same-json.ts';
import { workspaceStorage } from '../update-endpoint.ts';
import { without } from '../writable-resource.ts';
import { checkEndpoint, checkReplacement } from './check-existing.ts';
import type { CheckedDeploy } from './check-online-deploy.ts';
import { type DeployState, provisioningOf } from './deploy-state.ts';
import { deploymentBody, deploymentSettings } from './deployment-body.ts';
import { deploymentDifferences } from './deployment-differences.ts';
import { endpointBody } from './endpoint-body.ts';
import { sharesAfter } from './traffic-shares.ts';

/** How a deployment that failed is taken back. */
export type RollBack =
  /** It was new: it is deleted. */
  | { readonly kind: 'delete' }
  /** It replaced another one, which is put again. */
  | { readonly kind: 'restore'; readonly before: JsonObject }
  /** It stays as it is. */
  | { readonly kind: 'none' };

/** What a deployment will do; what is `undefined` is as it should be already. */
export interface OnlinePlan {
  readonly checked: CheckedDeploy;
  readonly model: ModelAsset | undefined;
  readonly environment: EnvironmentAsset | undefined;
  readonly endpointBody: JsonObject | undefined;
  readonly deploymentBody: JsonObject | undefined;
  readonly rollBack: RollBack;
  /** The shares to set once the deployment is healthy. */
  readonly traffic: Traffic | undefined;
  /** The endpoint as it is; `undefined` when it will be made. */
  readonly endpoint: JsonObject | undefined;
}

/**
 * Plans a deployment: reads, and compares what is there with what is wanted. Sends only GETs.
 *
 * @param workspace Whose deployment.
 * @param checked What is wanted.
 * @param state What is there.
 * @throws {@link WebserviceError} `WEBSERVICE_EXISTS` when something else is there that may not be replaced, or cannot be.
 */
export async function planOnline(
  workspace: Workspace,
  checked: CheckedDeploy,
  state: DeployState,
  options: WaitOptions,
): Promise<OnlinePlan> {
  const { settings } = checked;
  checkEndpoint(workspace, checked, state.endpoint);
  const traffic = plannedTraffic(checked, state);
  const location = textAt(state.endpoint, 'location') ?? (await workspaceLocation(workspace, options));
  const { modelId, model } = await plannedModel(workspace, checked, options);
  const { environmentId, environment } = await plannedEnvironment(workspace, checked, options);
  const init = {
    workspace,
    endpointName: checked.endpointName,
    location,
    settings,
    environmentId,
    modelId,
    variables: checked.variables,
  };
  const defaults = await collectionDefaults(workspace, checked, state, options);
  const body = deploymentBody({ ...init, defaults });
  const { deployment } = state;
  const wanted = deployment === undefined ? body : keptFields(body, deployment, checked);
  const changes = deployment === undefined ? undefined : deploymentDifferences(deployment, wanted);
  const isFailed = deployment !== undefined && stateOf(provisioningOf(deployment)) === 'Failed';
  if (changes !== undefined && changes.length > 0) {
    checkReplacement(checked, changes);
  }
  const isEndpointWhole = state.endpoint !== undefined && stateOf(provisioningOf(state.endpoint)) !== 'Failed';
  return {
    checked,
    model,
    environment,
    endpointBody: isEndpointWhole ? undefined : endpointToMake(workspace, location, checked, state),
    deploymentBody: changes?.length === 0 && !isFailed ? undefined : wanted,
    rollBack: plannedRollBack(checked, state, isFailed),
    traffic,
    endpoint: state.endpoint,
  };
}

/** The shares of an endpoint. */
export function currentShares(endpoint: JsonObject | undefined): Traffic {
  const traffic = valueAt(endpoint, 'properties', 'traffic');
  return Object.fromEntries(
    Object.entries(isJsonObject(traffic) ? traffic : {}).map(([name, share]) => [name, Number(plainNumber(share))]),
  );
}

function plannedTraffic(checked: CheckedDeploy, state: DeployState): Traffic | undefined {
  const { deploymentName, traffic, settings } = checked;
  const wishes = { deploymentName, traffic, percentile: settings.trafficPercentile };
  return sharesAfter(wishes, currentShares(state.endpoint), state.others);
}

function plannedRollBack(checked: CheckedDeploy, state: DeployState, isFailed: boolean): RollBack {
  const { deployment, endpoint } = state;
  if (!checked.rollback) {
    return { kind: 'none' };
  }
  if (deployment !== undefined && !isFailed) {
    return { kind: 'restore', before: deployment };
  }
  // One that failed before may still answer requests: it is not taken away from its callers.
  const share = currentShares(endpoint)[checked.deploymentName] ?? 0;
  return { kind: share > 0 ? 'none' : 'delete' };
}

/** An endpoint whose creation failed is made once more; its traffic stays, should it have any. */
function endpointToMake(
  workspace: Workspace,
  location: string,
  { settings }: CheckedDeploy,
  { endpoint }: DeployState,
): JsonObject {
  const body = endpointBody(workspace, location, settings);
  const traffic = currentShares(endpoint);
  return Object.keys(traffic).length === 0
    ? body
    : withField(body, 'properties', withField(body['properties'] as JsonObject, 'traffic', traffic));
}

/** What a replacement keeps of the deployment that is there. */
function keptFields(body: JsonObject, before: JsonObject, { settings }: CheckedDeploy): JsonObject {
  let next = body;
  if (settings.instanceCount === undefined && isJsonObject(before['sku']) && next['sku'] !== undefined) {
    // An autoscaler, or update(), may have set the number.
    next = withField(next, 'sku', before['sku']);
  }
  const old = isJsonObject(before['properties']) ? before['properties'] : {};
  let properties = next['properties'] as JsonObject;
  if (settings.instanceType === undefined && typeof old['instanceType'] === 'string') {
    properties = withField(properties, 'instanceType', old['instanceType']);
  }
  if (isJsonObject(old['properties']) && Object.keys(old['properties']).length > 0) {
    // Entries can be added only.
    const added = isJsonObject(properties['properties']) ? properties['properties'] : {};
    properties = withField(properties, 'properties', { ...old['properties'], ...added });
  }
  return withField(next, 'properties', properties);
}

async function plannedModel(
  workspace: Workspace,
  { model }: CheckedDeploy,
  options: WaitOptions,
): Promise<{ modelId: string | undefined; model: ModelAsset | undefined }> {
  if (model === undefined) {
    return { modelId: undefined, model: undefined };
  }
  const { name, version, path } = model;
  if (path === undefined) {
    // One that is not there would fail the deployment after minutes.
    const { resource } = await readModel(workspace, name, version, options);
    return { modelId: model.id ?? resource.id ?? modelArmId(workspace, name, version), model: undefined };
  }
  const asset = await modelAsset(workspace, { ...options, name, version, path });
  return {
    modelId: asset.existing?.resource.id ?? modelArmId(workspace, name, version),
    model: asset.properties === undefined ? undefined : asset,
  };
}

function modelArmId(workspace: Workspace, name: string, version: string): string {
  return `${workspace.id}/models/${name}/versions/${version}`;
}

async function plannedEnvironment(
  workspace: Workspace,
  { image, endpointName, deploymentName }: CheckedDeploy,
  options: WaitOptions,
): Promise<{ environmentId: string; environment: EnvironmentAsset | undefined }> {
  if ('environment' in image) {
    const { id, name, version, image: address, build } = image.environment;
    if (id !== undefined) {
      return { environmentId: id, environment: undefined };
    }
    if (address === undefined && build === undefined) {
      // Named only: one that is not there would fail the deployment after minutes.
      const found = await readEnvironment(workspace, name, version, options);
      return { environmentId: found.resource.id ?? environmentArmId(workspace, found), environment: undefined };
    }
  }
  const init =
    'environment' in image
      ? await environmentInit(image.environment)
      : { name: `azureml-ts-${endpointName}-${deploymentName}`, context: image.context, routes: SERVER_ROUTES };
  const asset = await environmentAsset(workspace, init, options);
  return {
    environmentId: asset.existing?.resource.id ?? environmentArmId(workspace, asset),
    environment: asset.properties === undefined ? undefined : asset,
  };
}

function environmentArmId(workspace: Workspace, { name, version }: { name: string; version: string }): string {
  return `${workspace.id}/environments/${name}/versions/${version}`;
}

async function collectionDefaults(
  workspace: Workspace,
  checked: CheckedDeploy,
  { endpoint }: DeployState,
  options: WaitOptions,
): Promise<CollectionDefaults> {
  const isLacking = lacksStorage({ properties: {} }, deploymentSettings(checked));
  return {
    storage: isLacking ? await workspaceStorage(workspace, options.abortSignal) : undefined,
    clientId: endpoint === undefined ? undefined : onlyIdentity(endpoint),
  };
}

async function workspaceLocation(workspace: Workspace, options: WaitOptions): Promise<string> {
  const { location } = await workspace.get(options);
  if (location === undefined) {
    throw new AzuremlError(
      'INVALID_ANSWER',
      `Azure does not say in which region the workspace "${workspace.workspaceName}" is. Try again later.`,
    );
  }
  return location;
}

/** The endpoint's body without what is sent once only. */
export function withoutKeys(body: JsonObject): JsonObject {
  return withField(body, 'properties', without(body['properties'] as JsonObject, ['keys']));
}
