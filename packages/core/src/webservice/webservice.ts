import { inspect } from 'node:util';
import { AzuremlError, type JsonValue, type WaitOptions } from '@azureml-ts/common';
import { OnlineDeploymentConfiguration, type OnlineDeploymentOptions } from '../online/deployment-configuration.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { ProgressOptions } from './progress.ts';
import type { ServiceKeys, ServiceToken } from './service-keys.ts';
import { type ServiceLinks, serviceLinks } from './service-links.ts';
import type { WebserviceState } from './state.ts';
import { type UpdateManyOptions, type UpdateManyResult, updateMany } from './update-many.ts';
import type { UpdateReport } from './update-report.ts';

/** Options of {@link Webservice.waitForDeployment}. */
export interface WaitForDeploymentOptions extends WaitOptions, ProgressOptions {}

/** Options of {@link Webservice.update}. */
export interface UpdateOptions extends WaitOptions, ProgressOptions {
  /**
   * Waits until the service runs with the new settings. Default `false`: returns once the update is accepted
   * (`LocalWebservice`: `true`).
   */
  readonly wait?: boolean | undefined;
  /** Changes nothing, and reports what would change. Default `false`. */
  readonly dryRun?: boolean | undefined;
}

/** A container of a deployment: the one that scores, or the one that fetches models and code before it. */
export type LogContainer = 'inference-server' | 'storage-initializer';

/** Options of {@link Webservice.getLogs}. */
export interface GetLogsOptions extends WaitOptions {
  /** How many of the last lines to return. Default 5,000. */
  readonly numLines?: number | undefined;
  /** Which container. Default `inference-server`. */
  readonly container?: LogContainer | undefined;
  /** Deployment of an online endpoint. Default: all, each under a line `==> name <==` when there are several. */
  readonly deploymentName?: string | undefined;
}

/** Options of {@link Webservice.followLogs}. */
export interface FollowLogsOptions extends Pick<GetLogsOptions, 'container' | 'deploymentName'> {
  /** Wait between two looks, in milliseconds. Default 2,000. */
  readonly intervalMs?: number | undefined;
  /** How many of the lines that are there already come first. Default 100. */
  readonly numLines?: number | undefined;
  /** Ends the iteration, without an error. */
  readonly abortSignal?: AbortSignal | undefined;
}

/** Options of {@link Webservice.run}. */
export interface RunOptions extends WaitOptions {
  /** Id of the request, sent as `x-request-id`; at most 100 characters. Default: the service makes one. */
  readonly requestId?: string | undefined;
  /** Further request headers, but none that says how the request travels (`content-length`, `host`, ...). */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Deployment of an online endpoint to score with, whatever the traffic rules say. */
  readonly deploymentName?: string | undefined;
}

/** Options of {@link Webservice.delete}. */
export interface DeleteOptions extends WaitOptions, ProgressOptions {
  /** Waits until the service is gone. Default `true`. */
  readonly wait?: boolean | undefined;
}

/** Which of the two keys. */
export type KeyName = 'primary' | 'secondary';

/** Options of {@link Webservice.regenerateKey}. */
export interface RegenerateKeyOptions extends WaitOptions, ProgressOptions {
  /** Value that the key gets. Default: the service makes one. */
  readonly keyValue?: string | undefined;
}

/** Options of {@link Webservice.get}. */
export interface GetWebserviceOptions extends WaitOptions {
  /** Name of the class to look for, for example `OnlineEndpoint`; asks no other plane. Default: all. */
  readonly kind?: string | undefined;
}

/** Options of {@link Webservice.list}. */
export interface ListWebservicesOptions extends WaitOptions {
  /** Name of the class to list, for example `AksWebservice`. Default: all. */
  readonly kind?: string | undefined;
  /** Only services with these tags: a name, or a name and its value. */
  readonly tags?: readonly (string | readonly [name: string, value: string])[] | undefined;
  /** Only services with these properties: a name, or a name and its value. */
  readonly properties?: readonly (string | readonly [name: string, value: string])[] | undefined;
}

/** How a service runs: what `deployConfiguration()` of a class returns. */
export interface ServiceConfiguration {
  /** Name of the class of service that it makes. */
  readonly kind: string;
}

/**
 * A deployed model behind HTTP: what every kind of service has in common.
 *
 * Source: `azureml.core.webservice.Webservice`.
 */
export abstract class Webservice implements AsyncDisposable {
  /** Name of the service. */
  readonly name: string;
  /** The workspace that the service belongs to. */
  readonly workspace: Workspace;
  /** Name of the class, for example `LocalWebservice`. */
  abstract readonly kind: string;

  /** @internal */
  protected constructor(workspace: Workspace, name: string) {
    this.workspace = workspace;
    this.name = name;
  }

  /**
   * Finds a service by its name: an online endpoint, a classic service or a local one. All are asked at the same time, and
   * the workspace is read with them, for {@link links}.
   *
   * A plane that cannot be asked does not matter when the service is found elsewhere; that is logged as a warning then.
   *
   * Source: the constructor `Webservice(workspace, name)` of azureml-core, which knows classic services only.
   *
   * @param workspace Where to look.
   * @param name Name of the service.
   * @param options `kind`: name of the class, asks only where services of that kind are. `timeoutMs` for each request
   *   (default 120,000), `abortSignal`.
   * @returns An object of the service's class; see `kind`.
   * @throws `WebserviceNotFoundError` `WEBSERVICE_NOT_FOUND`, naming the workspace and where it was looked for.
   * @throws `AMBIGUOUS_NAME` when there are several, listing their kinds; `VALIDATION` for an unknown kind or option; the error of a
   *   plane that could not be asked; the signal's reason.
   * @example
   * ```ts
   * import { Webservice, Workspace } from '@azureml-ts/core';
   * import { startAzureStandIn } from '@azureml-ts/testing';
   *
   * await using standIn = await startAzureStandIn();
   * standIn.addEndpoint('churn');
   * const { subscriptionId, resourceGroup, workspaceName, credential, clientOptions } = standIn;
   * const ws = new Workspace({ subscriptionId, resourceGroup, workspaceName, credential, clientOptions });
   * const service = await Webservice.get(ws, 'churn');
   * console.log(service.kind); // OnlineEndpoint
   * ```
   */
  static async get(workspace: Workspace, name: string, options: GetWebserviceOptions = {}): Promise<Webservice> {
    // Loaded late: it knows the classes that are made from this one.
    const { getService } = await import('./find-services.ts');
    return getService(workspace, name, options);
  }

  /**
   * Describes how a service runs on what Azure offers today: an online endpoint. The classes of the other kinds have their
   * own, with their own settings.
   *
   * Source: `Webservice.deploy_configuration` of the Python package's articles.
   *
   * @param options Settings; what is left out is decided by the service.
   * @returns What `OnlineEndpoint.deployConfiguration` returns.
   * @throws `DEPLOYMENT_CONFIGURATION_INVALID`, listing every fault.
   * @example
   * ```ts
   * import { Webservice } from '@azureml-ts/core';
   *
   * const config = Webservice.deployConfiguration({ enableAppInsights: true, collectModelData: true });
   * console.log(config.kind); // OnlineEndpoint
   * ```
   */
  static deployConfiguration(options: OnlineDeploymentOptions = {}): ServiceConfiguration {
    return new OnlineDeploymentConfiguration(options);
  }

  /**
   * Lists the services of a workspace: online endpoints, then classic services, then local ones, a page at a time as they
   * are asked for.
   *
   * Source: `Webservice.list` of azureml-core, which knows classic services only and holds them all in memory.
   *
   * @param workspace Where to look.
   * @param options `kind`, `tags`, `properties`: only services that fit. `timeoutMs` for each page (default 120,000),
   *   `abortSignal`.
   * @throws The error of a plane that could not be listed, after all the others were; `VALIDATION` for an unknown kind or option; the
   *   signal's reason.
   */
  static async *list(workspace: Workspace, options: ListWebservicesOptions = {}): AsyncGenerator<Webservice> {
    const { listServices } = await import('./find-services.ts');
    yield* listServices(workspace, options);
  }

  /**
   * Changes the same settings of many services, a few at a time. One that fails does not keep the others from it.
   *
   * @param services The services: an array, or {@link list} itself, which is then read no faster than the services are changed.
   * @param changes As for `update()` of each.
   * @param options `concurrency` (default 8), `wait` and `dryRun` as for `update()`, `timeoutMs` for each service,
   *   `abortSignal`, `onResult`.
   * @returns A result for each service, in the order of `services`: its report, or its error.
   * @throws What `services` throws, and the signal's reason, both after the updates under way have ended: `onResult` has
   *   told of those. `VALIDATION`.
   * @example
   * ```ts
   * import { Webservice, Workspace } from '@azureml-ts/core';
   * import { startAzureStandIn } from '@azureml-ts/testing';
   *
   * await using standIn = await startAzureStandIn();
   * standIn.addEndpoint('churn');
   * standIn.addDeployment('churn', 'blue', { properties: { appInsightsEnabled: false } });
   * const { subscriptionId, resourceGroup, workspaceName, credential, clientOptions } = standIn;
   * const ws = new Workspace({ subscriptionId, resourceGroup, workspaceName, credential, clientOptions });
   * const results = await Webservice.updateMany(Webservice.list(ws), { enableAppInsights: true }, { wait: true });
   * console.log(results.map(({ service, report, error }) => [service.name, report?.parts[0]?.outcome, error]));
   * // [['churn', 'completed', undefined]]
   * ```
   */
  static updateMany(
    services: Iterable<Webservice> | AsyncIterable<Webservice>,
    changes: object,
    options: UpdateManyOptions = {},
  ): Promise<UpdateManyResult[]> {
    return updateMany(services, changes, options);
  }

  /** State of the service when it was last read. */
  abstract get state(): WebserviceState;

  /** Where to POST scoring requests; `undefined` until it is known. */
  abstract get scoringUri(): string | undefined;

  /** Where the service describes itself: `swagger.json` beside {@link scoringUri}. */
  get swaggerUri(): string | undefined {
    return this.scoringUri?.replace(/[^/]*$/, 'swagger.json');
  }

  /** Addresses for people: the studio, and, once the workspace was read, Application Insights and the storage account. */
  get links(): ServiceLinks {
    return serviceLinks(this);
  }

  /** Reads the service again. */
  abstract refresh(options?: WaitOptions): Promise<void>;

  /** Waits until the service is healthy. */
  abstract waitForDeployment(options?: WaitForDeploymentOptions): Promise<void>;

  /** Changes settings of the service; settings left out, or `undefined`, stay. */
  abstract update(changes: object, options?: UpdateOptions): Promise<UpdateReport>;

  /** Scores: sends an input and returns the answer. Never sent twice, but after an answer 401, with a fresh key. */
  abstract run<T = unknown>(input: unknown, options?: RunOptions): Promise<T>;

  /** Last lines of the service's log. */
  abstract getLogs(options?: GetLogsOptions): Promise<string>;

  /**
   * New lines of the service's log as they come. `return()` ends the iteration at once, also while a line is waited for.
   * A log that was replaced by one that begins with the very same lines is followed as if it had grown.
   */
  abstract followLogs(options?: FollowLogsOptions): AsyncIterable<string>;

  /** Deletes the service. */
  abstract delete(options?: DeleteOptions): Promise<void>;

  /** The keys of a service with key authentication. */
  getKeys(_options?: WaitOptions): Promise<ServiceKeys> {
    return this.unsupported('getKeys');
  }

  /** Makes one of the two keys anew, or sets it. Read the new one with {@link getKeys}. */
  regenerateKey(_key: KeyName, _options?: RegenerateKeyOptions): Promise<void> {
    return this.unsupported('regenerateKey');
  }

  /** A token of a service with token authentication. */
  getToken(_options?: WaitOptions): Promise<ServiceToken> {
    return this.unsupported('getToken');
  }

  /** The service as plain JSON, without secrets. */
  toJSON(): Record<string, JsonValue> {
    return {
      kind: this.kind,
      name: this.name,
      workspaceName: this.workspace.workspaceName,
      state: this.state,
      scoringUri: this.scoringUri ?? null,
      swaggerUri: this.swaggerUri ?? null,
    };
  }

  /** Lets go of what this object holds here. The service itself stays, but for a `LocalWebservice`, which is deleted. */
  async [Symbol.asyncDispose](): Promise<void> {}

  /** @internal */
  [inspect.custom](depth: number, options: object): string {
    return `${this.kind} ${inspect(this.toJSON(), { ...options, depth })}`;
  }

  /** @internal */
  protected async unsupported(method: string): Promise<never> {
    throw new AzuremlError(
      'UNSUPPORTED_OPERATION',
      `${method}() is not there for "${this.name}", because it is of the kind ${this.kind}.`,
      { details: { kind: this.kind, method } },
    );
  }
}
