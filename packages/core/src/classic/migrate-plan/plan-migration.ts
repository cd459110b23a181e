import { AzuremlError, type JsonValue, ValidationError } from '@azureml-ts/common';
import { onlineNameFault } from '../../online/deployment-configuration.ts';
import type { Webservice } from '../../webservice/webservice.ts';
import type { AksEndpoint } from '../aks-endpoint.ts';
import { numberOf } from '../attributes.ts';
import type { ClassicWebservice } from '../classic-webservice.ts';
import {
  carryAuthentication,
  carryCompute,
  carryRequests,
  carrySources,
  carrySwitches,
  carryTexts,
  noteLosses,
} from './carry-settings.ts';
import { MigrationDraft, type MigrationEntry, type MigrationNote } from './migration-draft.ts';

/** Options of {@link planMigration}. */
export interface PlanMigrationOptions {
  /** Attached Kubernetes cluster to move to. Default: none; machines that Azure manages. */
  readonly computeTargetName?: string | undefined;
  /** Version of an `AksEndpoint` to plan for. Default: all. */
  readonly versionName?: string | undefined;
}

/** The deployment file of one deployment, and what becomes of each setting. */
export interface MigratedDeployment {
  /** Name of the deployment. */
  readonly deploymentName: string;
  /** What stands in the file, as plain data. */
  readonly file: Readonly<Record<string, JsonValue>>;
  /** The same in order, with what is said about it. */
  readonly entries: readonly MigrationEntry[];
  /** What becomes of each setting of the classic service. */
  readonly notes: readonly MigrationNote[];
}

/** How a classic service becomes an online endpoint. Plain data. */
export interface MigrationPlan {
  /** Name of the service, and of the endpoint. */
  readonly name: string;
  /** Class of the service. */
  readonly kind: string;
  /** A deployment for the service, or one for each version of an `AksEndpoint`. */
  readonly deployments: readonly MigratedDeployment[];
}

/** Name of the only deployment of an endpoint. */
const ONLY = 'blue';

/**
 * Plans how a classic service becomes an online endpoint: a deployment file for `azureml-ts deploy`, with what carries over,
 * what cannot and why. Sends nothing and changes nothing; keys and values of environment variables are not in it.
 *
 * Source: Azure's guide from ACI and AKS services of v1 to online endpoints.
 *
 * @param service What `Webservice.get()` returned; an `AksWebservice`, `AciWebservice` or `AksEndpoint`.
 * @param options `computeTargetName` for a Kubernetes endpoint; `versionName` for one version of an `AksEndpoint`.
 * @throws `UNSUPPORTED_OPERATION` for other kinds; `VALIDATION` for a version that is not there.
 * @example
 * ```ts
 * import { formatMigrationPlan, planMigration, Webservice, Workspace } from '@azureml-ts/core';
 * import { startAzureStandIn } from '@azureml-ts/testing';
 *
 * await using azure = await startAzureStandIn();
 * azure.addService('churn', { authEnabled: false, dataCollection: { storageEnabled: true } });
 * const { subscriptionId, resourceGroup, workspaceName, credential, clientOptions } = azure;
 * const ws = new Workspace({ subscriptionId, resourceGroup, workspaceName, credential, clientOptions });
 *
 * const plan = planMigration(await Webservice.get(ws, 'churn'));
 * console.log(plan.deployments[0]?.file['data_collector']); // true
 * console.log(formatMigrationPlan(plan)); // the file, with comments
 * ```
 */
export function planMigration(service: Webservice, options: PlanMigrationOptions = {}): MigrationPlan {
  const { name, kind } = service;
  const { computeTargetName, versionName } = options;
  if (kind !== 'AksWebservice' && kind !== 'AciWebservice' && kind !== 'AksEndpoint') {
    const reason = kind === 'OnlineEndpoint' ? 'is an online endpoint already' : 'cannot be moved by a plan';
    throw new AzuremlError(
      'UNSUPPORTED_OPERATION',
      `"${name}" is of the kind ${kind} and ${reason}. A plan is made for AksWebservice, AciWebservice and AksEndpoint.`,
    );
  }
  const { resource } = service as ClassicWebservice;
  if (kind !== 'AksEndpoint') {
    if (versionName !== undefined) {
      throw new ValidationError({
        path: 'versionName',
        expected: `left out: a ${kind} has no versions`,
        received: versionName,
      });
    }
    return { name, kind, deployments: [deploymentOf(name, ONLY, resource, computeTargetName)] };
  }
  const { versions } = service as AksEndpoint;
  const names = Object.keys(versions).filter((version) => versionName === undefined || version === versionName);
  if (names.length === 0) {
    throw new ValidationError({
      path: 'versionName',
      expected: `a version of the endpoint (${Object.keys(versions).join(', ') || 'it has none'})`,
      received: versionName,
    });
  }
  // How callers are let in is said by the endpoint.
  const { authEnabled, aadAuthEnabled } = resource;
  const deployments = names.map((version) =>
    deploymentOf(
      name,
      version,
      { ...versions[version]?.resource, authEnabled, aadAuthEnabled },
      computeTargetName,
      true,
    ),
  );
  return { name, kind, deployments };
}

function deploymentOf(
  endpointName: string,
  version: string,
  resource: Readonly<Record<string, unknown>>,
  cluster: string | undefined,
  isVersion = false,
): MigratedDeployment {
  const draft = new MigrationDraft();
  const deploymentName = deploymentNameOf(version);
  draft.carry('name', 'endpoint_name', endpointName);
  if (deploymentName === version) {
    draft.carry('version', 'name', deploymentName);
  } else {
    draft.change(
      'version',
      'name',
      deploymentName,
      `names of deployments have at least 3 letters; the version was ${version}`,
    );
  }
  carryTexts(resource, draft);
  carryAuthentication(resource, draft);
  carrySources(resource, draft);
  carrySwitches(resource, draft);
  carryCompute(resource, draft, cluster);
  if (resource['computeType'] === 'ACI') {
    draft.note(
      'scoringTimeoutMs',
      'todo',
      'a request may take 5 s on an online endpoint; set request_settings.request_timeout_ms for more',
    );
  } else {
    carryRequests(resource, draft, cluster === undefined);
  }
  const share = numberOf(resource, 'trafficPercentile');
  if (isVersion && share !== undefined) {
    draft.carry('trafficPercentile', 'traffic', share);
  }
  noteLosses(resource, draft, cluster);
  return {
    deploymentName,
    file: Object.fromEntries(draft.entries.flatMap(({ key, value, isOff }) => (isOff ? [] : [[key, value]]))),
    entries: draft.entries,
    notes: draft.notes,
  };
}

/** A name by the rule for deployments: 3 to 32 letters, digits and dashes. */
function deploymentNameOf(version: string): string {
  return onlineNameFault(version) === undefined ? version : `version-${version}`.slice(0, 32).replace(/-+$/, '');
}
