import { readFile } from 'node:fs/promises';
import { errorMessage, type WaitOptions } from '@azureml-ts/common';
import type { JsonObject } from '../azure/json-object.ts';
import { DeploymentConfigurationError } from '../errors.ts';
import type { UpdateReport } from '../webservice/update-report.ts';
import type { UpdateOptions } from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
import {
  type ContainerResourceRequirements,
  type DataCollectionSwitches,
  dataCollectionOf,
  type EncryptionProperties,
  encryptionOf,
  flagOf,
  requirementsOf,
  textOf,
  type VnetConfiguration,
  vnetOf,
} from './attributes.ts';
import { checkedSettings, sourceFaults } from './checked-settings.ts';
import { ClassicWebservice } from './classic-webservice.ts';
import { AciDeploymentConfiguration } from './configuration/aci-deployment-configuration.ts';
import type { AciDeploymentOptions } from './configuration/aci-settings.ts';
import { isBoolean } from './configuration/rules.ts';
import { aciUpdateFaults } from './configuration/update-faults.ts';
import type { ClassicListOptions } from './list-services.ts';
import { deserialized, fetchOfKind, listOfKind } from './of-kind.ts';
import { type AciUpdateSettings, CLASSIC_FIELDS, isRollingChange, settingWishes } from './update-settings.ts';

/**
 * A classic web service in a container instance (ACI).
 *
 * Source: `azureml.core.webservice.AciWebservice`.
 *
 * @example
 * ```ts
 * import { AciWebservice, Workspace } from '@azureml-ts/core';
 * import { startAzureStandIn } from '@azureml-ts/testing';
 *
 * await using azure = await startAzureStandIn();
 * azure.addService('svc', { computeType: 'ACI' });
 * const { subscriptionId, resourceGroup, workspaceName, credential, clientOptions } = azure;
 * const ws = new Workspace({ subscriptionId, resourceGroup, workspaceName, credential, clientOptions });
 *
 * const service = await AciWebservice.get(ws, 'svc');
 * const report = await service.update({ enableAppInsights: true }, { dryRun: true });
 * console.log(report.parts[0]?.changes); // [ { path: '/appInsightsEnabled', from: false, to: true } ]
 * ```
 */
export class AciWebservice extends ClassicWebservice {
  /** Name of the class. */
  override readonly kind = 'AciWebservice';

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
  static override async get(workspace: Workspace, name: string, options: WaitOptions = {}): Promise<AciWebservice> {
    return new AciWebservice(workspace, await fetchOfKind(workspace, name, 'AciWebservice', options));
  }

  /**
   * Lists the services in container instances, a page at a time as they are asked for.
   *
   * @param workspace Whose services.
   * @param options Filters, which all must fit; `timeoutMs` for each page, `abortSignal`.
   */
  static override async *list(workspace: Workspace, options: ClassicListOptions = {}): AsyncGenerator<AciWebservice> {
    for await (const resource of listOfKind(workspace, 'AciWebservice', options)) {
      yield new AciWebservice(workspace, resource);
    }
  }

  /** Makes the object of a service from what `serialize()` gave, here or in Python; sends no request. */
  static deserialize(workspace: Workspace, payload: object): AciWebservice {
    return new AciWebservice(workspace, deserialized(payload, 'AciWebservice'));
  }

  /**
   * Describes how a service in a container instance is made.
   *
   * @param options Settings; those left out are decided by the service.
   * @throws {@link DeploymentConfigurationError} `DEPLOYMENT_CONFIGURATION_INVALID`, listing every fault.
   */
  static override deployConfiguration(options: AciDeploymentOptions = {}): AciDeploymentConfiguration {
    return new AciDeploymentConfiguration(options);
  }

  /** What the container gets of a machine. */
  get containerResourceRequirements(): ContainerResourceRequirements | undefined {
    return requirementsOf(this.raw);
  }

  /** Where feature rows are collected. The Python client drops this. */
  get dataCollection(): DataCollectionSwitches | undefined {
    return dataCollectionOf(this.raw);
  }

  /** Whether feature rows are collected in the workspace's storage account. */
  get collectModelData(): boolean | undefined {
    return this.dataCollection?.storageEnabled;
  }

  /** Azure region. */
  get location(): string | undefined {
    return textOf(this.raw, 'location');
  }

  /** Host name that the certificate is for. */
  get sslCname(): string | undefined {
    return textOf(this.raw, 'cname');
  }

  /** Whether the service is served over TLS. */
  get sslEnabled(): boolean | undefined {
    return flagOf(this.raw, 'sslEnabled');
  }

  /** The certificate. Its private key is never shown. */
  get sslCertificate(): string | undefined {
    return textOf(this.raw, 'sslCertificate');
  }

  /** Address in the internet. */
  get publicIp(): string | undefined {
    return textOf(this.raw, 'publicIp');
  }

  /** Host name in the internet. */
  get publicFqdn(): string | undefined {
    return textOf(this.raw, 'publicFqdn');
  }

  /** Key of one's own that the service is encrypted with. */
  get encryptionProperties(): EncryptionProperties | undefined {
    return encryptionOf(this.raw);
  }

  /** Virtual network that the service runs in. */
  get vnetConfiguration(): VnetConfiguration | undefined {
    return vnetOf(this.raw);
  }

  /**
   * Changes settings; those left out, or `undefined`, stay. Nothing that was not asked for is sent.
   *
   * Source: `AciWebservice.update` of azureml-core, which cannot change `collectModelData`, and also sends data of the git
   * checkout it runs in.
   *
   * @param settings What shall change. The files are read at once.
   * @param options `wait` (default `false`: returns once the service has accepted it), `dryRun`, `timeoutMs`, `abortSignal`,
   *   `onProgress`, `showOutput`.
   * @throws {@link DeploymentConfigurationError} `DEPLOYMENT_CONFIGURATION_INVALID`, listing every fault;
   *   `UNSUPPORTED_SETTING`; `NOTHING_TO_UPDATE`; `REQUEST_REFUSED` when the service's check says no; `CONFLICT`; with
   *   `wait` also {@link DeploymentFailedError} `DEPLOYMENT_FAILED`.
   */
  override async update(settings: AciUpdateSettings, options: UpdateOptions = {}): Promise<UpdateReport> {
    const fields = CLASSIC_FIELDS.AciWebservice;
    const checked = checkedSettings(settings, {
      what: this.updateWords,
      kind: this.kind,
      names: fields.map(([name]) => name),
      faults: (given) => [
        ...aciUpdateFaults(given as AciDeploymentOptions, { sslEnabled: this.sslEnabled }),
        ...switchFaults(given.collectModelData),
        ...sourceFaults(given, this.raw),
      ],
    });
    const change = {
      what: this.updateWords,
      wishes: settingWishes(fields, { ...checked, ...(await this.#readFiles(checked)) }),
      isRolling: isRollingChange(checked),
    };
    return this.change(change, options);
  }

  async #readFiles(settings: AciUpdateSettings): Promise<Record<string, string>> {
    const texts: Record<string, string> = {};
    for (const name of ['sslCertPemFile', 'sslKeyPemFile'] as const) {
      const file = settings[name];
      if (file !== undefined) {
        try {
          texts[name] = await readFile(file, 'utf8');
        } catch (error) {
          throw new DeploymentConfigurationError(this.updateWords, [{ path: name, message: errorMessage(error) }]);
        }
      }
    }
    return texts;
  }
}

function switchFaults(collectModelData: unknown): { path: string; message: string }[] {
  const message = collectModelData === undefined ? undefined : isBoolean(collectModelData);
  return message === undefined ? [] : [{ path: 'collectModelData', message }];
}
