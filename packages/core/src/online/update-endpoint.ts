import { AzuremlError } from '@azureml-ts/common';
import type { AzureAnswer } from '../azure/azure-client.ts';
import { isJsonObject, type JsonObject, textAt } from '../azure/json-object.ts';
import { managementOperation } from '../azure/management-operation.ts';
import type { UpdatePart, UpdateReport } from '../webservice/update-report.ts';
import type { UpdateOptions } from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
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
import { isMoving } from './online-state.ts';
import { executeParts, onlyIdentity, type PartPlan, planPart } from './online-update.ts';
import { provisioningOperation } from './provisioning.ts';
import { ENDPOINT_SETTINGS, type OnlineEndpointSettings } from './settings.ts';
import { partLabel, UpdateIncompleteError } from './update-incomplete-error.ts';
import { settle } from './wait-for-endpoint.ts';
import { withinTime } from './within-time.ts';

/** Class of the service, for reports. */
export const ONLINE_ENDPOINT = 'OnlineEndpoint';

/** Changes settings of an endpoint and its deployments; see `OnlineEndpoint.update`. */
export async function updateEndpoint(
  record: EndpointRecord,
  settings: OnlineEndpointSettings,
  options: UpdateOptions & { readonly deploymentName?: string | undefined },
): Promise<UpdateReport> {
  const checked = checkSettings(record.name, settings, options.deploymentName);
  return withinTime(`The update of ${record.api.subject}`, options, async (abortSignal) =>
    carryOut(record, await planUpdate(record, checked, abortSignal), { ...options, abortSignal }),
  );
}

/** Sets the shares of the deployments; see `OnlineEndpoint.setTraffic`. */
export async function updateTraffic(
  record: EndpointRecord,
  traffic: Traffic,
  options: UpdateOptions,
): Promise<UpdateReport> {
  const shares = checkTraffic(traffic);
  return withinTime(`Setting the traffic of ${record.api.subject}`, options, async (abortSignal) => {
    await record.read({ abortSignal });
    const known = (record.deployments ?? []).map(({ name }) => name);
    checkDeploymentNames(shares, known, record.name);
    const plan = planPart(undefined, record.endpoint, (endpoint) => {
      const properties = isJsonObject(endpoint['properties']) ? endpoint['properties'] : {};
      return withField(endpoint, 'properties', withField(properties, 'traffic', shares));
    });
    return carryOut(record, [plan], { ...options, abortSignal });
  });
}

async function planUpdate(
  record: EndpointRecord,
  { settings, deploymentName }: CheckedSettings,
  abortSignal: AbortSignal,
): Promise<PartPlan[]> {
  const { api } = record;
  const given = Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const isOfEndpoint = (name: string) => (ENDPOINT_SETTINGS as readonly string[]).includes(name);
  const changesEndpoint = deploymentName === undefined && given.some(isOfEndpoint);
  const changesDeployments = given.some((name) => deploymentName !== undefined || !isOfEndpoint(name));
  const endpoint = await api.readEndpoint({ abortSignal });
  const plans = changesEndpoint ? [planPart(undefined, endpoint, (resource) => changedWords(resource, settings))] : [];
  if (!changesDeployments) {
    return plans;
  }
  const names = deploymentName === undefined ? await deploymentNames(record, abortSignal) : [deploymentName];
  const deployments: [name: string, resource: JsonObject][] = [];
  for (const name of names) {
    deployments.push([name, await api.readDeployment(name, { abortSignal })]);
  }
  const resources = deployments.map(([, resource]) => resource);
  const defaults = await collectionDefaults(record.workspace, endpoint, resources, settings, abortSignal);
  return [
    ...plans,
    ...deployments.map(([name, resource]) =>
      planPart(name, resource, (now) => changedDeployment(now, settings, defaults, deploymentName !== undefined)),
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
async function workspaceStorage(workspace: Workspace, abortSignal: AbortSignal): Promise<string> {
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

async function carryOut(
  record: EndpointRecord,
  plans: readonly PartPlan[],
  options: UpdateOptions & { abortSignal: AbortSignal },
): Promise<UpdateReport> {
  const { abortSignal } = options;
  const isDryRun = options.dryRun === true;
  const report = (parts: readonly UpdatePart[]) => ({ name: record.name, kind: ONLINE_ENDPOINT, isDryRun, parts });
  if (isDryRun) {
    return report(
      plans.map(({ deploymentName, changes, isRolling }) => ({
        deploymentName,
        changes,
        isRolling,
        outcome: changes.length === 0 ? 'unchanged' : 'planned',
      })),
    );
  }
  const parts = await executeParts(plans, {
    api: record.api,
    stopsAtFailure: options.wait === true,
    abortSignal,
    taken: (plan, answer) => taken(record, plan, answer, options),
  });
  const failed = parts.find(({ outcome }) => outcome === 'failed');
  if (failed !== undefined) {
    const tried = parts.filter(({ changes }) => changes.length > 0);
    throw tried.length === 1 ? failed.error : new UpdateIncompleteError(report(parts));
  }
  return report(parts);
}

/** Follows up a write: keeps what was answered, and waits for the operation or remembers it. */
async function taken(
  record: EndpointRecord,
  { deploymentName }: PartPlan,
  answer: AzureAnswer,
  options: UpdateOptions & { abortSignal: AbortSignal },
): Promise<boolean> {
  const { api, workspace } = record;
  record.take(deploymentName, answer.json);
  const part = deploymentName === undefined ? '' : `${partLabel(deploymentName)} of `;
  const what = `The update of ${part}${api.subject}`;
  const operation =
    managementOperation(workspace.azure, answer, what) ??
    (isMoving(textAt(answer.json, 'properties', 'provisioningState'))
      ? provisioningOperation(async (abortSignal) => {
          const now =
            deploymentName === undefined
              ? await api.readEndpoint({ abortSignal })
              : await api.readDeployment(deploymentName, { abortSignal });
          return [{ label: part || api.subject, state: textAt(now, 'properties', 'provisioningState') }];
        })
      : undefined);
  if (operation === undefined) {
    return false;
  }
  const subject = record.subject(what, deploymentName === undefined ? [] : [deploymentName]);
  const pending = { operation, subject, deploymentName };
  record.pending.add(pending);
  if (options.wait !== true) {
    return true;
  }
  await settle(record, pending, options);
  return false;
}
