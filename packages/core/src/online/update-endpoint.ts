import { AzuremlError } from '@azureml-ts/common';
import { isJsonObject, type JsonObject } from '../azure/json-object.ts';
import type { UpdateReport } from '../webservice/update-report.ts';
import type { UpdateOptions } from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { carryOut } from './carry-out.ts';
import { type CheckedSettings, checkSettings } from './check-settings.ts';
import { checkDeploymentNames, checkTraffic, type Traffic } from './check-traffic.ts';
import { withField } from './data-collector.ts';
import {
  type CollectionDefaults,
  changedDeployment,
  changedWords,
  lacksStorage,
  startsCollecting,
} from './deployment-change.ts';
import type { EndpointRecord } from './endpoint-record.ts';
import { onlyIdentity, type PartPlan, planPart } from './online-update.ts';
import { ENDPOINT_SETTINGS, type OnlineEndpointSettings } from './settings.ts';
import type { WriteTurn, WriteTurns } from './write-turns.ts';

/** Changes settings of an endpoint and its deployments; see `OnlineEndpoint.update`. */
export async function updateEndpoint(
  record: EndpointRecord,
  settings: OnlineEndpointSettings,
  options: UpdateOptions & { readonly deploymentName?: string | undefined },
): Promise<UpdateReport> {
  const checked = checkSettings(record.name, settings, options.deploymentName);
  return carryOut(record, `The update of ${record.api.subject}`, options, (abortSignal, turns) =>
    planUpdate(record, checked, abortSignal, turns),
  );
}

/** Sets the shares of the deployments; see `OnlineEndpoint.setTraffic`. */
export async function updateTraffic(
  record: EndpointRecord,
  traffic: Traffic,
  options: UpdateOptions,
): Promise<UpdateReport> {
  const shares = checkTraffic(traffic);
  return carryOut(record, `Setting the traffic of ${record.api.subject}`, options, async (abortSignal, turns) => {
    const turn = turns.of(undefined);
    await record.read({ abortSignal });
    const known = (record.deployments ?? []).map(({ name }) => name);
    checkDeploymentNames(shares, known, record.name);
    const apply = (endpoint: JsonObject) => {
      const properties = isJsonObject(endpoint['properties']) ? endpoint['properties'] : {};
      return withField(endpoint, 'properties', withField(properties, 'traffic', shares));
    };
    return [planPart(undefined, record.endpoint, apply, turn)];
  });
}

async function planUpdate(
  record: EndpointRecord,
  { settings, deploymentName }: CheckedSettings,
  abortSignal: AbortSignal,
  turns: WriteTurns,
): Promise<PartPlan[]> {
  const { api } = record;
  const given = Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const isOfEndpoint = (name: string) => (ENDPOINT_SETTINGS as readonly string[]).includes(name);
  const changesEndpoint = deploymentName === undefined && given.some(isOfEndpoint);
  const changesDeployments = given.some((name) => deploymentName !== undefined || !isOfEndpoint(name));
  const turn = turns.of(undefined);
  const endpoint = await record.noticingDeletion(() => api.readEndpoint({ abortSignal }));
  const plans = changesEndpoint
    ? [planPart(undefined, endpoint, (resource) => changedWords(resource, settings), turn)]
    : [];
  if (!changesDeployments) {
    return plans;
  }
  const names = deploymentName === undefined ? await deploymentNames(record, abortSignal) : [deploymentName];
  const deployments: [name: string, resource: JsonObject, turn: WriteTurn][] = [];
  for (const name of names) {
    const place = turns.of(name);
    deployments.push([name, await api.readDeployment(name, { abortSignal }), place]);
  }
  const resources = deployments.map(([, resource]) => resource);
  const defaults = await collectionDefaults(record.workspace, endpoint, resources, settings, abortSignal);
  return [
    ...plans,
    ...deployments.map(([name, resource, place]) =>
      planPart(
        name,
        resource,
        (now) => changedDeployment(now, settings, defaults, deploymentName !== undefined),
        place,
      ),
    ),
  ];
}

async function deploymentNames(record: EndpointRecord, abortSignal: AbortSignal): Promise<string[]> {
  const names = (await record.readDeployments({ abortSignal })).map(({ name }) => name);
  if (names.length === 0) {
    throw new AzuremlError(
      'DEPLOYMENT_NOT_FOUND',
      `The update of ${record.api.subject} has nothing to change: it has no deployments yet. Deploy one first.`,
    );
  }
  return names;
}

async function collectionDefaults(
  workspace: Workspace,
  endpoint: JsonObject,
  deployments: readonly JsonObject[],
  settings: OnlineEndpointSettings,
  abortSignal: AbortSignal,
): Promise<CollectionDefaults> {
  if (!deployments.some((resource) => startsCollecting(resource, settings))) {
    return { storage: undefined, clientId: undefined };
  }
  const isLacking = deployments.some((resource) => lacksStorage(resource, settings));
  return {
    storage: isLacking ? await workspaceStorage(workspace, abortSignal) : undefined,
    clientId: onlyIdentity(endpoint),
  };
}

/** Address of the blob service of the workspace's storage account. */
export async function workspaceStorage(workspace: Workspace, abortSignal: AbortSignal | undefined): Promise<string> {
  const { storageAccount } = await workspace.get({ abortSignal });
  const account = storageAccount?.split('/').filter(Boolean).at(-1);
  if (account === undefined) {
    throw new AzuremlError(
      'STORAGE_UNKNOWN',
      `Collection was not switched on, because the workspace "${workspace.workspaceName}" names no storage account for the rows. ` +
        'Give the setting storage, for example https://<account>.blob.core.windows.net.',
    );
  }
  return `https://${account}.blob.${workspace.cloud.storageSuffix}`;
}
