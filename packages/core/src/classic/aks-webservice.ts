import type { WaitOptions } from '@azureml-ts/common';
import type { JsonObject } from '../azure/json-object.ts';
import type { ServiceToken } from '../webservice/service-keys.ts';
import type { UpdateReport } from '../webservice/update-report.ts';
import type { UpdateOptions } from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
import {
  type Autoscaler,
  autoscalerOf,
  type ContainerResourceRequirements,
  type DataCollectionSwitches,
  dataCollectionOf,
  flagOf,
  type LivenessProbeRequirements,
  livenessProbeOf,
  numberOf,
  requirementsOf,
  textOf,
} from './attributes.ts';
import { checkOptions } from './check-options.ts';
import { checkedSettings, sourceFaults } from './checked-settings.ts';
import { ClassicWebservice } from './classic-webservice.ts';
import { AksDeploymentConfiguration } from './configuration/aks-deployment-configuration.ts';
import type { AksDeploymentOptions } from './configuration/aks-settings.ts';
import { aksUpdateFaults } from './configuration/update-faults.ts';
import { aksCurrent } from './current-settings.ts';
import type { ClassicListOptions } from './list-services.ts';
import { type MigrateOptions, startMigration } from './migrate.ts';
import { deserialized, fetchOfKind, listOfKind } from './of-kind.ts';
import { fetchToken, limits } from './service-requests.ts';
import { type AksUpdateSettings, CLASSIC_FIELDS, isRollingChange, settingWishes } from './update-settings.ts';

/**
 * A classic web service on an attached Kubernetes cluster (AKS).
 *
 * Source: `azureml.core.webservice.AksWebservice`.
 *
 * @example
 * ```ts
 * import { AksWebservice, Workspace } from '@azureml-ts/core';
 * import { startAzureStandIn } from '@azureml-ts/testing';
 *
 * await using azure = await startAzureStandIn();
 * azure.addService('svc');
 * const { subscriptionId, resourceGroup, workspaceName, credential, clientOptions } = azure;
 * const ws = new Workspace({ subscriptionId, resourceGroup, workspaceName, credential, clientOptions });
 *
 * const service = await AksWebservice.get(ws, 'svc');
 * await service.update({ enableAppInsights: true, collectModelData: true }, { wait: true });
 * console.log(service.enableAppInsights, service.collectModelData); // true true
 * ```
 */
export class AksWebservice extends ClassicWebservice {
  /** Name of the class. */
  override readonly kind = 'AksWebservice';

  /** @internal Use `get`, `list` or `deserialize`. */
  constructor(workspace: Workspace, resource: JsonObject) {
    super(workspace, resource);
  }

  /**
   * Reads a service.
   *
   * @param workspace Whose service.
   * @param name Its name.
   * @param options `timeoutMs`, `abortSignal`.
   * @throws {@link WebserviceNotFoundError} `WEBSERVICE_NOT_FOUND`; {@link WebserviceError} `WEBSERVICE_OF_OTHER_KIND`.
   */
  static override async get(workspace: Workspace, name: string, options: WaitOptions = {}): Promise<AksWebservice> {
    return new AksWebservice(workspace, await fetchOfKind(workspace, name, 'AksWebservice', options));
  }

  /**
   * Lists the services on AKS, a page at a time as they are asked for.
   *
   * @param workspace Whose services.
   * @param options Filters, which all must fit; `timeoutMs` for each page, `abortSignal`.
   */
  static override async *list(workspace: Workspace, options: ClassicListOptions = {}): AsyncGenerator<AksWebservice> {
    for await (const resource of listOfKind(workspace, 'AksWebservice', options)) {
      yield new AksWebservice(workspace, resource);
    }
  }

  /** Makes the object of a service from what `serialize()` gave, here or in Python; sends no request. */
  static deserialize(workspace: Workspace, payload: object): AksWebservice {
    return new AksWebservice(workspace, deserialized(payload, 'AksWebservice'));
  }

  /**
   * Describes how a service on AKS is made.
   *
   * @param options Settings; those left out are decided by the service.
   * @throws {@link DeploymentConfigurationError} `DEPLOYMENT_CONFIGURATION_INVALID`, listing every fault.
   */
  static override deployConfiguration(options: AksDeploymentOptions = {}): AksDeploymentConfiguration {
    return new AksDeploymentConfiguration(options);
  }

  /** How the number of replicas follows the load. */
  get autoscaler(): Autoscaler | undefined {
    return autoscalerOf(this.raw);
  }

  /** What a replica gets of a machine. */
  get containerResourceRequirements(): ContainerResourceRequirements | undefined {
    return requirementsOf(this.raw);
  }

  /** Where feature rows are collected. */
  get dataCollection(): DataCollectionSwitches | undefined {
    return dataCollectionOf(this.raw);
  }

  /** Whether feature rows are collected in the workspace's storage account. */
  get collectModelData(): boolean | undefined {
    return this.dataCollection?.storageEnabled;
  }

  /** How it is found out that a replica no longer answers. */
  get livenessProbeRequirements(): LivenessProbeRequirements {
    return livenessProbeOf(this.raw);
  }

  /** Most calls that one replica works on at a time. */
  get maxConcurrentRequestsPerContainer(): number | undefined {
    return numberOf(this.raw, 'maxConcurrentRequestsPerContainer');
  }

  /** Longest wait of a call in the queue, in milliseconds. */
  get maxRequestWaitTime(): number | undefined {
    return numberOf(this.raw, 'maxQueueWaitMs');
  }

  /** Number of replicas. */
  get numReplicas(): number | undefined {
    return numberOf(this.raw, 'numReplicas');
  }

  /** Longest time for one scoring call, in milliseconds. */
  get scoringTimeoutMs(): number | undefined {
    return numberOf(this.raw, 'scoringTimeoutMs');
  }

  /** Kubernetes namespace. */
  get namespace(): string | undefined {
    return textOf(this.raw, 'namespace');
  }

  /** Whether it is the default version of an endpoint. */
  get isDefault(): boolean | undefined {
    return flagOf(this.raw, 'isDefault');
  }

  /** Share of an endpoint's traffic, in percent. */
  get trafficPercentile(): number | undefined {
    return numberOf(this.raw, 'trafficPercentile');
  }

  /** `Control` or `Treatment`. */
  get versionType(): string | undefined {
    return textOf(this.raw, 'type');
  }

  /**
   * Changes settings; those left out, or `undefined`, stay. Nothing that was not asked for is sent.
   *
   * Source: `AksWebservice.update` of azureml-core, which also sends data of the git checkout it runs in.
   *
   * @param settings What shall change.
   * @param options `wait` (default `false`: returns once the service has accepted it), `dryRun`, `timeoutMs`, `abortSignal`,
   *   `onProgress`, `showOutput`.
   * @throws {@link DeploymentConfigurationError} `DEPLOYMENT_CONFIGURATION_INVALID`, listing every fault;
   *   `UNSUPPORTED_SETTING`; `NOTHING_TO_UPDATE`; `REQUEST_REFUSED` when the service's check says no; `CONFLICT`; with
   *   `wait` also {@link DeploymentFailedError} `DEPLOYMENT_FAILED`.
   */
  override async update(settings: AksUpdateSettings, options: UpdateOptions = {}): Promise<UpdateReport> {
    const fields = CLASSIC_FIELDS.AksWebservice;
    const checked = checkedSettings(settings, {
      what: this.updateWords,
      kind: this.kind,
      names: fields.map(([name]) => name),
      faults: (given) => [
        ...aksUpdateFaults(given as AksDeploymentOptions, aksCurrent(this.raw)),
        ...sourceFaults(given, this.raw),
      ],
    });
    const change = {
      what: this.updateWords,
      wishes: settingWishes(fields, checked),
      isRolling: isRollingChange(checked),
    };
    return this.change(change, options);
  }

  /**
   * A token for scoring, of a service with token authentication.
   *
   * Source: `get_token` and `get_access_token` of azureml-core; POST services/{name}/token.
   *
   * @throws `PERMISSION_DENIED` when the service has no token authentication, or the caller may not have a token.
   */
  override async getToken(options: WaitOptions = {}): Promise<ServiceToken> {
    checkOptions('getToken', options, this.kind);
    return fetchToken(this.workspace, this.name, limits(options));
  }

  /**
   * Moves the service to a Kubernetes online endpoint of the same name.
   *
   * Source: `AksWebservice.update(is_migration=True)` of azureml-core; POST services/migrate.
   *
   * @param computeTarget Name or ARM id of the attached compute to move to.
   * @param options `wait` (default `false`: `waitForDeployment()` waits for it), `timeoutMs`, `abortSignal`, progress.
   */
  async migrate(computeTarget: string, options: MigrateOptions = {}): Promise<void> {
    checkOptions('migrate', options, this.kind);
    const begun = await startMigration(this.workspace, this.name, computeTarget, limits(options));
    this.becomes(begun === undefined ? 'Migrated' : 'Migrating');
    this.expect(begun);
    if (options.wait === true && begun !== undefined) {
      const { wait: _, ...rest } = options;
      await this.waitForDeployment(rest);
    }
  }
}
