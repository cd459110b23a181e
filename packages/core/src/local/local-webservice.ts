import { resolve } from 'node:path';
import { type JsonValue, waitAtMost } from '@azureml-ts/common';
import { WebserviceNotFoundError } from '../errors.ts';
import { endableLines } from '../webservice/endable-lines.ts';
import { progressReporter } from '../webservice/progress.ts';
import { scoringBody, scoringHeaders } from '../webservice/scoring-request.ts';
import type { WebserviceState } from '../webservice/state.ts';
import type { UpdateReport } from '../webservice/update-report.ts';
import {
  type DeleteOptions,
  type FollowLogsOptions,
  type GetLogsOptions,
  type RunOptions,
  type UpdateOptions,
  type WaitForDeploymentOptions,
  Webservice,
} from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { checkOptions } from './check-options.ts';
import {
  DEFAULT_DIRECTORY,
  LocalDeploymentConfiguration,
  type LocalDeploymentOptions,
} from './deployment-configuration.ts';
import { serviceEnvironment } from './environment.ts';
import { type GetLocalWebserviceOptions, type ListLocalWebservicesOptions, localPlane } from './local-plane.ts';
import type { LocalWebserviceInit } from './local-webservice-init.ts';
import { describePortHolder } from './port-holder.ts';
import { ownServices, runningServices } from './running-services.ts';
import { score } from './score.ts';
import { ServerProcess } from './server-process.ts';
import { ServiceLifecycle } from './service-lifecycle.ts';
import { followServiceLog, readServiceLog } from './service-log.ts';
import { RecordWriter } from './service-record.ts';
import type { LocalWebserviceSettings, ResolvedSettings } from './settings.ts';
import { type ServiceSettings, updateSettings } from './update-settings.ts';
import { DEFAULT_TIMEOUT_MS, waitForWork } from './wait-for-work.ts';

/** Options of {@link LocalWebservice.delete}. */
export interface LocalDeleteOptions extends DeleteOptions {
  /** Keeps the collected rows in the service's folder. Default `true`. */
  readonly keepData?: boolean | undefined;
}

/**
 * A service that runs on this machine: the inference server as a child process, without Docker and without an account.
 *
 * Made by `Model.deploy`. It listens on 127.0.0.1 only and ends with the process that deployed it; it does not keep that
 * process from ending.
 *
 * Source: `azureml.core.webservice.LocalWebservice`, which needs Docker and a workspace in Azure.
 */
export class LocalWebservice extends Webservice {
  /** Name of the class. */
  override readonly kind = 'LocalWebservice';
  readonly #init: LocalWebserviceInit;
  readonly #life: ServiceLifecycle;
  readonly #settings: ServiceSettings;
  readonly #record: RecordWriter;

  /** @internal Use `Model.deploy`. */
  constructor(init: LocalWebserviceInit) {
    super(init.workspace, init.name);
    this.#init = init;
    const { settings } = init.configuration;
    this.#settings = { current: settings, wanted: settings };
    this.#life = new ServiceLifecycle({
      name: init.name,
      port: init.configuration.port,
      logFile: init.folder.logFile,
      start: (port) => this.#startServer(port),
      portHolder: (port) => describePortHolder(port, ownServices()),
      stopLimits: init.stopLimits,
    });
    this.#record = new RecordWriter(init.folder.recordFile);
    this.#life.watch(() => this.#tellOthers());
    this.#tellOthers();
  }

  /**
   * Finds a local service by its name: one of this process, else one that another process of this machine runs in
   * `directory`. The latter can be looked at, scored with and its log read; `update()` and `delete()` of it are
   * `UNSUPPORTED_OPERATION`.
   *
   * @param workspace The workspace that it was deployed for.
   * @param name Its name.
   * @param options `directory` of other processes' services (default `azureml-local` in the current folder).
   * @throws {@link WebserviceNotFoundError} `WEBSERVICE_NOT_FOUND`; `AMBIGUOUS_NAME` when two directories have the name.
   */
  static override async get(
    workspace: Workspace,
    name: string,
    options: GetLocalWebserviceOptions = {},
  ): Promise<Webservice> {
    checkOptions('get', options);
    const service = await localPlane.get(workspace, name, options);
    if (service === undefined) {
      throw new WebserviceNotFoundError(
        `There is no local service "${name}" of the workspace "${workspace.workspaceName}": neither in this process nor, of ` +
          `another living one, in ${resolve(options.directory ?? DEFAULT_DIRECTORY)}. Deploy it with Model.deploy().`,
      );
    }
    return service;
  }

  /**
   * Lists the local services of a workspace: those of this process, then those that other processes of this machine run
   * in `directory`; see {@link LocalWebservice.get}.
   *
   * @param workspace The workspace that they were deployed for.
   * @param options `directory` of other processes' services (default `azureml-local` in the current folder).
   */
  static override list(workspace: Workspace, options: ListLocalWebservicesOptions = {}): AsyncGenerator<Webservice> {
    checkOptions('list', options);
    return localPlane.list(workspace, options);
  }

  /**
   * Describes how a local service runs.
   *
   * @param options Port (default: any free one), folder and settings (default: all off).
   * @throws {@link DeploymentConfigurationError} `DEPLOYMENT_CONFIGURATION_INVALID`, listing every fault, also settings
   *   that a local service does not have.
   * @example
   * ```ts
   * import { LocalWebservice } from '@azureml-ts/core';
   *
   * const config = LocalWebservice.deployConfiguration({ port: 8890, collectModelData: true });
   * console.log(config.port); // 8890
   * ```
   */
  static override deployConfiguration(options: LocalDeploymentOptions = {}): LocalDeploymentConfiguration {
    return new LocalDeploymentConfiguration(options);
  }

  /** Where the service stands; see {@link WebserviceState}. */
  override get state(): WebserviceState {
    return this.#life.state;
  }

  /** Address that `run()` posts to; `undefined` until a free port is found. */
  override get scoringUri(): string | undefined {
    return this.port === undefined ? undefined : `http://127.0.0.1:${this.port}/score`;
  }

  /** Port that the service listens on; `undefined` until a free one is found. */
  get port(): number | undefined {
    return this.#life.port;
  }

  /** Id of its process, which changes with each restart; `undefined` when none runs. */
  get pid(): number | undefined {
    return this.#life.hasExited ? undefined : this.#life.pid;
  }

  /** Whether feature rows are collected. */
  get collectModelData(): boolean {
    return this.#settings.current.collectModelData;
  }

  /** Whether traces go to Application Insights. */
  get enableAppInsights(): boolean {
    return this.#settings.current.enableAppInsights;
  }

  /** Folder that collected rows go to when `storage` is not set. */
  get modelDataDirectory(): string {
    return this.#init.folder.dataDirectory;
  }

  /**
   * Waits until the service answers on `GET /`; returns at once when it already does.
   *
   * @param options `timeoutMs` (default 60,000), `abortSignal`, `onProgress`, `showOutput`. Giving up the wait does not
   *   stop the service.
   * @throws {@link DeploymentFailedError} `DEPLOYMENT_FAILED` with the cause and the last log lines.
   * @throws `TIMEOUT` with the last log lines; {@link WebserviceError} `WEBSERVICE_DELETED`; the signal's reason.
   */
  override async waitForDeployment(options: WaitForDeploymentOptions = {}): Promise<void> {
    checkOptions('waitForDeployment', options);
    const report = progressReporter(this.name, options);
    this.#life.tell(report);
    const unwatch = this.#life.watch(report);
    try {
      await this.#wait(this.#life.whenReady(), 'The deployment', options);
    } finally {
      unwatch();
    }
  }

  /** Does nothing: this object always knows where its service stands. */
  override async refresh(): Promise<void> {}

  /**
   * Changes settings. A change that the running process would not see (`storage` while nothing is collected, for example)
   * is taken over at once. Any other restarts the process in good order on the same port, because collectors and
   * telemetry read their switches when they start; so does a process that has ended. What is in flight has 10 s to
   * complete, then it is cut off with `WEBSERVICE_UNREACHABLE`; `run()` calls made meanwhile wait.
   *
   * @param changes Only what shall change; `undefined` leaves a setting alone, `null` takes it back to its default.
   * @param options `wait` (default `true`), `dryRun`, `timeoutMs` (default 60,000), `abortSignal`, `onProgress`,
   *   `showOutput`.
   * @returns One part: the settings that change, environment variables one by one, and whether the process restarts
   *   (`isRolling`). Text is masked, because it may be a secret.
   * @throws `UNSUPPORTED_SETTING` naming settings that a local service does not have, and the kinds that have them.
   * @throws {@link DeploymentConfigurationError} `DEPLOYMENT_CONFIGURATION_INVALID`; nothing is changed then.
   * @throws {@link DeploymentFailedError} `DEPLOYMENT_FAILED` when the service does not start with the new settings.
   */
  override async update(changes: LocalWebserviceSettings, options: UpdateOptions = {}): Promise<UpdateReport> {
    checkOptions('update', options);
    const unwatch = this.#life.watch(progressReporter(this.name, options));
    const target = {
      name: this.name,
      life: this.#life,
      settings: this.#settings,
      environment: (settings: ResolvedSettings) => this.#environment(settings),
      onChange: () => this.#tellOthers(),
      wait: (work: Promise<void>) => this.#waitReady(work, 'The update', options),
    };
    return updateSettings(target, changes, options).finally(unwatch);
  }

  /**
   * Starts the process anew on the same port, with the script and the models as they are on the disk now.
   *
   * @param options `wait` (default `true`), `timeoutMs` (default 60,000), `abortSignal`, `onProgress`, `showOutput`.
   * @throws {@link DeploymentFailedError} `DEPLOYMENT_FAILED` when it does not start; {@link WebserviceError}
   *   `WEBSERVICE_DELETED`; `TIMEOUT`; the signal's reason.
   */
  async reload(options: Omit<UpdateOptions, 'dryRun'> = {}): Promise<void> {
    checkOptions('reload', options);
    this.#life.refuseDeleted('reload()');
    const unwatch = this.#life.watch(progressReporter(this.name, options));
    try {
      const work = this.#life.enqueue(async () => {
        if (!this.#life.isEnding) {
          await this.#life.restart('reload()');
        }
      });
      if (options.wait === false) {
        work.catch(() => undefined);
      } else {
        await this.#waitReady(work, 'The restart', options);
      }
    } finally {
      unwatch();
    }
  }

  /**
   * Scores: sends an input to the service and returns its answer. Never sent twice. Waits for a service that is starting
   * or restarting.
   *
   * @param input A string or bytes are sent as they are, anything else as JSON.
   * @param options `timeoutMs` for the whole (default 60,000), `abortSignal`, `requestId`, `headers`.
   * @returns The answer: JSON parsed, other text as text, other content types as a Buffer.
   * @throws {@link WebserviceError} `SCORING_FAILED` with `statusCode` and `requestId`; `WEBSERVICE_UNREACHABLE`;
   *   `WEBSERVICE_DELETED`.
   * @throws {@link ValidationError} `VALIDATION` when the input has no JSON form; `TIMEOUT`; the signal's reason.
   */
  override async run<T = unknown>(input: unknown, options: RunOptions = {}): Promise<T> {
    checkOptions('run', options);
    const body = scoringBody(input);
    const headers = scoringHeaders(options);
    this.#life.refuseDeleted('run()');
    const cut = new AbortController();
    const work = score(this.#life, { name: this.name, logFile: this.#init.folder.logFile, body, headers, cut });
    try {
      return (await waitAtMost(work, `Scoring by service "${this.name}"`, {
        timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
        abortSignal: options.abortSignal,
      })) as T;
    } finally {
      work.catch(() => undefined);
      cut.abort();
    }
  }

  /**
   * Last lines of what the service wrote to its standard output and standard error, since it was deployed.
   *
   * @param options `numLines` (default 5,000). The file is read from its end, whatever its size, and at most 16 MiB of
   *   it: then a first line says how much is left out.
   * @throws {@link WebserviceError} `WEBSERVICE_DELETED`: the log is deleted with the service.
   */
  override async getLogs(options: GetLogsOptions = {}): Promise<string> {
    this.#life.refuseDeleted('getLogs()');
    const text = await readServiceLog(this.#init.folder.logFile, options);
    // The file that was read may be that of another service by now.
    this.#life.refuseDeleted('getLogs()');
    return text;
  }

  /**
   * Lines of the service's log as they are written, across restarts. Ends without an error when `abortSignal` is aborted
   * and when the service is deleted, then with all that it wrote. No line is lost or comes twice; where somebody cut the
   * file, a line says that lines may be missing.
   *
   * @param options `numLines` of those that are there already (default 100), `intervalMs` between two looks (default
   *   2,000), `abortSignal`.
   * @throws `UNSUPPORTED_SETTING`: a local service has no containers and deployments to choose from;
   *   {@link WebserviceError} `WEBSERVICE_DELETED`.
   */
  override followLogs(options: FollowLogsOptions = {}): AsyncGenerator<string> {
    return endableLines((abortSignal) => this.#follow({ ...options, abortSignal }), options.abortSignal);
  }

  async *#follow(options: FollowLogsOptions): AsyncGenerator<string> {
    this.#life.refuseDeleted('followLogs()');
    const ended = new AbortController();
    const lines = followServiceLog(this.#init.folder.logFile, options, ended.signal);
    const unwatch = this.#life.watch((state) => state === 'Deleted' && ended.abort());
    try {
      yield* lines;
    } finally {
      unwatch();
    }
  }

  /**
   * Stops the service in good order and removes its files. What is in flight has 10 s to complete. Deleting again does
   * nothing.
   *
   * @param options `keepData` (default `true`): leaves collected rows in `modelDataDirectory`. Rows in a storage of your
   *   own are never removed.
   */
  override async delete(options: LocalDeleteOptions = {}): Promise<void> {
    checkOptions('delete', options);
    const unwatch = this.#life.watch(progressReporter(this.name, options));
    const work = this.#delete(options.keepData !== false).finally(unwatch);
    if (options.wait === false) {
      // A failure still shows: in `state`, and when it is deleted again.
      work.catch(() => undefined);
      return;
    }
    await waitAtMost(work, `The deletion of service "${this.name}"`, options);
  }

  /** Deletes the service, keeping its collected rows. */
  override async [Symbol.asyncDispose](): Promise<void> {
    await this.delete();
  }

  /** The service as plain JSON, without connection strings and environment variables. */
  override toJSON(): Record<string, JsonValue> {
    return {
      ...super.toJSON(),
      port: this.port ?? null,
      collectModelData: this.collectModelData,
      enableAppInsights: this.enableAppInsights,
      models: [...this.#init.models],
      directory: this.#init.folder.path,
    };
  }

  async #delete(keepData: boolean): Promise<void> {
    const { folder, configuration } = this.#init;
    await this.#life.end(async () => {
      await this.#record.close();
      await folder.removeRun();
      if (runningServices.get(folder.path) === this) {
        runningServices.delete(folder.path);
      }
    });
    if (!keepData && !runningServices.has(folder.path)) {
      await folder.removeData();
    }
    if (configuration.isDefaultDirectory) {
      await folder.removeDirectory();
    }
  }

  /** Writes where the service stands for other processes. */
  #tellOthers(): void {
    const { subscriptionId, resourceGroup, workspaceName } = this.workspace;
    this.#record.write({
      subscriptionId,
      resourceGroup,
      workspaceName,
      name: this.name,
      state: this.state,
      port: this.port ?? null,
      collectModelData: this.collectModelData,
      enableAppInsights: this.enableAppInsights,
      models: this.#init.models,
    });
  }

  #environment(settings: ResolvedSettings): NodeJS.ProcessEnv {
    const { workspace, name: serviceName, folder, environment } = this.#init;
    const { defaultStorage } = folder;
    return serviceEnvironment({ ...environment, workspace, serviceName, settings, defaultStorage }, process.env);
  }

  #startServer(port: number): ServerProcess {
    const { folder, environment, command } = this.#init;
    const env = this.#environment(this.#settings.current);
    const { entryScript, sourceDirectory: cwd } = environment;
    return new ServerProcess({ command, entryScript, port, env, cwd, logFile: folder.logFile });
  }

  #waitReady(work: Promise<void>, what: string, options: WaitForDeploymentOptions): Promise<void> {
    return this.#wait(
      work.then(() => this.#life.whenReady()),
      what,
      options,
    );
  }

  #wait(work: Promise<void>, what: string, options: WaitForDeploymentOptions): Promise<void> {
    return waitForWork(work, what, this, this.#init.folder.logFile, options);
  }
}
