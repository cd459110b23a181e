import { ValidationError, type WaitOptions } from '@azureml-ts/common';
import { type JsonObject, textAt } from '../azure/json-object.ts';
import { limited } from '../azure/limited.ts';
import { WebserviceError } from '../errors.ts';
import { endableLines } from '../webservice/endable-lines.ts';
import { Scorer } from '../webservice/scorer.ts';
import type { ServiceKeys, ServiceToken } from '../webservice/service-keys.ts';
import type { UpdateReport } from '../webservice/update-report.ts';
import type {
  DeleteOptions,
  FollowLogsOptions,
  GetLogsOptions,
  KeyName,
  RegenerateKeyOptions,
  RunOptions,
  UpdateOptions,
  WaitForDeploymentOptions,
} from '../webservice/webservice.ts';
import { checkOptionNames } from '../workspace/known-options.ts';
import { isWorkspace, type Workspace } from '../workspace/workspace.ts';
import { ONLINE_ENDPOINT } from './carry-out.ts';
import type { Traffic } from './check-traffic.ts';
import { deleteEndpoint } from './delete-endpoint.ts';
import { OnlineDeploymentConfiguration, type OnlineDeploymentOptions } from './deployment-configuration.ts';
import { EndpointAttributes } from './endpoint-attributes.ts';
import { endpointLogs, followEndpointLogs } from './endpoint-logs.ts';
import type { EndpointRecord } from './endpoint-record.ts';
import { EndpointSecrets, type RotateKeysOptions } from './endpoint-secrets.ts';
import { type ListOnlineEndpointsOptions, listEndpoints } from './list-endpoints.ts';
import { checkOnlineName } from './online-api.ts';
import type { OnlineDeployment } from './online-deployment.ts';
import type { PendingOperation } from './pending-operations.ts';
import type { OnlineEndpointSettings } from './settings.ts';
import { updateEndpoint, updateTraffic } from './update-endpoint.ts';
import { waitForEndpoint } from './wait-for-endpoint.ts';

/** Options of {@link OnlineEndpoint.update}. */
export interface UpdateOnlineEndpointOptions extends UpdateOptions {
  /** The deployment to change. Default: all of the endpoint. */
  readonly deploymentName?: string | undefined;
}

/** Options of {@link OnlineEndpoint.deployments}. */
export interface DeploymentsOptions extends WaitOptions {
  /** Reads them again. Default `false`: gives those that were read last. */
  readonly refresh?: boolean | undefined;
}

const WAIT = ['abortSignal', 'timeoutMs'];
const PROGRESS = [...WAIT, 'onProgress', 'showOutput'];
const UPDATE = ['wait', 'dryRun', ...PROGRESS];
/** Names a deployment whatever the traffic rules say. */
const DEPLOYMENT_HEADER = 'azureml-model-deployment';

/**
 * An online endpoint, managed or on Kubernetes: what Azure runs models behind today.
 *
 * Requests go to its deployments as the traffic rules say. It is read whole and written whole, so that fields which this
 * package does not know stay as they are.
 *
 * Source: Microsoft.MachineLearningServices/workspaces/onlineEndpoints, 2024-04-01; `OnlineEndpointOperations` of
 * azure-ai-ml.
 *
 * @example
 * ```ts
 * import { OnlineEndpoint, Workspace } from '@azureml-ts/core';
 * import { startAzureStandIn } from '@azureml-ts/testing';
 *
 * await using azure = await startAzureStandIn(); // stands for a workspace in Azure
 * azure.addEndpoint('loans', { properties: { traffic: { blue: 100 } } });
 * azure.addDeployment('loans', 'blue');
 *
 * const { subscriptionId, resourceGroup, workspaceName, credential, clientOptions } = azure;
 * const ws = new Workspace({ subscriptionId, resourceGroup, workspaceName, credential, clientOptions });
 * const service = await OnlineEndpoint.get(ws, 'loans');
 * const report = await service.update({ enableAppInsights: true, collectModelData: true }, { wait: true });
 * console.log(report.parts[0]?.outcome, service.collectModelData); // completed true
 * console.log(await service.run({ data: [[59, 32.1]] })); // { data: [ [ 59, 32.1 ] ] }
 * ```
 */
export class OnlineEndpoint extends EndpointAttributes {
  /** Name of the class. */
  override readonly kind = ONLINE_ENDPOINT;
  readonly #scorer: Scorer;
  readonly #secrets: EndpointSecrets;

  /** @internal Use {@link OnlineEndpoint.get} or {@link OnlineEndpoint.list}. */
  constructor(workspace: Workspace, name: string, resource: JsonObject) {
    super(workspace, name, resource);
    this.#secrets = new EndpointSecrets(this.record, () => this.#scorer.forgetSecret());
    this.#scorer = new Scorer({
      name,
      clientOptions: workspace.clientOptions,
      fetchSecret: (abortSignal) => this.#secrets.forScoring(abortSignal),
    });
  }

  /**
   * Reads an online endpoint and its deployments.
   *
   * Source: `ml_client.online_endpoints.get` of azure-ai-ml; GET .../onlineEndpoints/{name}, 2024-04-01.
   *
   * @param workspace Workspace of the endpoint.
   * @param name Its name.
   * @param options `timeoutMs` (default 120,000 for each request), `abortSignal`.
   * @throws {@link WebserviceNotFoundError} `WEBSERVICE_NOT_FOUND`; `VALIDATION` for what cannot be a name;
   *   `AUTHENTICATION_FAILED`; `PERMISSION_DENIED`; `THROTTLED`; `SERVICE_FAILED`; `SERVICE_UNREACHABLE`; `TIMEOUT`.
   */
  static override async get(workspace: Workspace, name: string, options: WaitOptions = {}): Promise<OnlineEndpoint> {
    checkWorkspace(workspace);
    checkOnlineName('name', name);
    checkOptionNames(options, WAIT, '{ timeoutMs }');
    const endpoint = new OnlineEndpoint(workspace, name, {});
    await endpoint.refresh(options);
    return endpoint;
  }

  /**
   * Lists the online endpoints of a workspace, a page at a time, whatever their number. Their deployments are not read:
   * {@link refresh} or {@link deployments} do that.
   *
   * Source: `ml_client.online_endpoints.list` of azure-ai-ml; GET .../onlineEndpoints, 2024-04-01.
   *
   * @param workspace The workspace.
   * @param options `tags`, `properties`; `timeoutMs` for each page (default 120,000), `abortSignal`.
   * @throws `VALIDATION`; errors of the requests, see {@link get}; `FOREIGN_HOST`.
   */
  static override async *list(
    workspace: Workspace,
    options: ListOnlineEndpointsOptions = {},
  ): AsyncGenerator<OnlineEndpoint> {
    checkWorkspace(workspace);
    checkOptionNames(options, ['tags', 'properties', ...WAIT], '{ tags }');
    for await (const resource of listEndpoints(workspace, options)) {
      yield new OnlineEndpoint(workspace, textAt(resource, 'name') ?? '', resource);
    }
  }

  /**
   * Describes how an online endpoint and its deployment are made.
   *
   * @param options Settings; what is left out is decided by the service.
   * @throws {@link DeploymentConfigurationError} `DEPLOYMENT_CONFIGURATION_INVALID`, listing every fault.
   */
  static override deployConfiguration(options: OnlineDeploymentOptions = {}): OnlineDeploymentConfiguration {
    return new OnlineDeploymentConfiguration(options);
  }

  /** Begins a deployment, which {@link waitForDeployment} then waits for. @internal */
  async begin(start: (record: EndpointRecord) => Promise<PendingOperation | undefined>): Promise<void> {
    const pending = await start(this.record);
    if (pending !== undefined) {
      this.record.pending.add(pending);
    }
  }

  /**
   * The deployments of the endpoint.
   *
   * Source: GET .../deployments, 2024-04-01.
   *
   * @param options `refresh` (default `false`), `timeoutMs`, `abortSignal`.
   */
  async deployments(options: DeploymentsOptions = {}): Promise<readonly OnlineDeployment[]> {
    checkOptionNames(options, ['refresh', ...WAIT], '{ refresh: true }');
    const { refresh = false, ...wait } = options;
    return (refresh ? undefined : this.record.deployments) ?? this.record.readDeployments(wait);
  }

  /**
   * Reads the endpoint and its deployments again.
   *
   * @throws {@link WebserviceNotFoundError} `WEBSERVICE_NOT_FOUND` when it was deleted; {@link state} is `Deleted` then.
   */
  override async refresh(options: WaitOptions = {}): Promise<void> {
    checkOptionNames(options, WAIT, '{ timeoutMs }');
    const { subject } = this.record.api;
    await limited(`Reading ${subject}`, options, (abortSignal) => this.record.read({ abortSignal }));
  }

  /**
   * Waits for what this object began (an update, a change of traffic); when there is nothing of that, until the endpoint
   * and all its deployments have come to rest.
   *
   * @param options `timeoutMs` (default one hour for each operation), `abortSignal`, `onProgress`, `showOutput`. Giving up
   *   the wait changes nothing at the service.
   * @throws {@link DeploymentFailedError} `DEPLOYMENT_FAILED` with the service's code as `reason` and the last log lines of
   *   both containers; {@link WebserviceError} `WEBSERVICE_DELETED`; `TIMEOUT`; the signal's reason.
   */
  override async waitForDeployment(options: WaitForDeploymentOptions = {}): Promise<void> {
    checkOptionNames(options, PROGRESS, '{ timeoutMs }');
    if (this.record.isDeleted) {
      throw this.record.deleted('waitForDeployment()', undefined);
    }
    await waitForEndpoint(this.record, options);
  }

  /**
   * Changes settings: reads the whole of each deployment, changes what was asked for, and writes the whole.
   *
   * The platform's flag and the environment variables that our packages read change together. Fields that are not known
   * here stay; the number of instances that an autoscaler set stays; a deployment that is as asked already is not written.
   * Just before writing it is read again: when somebody else changed it in between, nothing is sent. Updates of this process
   * come one after the other and see each other's changes; between processes a moment stays open, from that reading to the
   * write, because the service has no ETag. With several
   * deployments they are written one after the other; without `wait` one that fails does not keep the others from being
   * written, with `wait` those after it are left alone.
   *
   * Source: GET and PUT .../deployments/{name}, 2024-04-01, because the PATCH carries none of these settings and the named
   * client drops `dataCollector`; `Webservice.update` of azureml-core.
   *
   * @param settings What shall change. `tags`, `properties` and `description` are those of the endpoint, or of the
   *   deployment when one is named; everything else is of the deployments.
   * @param options `deploymentName` (default: all), `wait` (default `false`), `dryRun`, `timeoutMs` (default: none for the
   *   whole, one hour for each operation), `abortSignal`, `onProgress`, `showOutput`.
   * @returns What was done, or, with `dryRun`, what would be: per deployment the fields, and whether instances roll.
   * @throws `UNSUPPORTED_SETTING`; {@link DeploymentConfigurationError} `DEPLOYMENT_CONFIGURATION_INVALID` with all faults;
   *   nothing was sent then.
   * @throws `CONFLICT`; {@link WebserviceNotFoundError} `WEBSERVICE_NOT_FOUND`; `DEPLOYMENT_NOT_FOUND`; `STORAGE_UNKNOWN`;
   *   {@link DeploymentFailedError} `DEPLOYMENT_FAILED` (with `wait`); {@link UpdateIncompleteError} `UPDATE_INCOMPLETE` when
   *   some of several parts failed.
   * @throws {@link UpdateIncompleteError} `TIMEOUT`, whose `report` says of each part what happened by then (a plain `TIMEOUT`
   *   when nothing was sent); the signal's reason: `onProgress`, or the log without it, is told the same then.
   */
  override async update(
    settings: OnlineEndpointSettings,
    options: UpdateOnlineEndpointOptions = {},
  ): Promise<UpdateReport> {
    checkOptionNames(options, ['deploymentName', ...UPDATE], '{ wait: true }');
    return updateEndpoint(this.record, settings, options);
  }

  /**
   * The shares of the requests that the deployments get now, in percent.
   *
   * @throws {@link WebserviceNotFoundError} `WEBSERVICE_NOT_FOUND`.
   */
  async getTraffic(options: WaitOptions = {}): Promise<Traffic> {
    checkOptionNames(options, WAIT, '{ timeoutMs }');
    this.record.endpoint = await this.record.noticingDeletion(() => this.record.api.readEndpoint(options));
    return this.traffic;
  }

  /**
   * Sets the shares of the requests that the deployments get, all of them: a deployment that is left out gets none.
   *
   * Source: PUT .../onlineEndpoints/{name}, 2024-04-01, because the PATCH carries no traffic. Mirrored traffic stays.
   *
   * @param traffic Percent by deployment: whole numbers that sum to 100, or to 0, which takes the endpoint off.
   * @param options `wait` (default `false`), `dryRun`, `timeoutMs`, `abortSignal`, `onProgress`, `showOutput`.
   * @throws `VALIDATION`; `CONFLICT`; {@link DeploymentFailedError} `DEPLOYMENT_FAILED` (with `wait`); `TIMEOUT`, see
   *   {@link update}.
   */
  async setTraffic(traffic: Traffic, options: UpdateOptions = {}): Promise<UpdateReport> {
    checkOptionNames(options, UPDATE, '{ wait: true }');
    return updateTraffic(this.record, traffic, options);
  }

  /**
   * Scores. The key or token is fetched with the first call and kept; when the service refuses it, it is fetched once more.
   *
   * Source: `ml_client.online_endpoints.invoke` of azure-ai-ml, which sends the name of a deployment to other endpoints too.
   *
   * @param input A string or bytes are sent as they are, anything else as JSON.
   * @param options `deploymentName`, `timeoutMs` (default 60,000), `abortSignal`, `requestId`, `headers`.
   * @throws {@link WebserviceError} `SCORING_FAILED`, `AUTHENTICATION_FAILED`, `PERMISSION_DENIED`, `WEBSERVICE_UNREACHABLE`;
   *   `VALIDATION`; `TIMEOUT`; the signal's reason.
   */
  override async run<T = unknown>(input: unknown, options: RunOptions = {}): Promise<T> {
    const { deploymentName, headers, ...others } = options;
    const uri = this.scoringUri;
    if (uri === undefined) {
      throw new WebserviceError(
        'WEBSERVICE_UNREACHABLE',
        `Service "${this.name}" has no scoring address yet (state ${this.state}). Call waitForDeployment() first.`,
        { retryable: true },
      );
    }
    const named =
      deploymentName === undefined ? {} : { [DEPLOYMENT_HEADER]: checkOnlineName('deploymentName', deploymentName) };
    return (await this.#scorer.run(uri, input, { ...others, headers: { ...headers, ...named } })) as T;
  }

  /**
   * The two keys of an endpoint with the authMode `Key`.
   *
   * @throws `UNSUPPORTED_OPERATION` for another authMode; `PERMISSION_DENIED` (the role needs
   *   `.../onlineEndpoints/listKeys/action`).
   */
  override async getKeys(options: WaitOptions = {}): Promise<ServiceKeys> {
    return this.#secrets.keys('getKeys', options);
  }

  /**
   * Makes one of the two keys anew, or sets it. Resolves when the new key is valid.
   *
   * Source: POST .../regenerateKeys, 2024-04-01. azure-ai-ml sends the key's present value, which leaves the key as it was.
   *
   * @param key `primary` or `secondary`.
   * @param options `keyValue` (default: the service makes one), `timeoutMs`, `abortSignal`, `onProgress`, `showOutput`.
   * @throws `UNSUPPORTED_OPERATION` for another authMode; `VALIDATION`; {@link DeploymentFailedError} `DEPLOYMENT_FAILED`.
   */
  override async regenerateKey(key: KeyName, options: RegenerateKeyOptions = {}): Promise<void> {
    checkOptionNames(options, ['keyValue', ...PROGRESS], '{ keyValue }');
    await this.#secrets.regenerate(key, options);
  }

  /**
   * Makes both keys anew without a moment in which callers have no valid key: makes the secondary key anew, hands it out,
   * and only then makes the primary key anew and hands it out. `run()` of this object goes on meanwhile.
   *
   * @param options `onKey` (needed), `timeoutMs`, `abortSignal`, `onProgress`, `showOutput`.
   * @returns The new keys.
   * @throws What `onKey` threw: when that was for the secondary key, the primary key stays as it was.
   *   `UNSUPPORTED_OPERATION` for another authMode; `KEY_UNCHANGED`; {@link DeploymentFailedError} `DEPLOYMENT_FAILED`.
   */
  async rotateKeys(options: RotateKeysOptions): Promise<ServiceKeys> {
    checkOptionNames(options, ['onKey', ...PROGRESS], '{ onKey }');
    return this.#secrets.rotate(options);
  }

  /**
   * A token of an endpoint with the authMode `AMLToken` (from the workspace) or `AADToken` (from the credential).
   *
   * @throws `UNSUPPORTED_OPERATION` for the authMode `Key`; `AUTHENTICATION_FAILED`; `PERMISSION_DENIED`.
   */
  override async getToken(options: WaitOptions = {}): Promise<ServiceToken> {
    return this.#secrets.token(options);
  }

  /**
   * Last lines of a container's log.
   *
   * Source: `ml_client.online_deployments.get_logs` of azure-ai-ml; POST .../deployments/{name}/getLogs.
   *
   * @param options `numLines` (default 5,000), `container` (default `inference-server`), `deploymentName` (default: all,
   *   each under a line `==> name <==` when there are several), `timeoutMs`, `abortSignal`.
   * @throws {@link WebserviceNotFoundError} `WEBSERVICE_NOT_FOUND`; `DEPLOYMENT_NOT_FOUND`; `VALIDATION`.
   */
  override async getLogs(options: GetLogsOptions = {}): Promise<string> {
    checkOptionNames(options, ['numLines', 'container', 'deploymentName', ...WAIT], '{ numLines }');
    return endpointLogs(this.record, options);
  }

  /**
   * Lines of a container's log as they come; with several deployments each line begins with `[name] `. Ends without an
   * error when `abortSignal` is aborted.
   *
   * @param options `container` (default `inference-server`), `deploymentName` (default: all there are at the beginning),
   *   `intervalMs` (default 2,000), `numLines` of those that are there already (default 100), `abortSignal`.
   */
  override followLogs(options: FollowLogsOptions = {}): AsyncGenerator<string> {
    return endableLines((abortSignal) => this.#follow({ ...options, abortSignal }), options.abortSignal);
  }

  async *#follow(options: FollowLogsOptions): AsyncGenerator<string> {
    checkOptionNames(
      options,
      ['container', 'deploymentName', 'intervalMs', 'numLines', 'abortSignal'],
      '{ intervalMs }',
    );
    yield* followEndpointLogs(this.record, options);
  }

  /**
   * Deletes the endpoint with all its deployments; one that is gone already is fine.
   *
   * @param options `wait` (default `true`), `timeoutMs` (default one hour), `abortSignal`, `onProgress`, `showOutput`.
   * @throws `CONFLICT` while an operation runs on it; {@link DeploymentFailedError} `DEPLOYMENT_FAILED`; `TIMEOUT`.
   */
  override async delete(options: DeleteOptions = {}): Promise<void> {
    checkOptionNames(options, ['wait', ...PROGRESS], '{ wait: false }');
    await deleteEndpoint(this.record, options);
  }
}

function checkWorkspace(workspace: unknown): void {
  if (!isWorkspace(workspace)) {
    throw new ValidationError({ path: 'workspace', expected: 'a Workspace' });
  }
}
