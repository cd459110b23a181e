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
  const parts = names.map((version) => ofEndpoint(versions[version]?.resource ?? {}, resource));
  const traffic = {
    names: names.map(deploymentNameOf),
    shares: parts.map((part) => numberOf(part, 'trafficPercentile') ?? 0),
  };
  const deployments = names.map((version, at) =>
    deploymentOf(name, version, parts[at] ?? {}, computeTargetName, traffic),
  );
  return { name, kind, deployments };
}

/** Shares of the versions that are moved. */
interface VersionTraffic {
  readonly names: readonly string[];
  readonly shares: readonly number[];
}

type Resource = Readonly<Record<string, unknown>>;

/** A version with what is said by the endpoint: how callers are let in, and texts that it has none of itself. */
function ofEndpoint(version: Resource, endpoint: Resource): Resource {
  const { authEnabled, aadAuthEnabled, description, computeName } = endpoint;
  return {
    computeName,
    ...version,
    authEnabled,
    aadAuthEnabled,
    description: version['description'] || description,
    kvTags: { ...(endpoint['kvTags'] ?? {}), ...(version['kvTags'] ?? {}) },
    properties: { ...(endpoint['properties'] ?? {}), ...(version['properties'] ?? {}) },
  };
}

/** Shares can be given to deployments that are there only: the last file sets those of all. */
function carryTraffic({ names, shares }: VersionTraffic, deploymentName: string, draft: MigrationDraft): void {
  const field = 'trafficPercentile';
  const share = shares[names.indexOf(deploymentName)] ?? 0;
  if (shares.reduce((sum, one) => sum + one, 0) !== 100) {
    draft.note(field, 'todo', `it got ${share} %: set traffic when all versions that get requests are deployed`);
  } else if (deploymentName !== names.at(-1)) {
    draft.note(
      field,
      'changed',
      `${share} %, set by the last file, of ${names.at(-1)}: deploy the files in this order`,
    );
  } else {
    const all = Object.fromEntries(names.map((name, at) => [name, shares[at] ?? 0]));
    draft.change(field, 'traffic', all, 'of all deployments: the files are deployed in their order, this one last');
  }
}

function deploymentOf(
  endpointName: string,
  version: string,
  resource: Resource,
  cluster: string | undefined,
  traffic?: VersionTraffic,
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
      'changed',
      'a request may take 60 s on an online endpoint that is deployed from this file; set request_settings.request_timeout_ms for another time',
    );
  } else {
    carryRequests(resource, draft, cluster === undefined);
  }
  if (traffic !== undefined) {
    carryTraffic(traffic, deploymentName, draft);
  }
  noteLosses(resource, draft, { cluster, isVersion: traffic !== undefined });
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
