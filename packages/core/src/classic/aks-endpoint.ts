import type { WaitOptions } from '@azureml-ts/common';
import type { JsonObject } from '../azure/json-object.ts';
import { DeploymentConfigurationError } from '../errors.ts';
import type { ServiceToken } from '../webservice/service-keys.ts';
import type { UpdateReport } from '../webservice/update-report.ts';
import type { UpdateOptions } from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { objectOf, textOf } from './attributes.ts';
import { checkOptions } from './check-options.ts';
import { checkedSettings } from './checked-settings.ts';
import { ClassicWebservice } from './classic-webservice.ts';
import { AksEndpointDeploymentConfiguration } from './configuration/aks-deployment-configuration.ts';
import type { AksDeploymentOptions, AksEndpointDeploymentOptions } from './configuration/aks-settings.ts';
import { aksUpdateFaults } from './configuration/update-faults.ts';
import { aksCurrent } from './current-settings.ts';
import {
  type AksEndpointVersion,
  newVersionWishes,
  VERSION_SETTINGS,
  versionFaults,
  versionNameFaults,
  versionsOf,
  versionWishes,
} from './endpoint-version.ts';
import type { ClassicListOptions } from './list-services.ts';
import { deserialized, fetchOfKind, listOfKind } from './of-kind.ts';
import { fetchToken, limits } from './service-requests.ts';
import {
  type AksEndpointUpdateSettings,
  type AksVersionSettings,
  CLASSIC_FIELDS,
  isRollingChange,
  settingWishes,
} from './update-settings.ts';

/**
 * A classic endpoint on an attached Kubernetes cluster (AKS), with versions that share its traffic.
 *
 * Source: `azureml.core.webservice.AksEndpoint`.
 *
 * @example
 * ```ts
 * import { AksEndpoint, Workspace } from '@azureml-ts/core';
 * import { startAzureStandIn } from '@azureml-ts/testing';
 *
 * await using azure = await startAzureStandIn();
 * azure.addService('shop', { computeType: 'AKSENDPOINT', versions: { v1: {}, v2: { isDefault: false } } });
 * const { subscriptionId, resourceGroup, workspaceName, credential, clientOptions } = azure;
 * const ws = new Workspace({ subscriptionId, resourceGroup, workspaceName, credential, clientOptions });
 *
 * const endpoint = await AksEndpoint.get(ws, 'shop');
 * await endpoint.updateVersion('v2', { trafficPercentile: 20, collectModelData: true }, { wait: true });
 * console.log(endpoint.versions['v2']?.trafficPercentile); // 20
 * ```
 */
export class AksEndpoint extends ClassicWebservice {
  /** Name of the class. */
  override readonly kind = 'AksEndpoint';

  /** @internal Use `get`, `list` or `deserialize`. */
  constructor(workspace: Workspace, resource: JsonObject) {
    super(workspace, resource);
  }

  /**
   * Reads an endpoint.
   *
   * @param workspace Whose endpoint.
   * @param name Its name.
   * @param options `timeoutMs`, `abortSignal`.
   * @throws {@link WebserviceNotFoundError} `WEBSERVICE_NOT_FOUND`; {@link WebserviceError} `WEBSERVICE_OF_OTHER_KIND`.
   */
  static override async get(workspace: Workspace, name: string, options: WaitOptions = {}): Promise<AksEndpoint> {
    return new AksEndpoint(workspace, await fetchOfKind(workspace, name, 'AksEndpoint', options));
  }

  /**
   * Lists the endpoints, a page at a time as they are asked for.
   *
   * @param workspace Whose endpoints.
   * @param options Filters, which all must fit; `timeoutMs` for each page, `abortSignal`.
   */
  static override async *list(workspace: Workspace, options: ClassicListOptions = {}): AsyncGenerator<AksEndpoint> {
    for await (const resource of listOfKind(workspace, 'AksEndpoint', options)) {
      yield new AksEndpoint(workspace, resource);
    }
  }

  /** Makes the object of an endpoint from what `serialize()` gave, here or in Python; sends no request. */
  static deserialize(workspace: Workspace, payload: object): AksEndpoint {
    return new AksEndpoint(workspace, deserialized(payload, 'AksEndpoint'));
  }

  /**
   * Describes how an endpoint and its first version are made.
   *
   * @param options Settings; those left out are decided by the service.
   * @throws {@link DeploymentConfigurationError} `DEPLOYMENT_CONFIGURATION_INVALID`, listing every fault.
   */
  static override deployConfiguration(options: AksEndpointDeploymentOptions = {}): AksEndpointDeploymentConfiguration {
    return new AksEndpointDeploymentConfiguration(options);
  }

  /** Kubernetes namespace. */
  get namespace(): string | undefined {
    return textOf(this.raw, 'namespace');
  }

  /** The versions, by name. */
  get versions(): Readonly<Record<string, AksEndpointVersion>> {
    return versionsOf(this.raw);
  }

  /**
   * Changes settings of the endpoint as a whole; those left out, or `undefined`, stay.
   *
   * Source: `AksEndpoint.update` of azureml-core, which always fails in its version 1.61.
   *
   * @param settings What shall change.
   * @param options `wait` (default `false`: returns once the service has accepted it), `dryRun`, `timeoutMs`, `abortSignal`,
   *   `onProgress`, `showOutput`.
   * @throws {@link DeploymentConfigurationError} `DEPLOYMENT_CONFIGURATION_INVALID`, listing every fault;
   *   `UNSUPPORTED_SETTING`; `NOTHING_TO_UPDATE`; `REQUEST_REFUSED` when the service's check says no; `CONFLICT`; with
   *   `wait` also {@link DeploymentFailedError} `DEPLOYMENT_FAILED`.
   */
  override async update(settings: AksEndpointUpdateSettings, options: UpdateOptions = {}): Promise<UpdateReport> {
    const fields = CLASSIC_FIELDS.AksEndpoint;
    const checked = checkedSettings(settings, {
      what: this.updateWords,
      kind: this.kind,
      names: fields.map(([name]) => name),
      faults: (given) => aksUpdateFaults(given as AksDeploymentOptions, aksCurrent(this.raw)),
    });
    const wishes = settingWishes(fields, checked);
    return this.change({ what: this.updateWords, wishes, isRolling: isRollingChange(checked) }, options);
  }

  /**
   * Makes a version that serves one registered model without a scoring script.
   *
   * Source: `AksEndpoint.create_version` of azureml-core, which fails when a size is given.
   *
   * @param versionName Name of the version, by the rule for names of services.
   * @param settings Its model and settings. With `isDefault: true` the other versions are no longer default, with
   *   `isControlVersionType: true` they are treatments.
   * @param options As of `update()`.
   */
  async createVersion(
    versionName: string,
    settings: AksVersionSettings,
    options: UpdateOptions = {},
  ): Promise<UpdateReport> {
    const what = `The new version "${versionName}" of "${this.name}"`;
    const checked = this.#checked(what, versionName, settings, undefined);
    const wishes = newVersionWishes(versionName, checked, this.raw);
    return this.change({ what, wishes, isRolling: false, deploymentName: versionName }, options);
  }

  /**
   * Changes settings of a version; those left out, or `undefined`, stay.
   *
   * Source: `AksEndpoint.update_version` of azureml-core, which checks nothing, loses properties and misplaces tags.
   *
   * @param versionName Name of the version.
   * @param settings What shall change. With `isDefault: true` the other versions are no longer default, with
   *   `isControlVersionType: true` they are treatments.
   * @param options As of `update()`.
   */
  async updateVersion(
    versionName: string,
    settings: AksVersionSettings,
    options: UpdateOptions = {},
  ): Promise<UpdateReport> {
    const what = `The update of version "${versionName}" of "${this.name}"`;
    const checked = this.#checked(what, versionName, settings, objectOf(this.raw, 'versions', versionName) ?? {});
    const wishes = versionWishes(versionName, checked, this.raw);
    return this.change({ what, wishes, isRolling: isRollingChange(checked), deploymentName: versionName }, options);
  }

  /**
   * Deletes a version.
   *
   * Source: `AksEndpoint.delete_version` of azureml-core.
   *
   * @param versionName Name of the version.
   * @param options As of `update()`.
   */
  async deleteVersion(versionName: string, options: UpdateOptions = {}): Promise<UpdateReport> {
    const what = `The deletion of version "${versionName}" of "${this.name}"`;
    const faults = versionNameFaults(versionName, this.raw, false);
    if (faults.length > 0) {
      throw new DeploymentConfigurationError(what, faults);
    }
    const wishes = [{ path: ['versions', versionName], op: 'remove' } as const];
    return this.change({ what, wishes, isRolling: false, deploymentName: versionName }, options);
  }

  /**
   * A token for scoring, of an endpoint with token authentication.
   *
   * Source: POST services/{name}/token.
   *
   * @throws `PERMISSION_DENIED` when the endpoint has no token authentication, or the caller may not have a token.
   */
  override async getToken(options: WaitOptions = {}): Promise<ServiceToken> {
    checkOptions('getToken', options, this.kind);
    return fetchToken(this.workspace, this.name, limits(options));
  }

  #checked(
    what: string,
    versionName: string,
    settings: AksVersionSettings,
    version: JsonObject | undefined,
  ): AksVersionSettings {
    return checkedSettings(settings, {
      what,
      kind: this.kind,
      names: VERSION_SETTINGS,
      faults: (given) => [
        ...versionNameFaults(versionName, this.raw, version === undefined),
        ...versionFaults(given, version),
      ],
    });
  }
}
