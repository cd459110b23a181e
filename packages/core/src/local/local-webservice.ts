import { isDeepStrictEqual } from 'node:util';
import { isAzuremlError, type JsonValue, waitAtMost } from '@azureml-ts/common';
import { DeploymentConfigurationError } from '../errors.ts';
import { progressReporter } from '../webservice/progress.ts';
import { scoringBody, scoringHeaders } from '../webservice/scoring-request.ts';
import {
  type GetLogsOptions,
  type RunOptions,
  type UpdateOptions,
  type WaitForDeploymentOptions,
  Webservice,
  type WebserviceState,
} from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { checkChanges } from './check-changes.ts';
import { LocalDeploymentConfiguration, type LocalDeploymentOptions } from './deployment-configuration.ts';
import { type ServiceEnvironment, serviceEnvironment } from './environment.ts';
import { withLogs } from './failures.ts';
import { destinationFaults } from './insights-destination.ts';
import { readLogTail } from './log-tail.ts';
import { runningServices } from './running-services.ts';
import { score } from './score.ts';
import { ServerProcess, type StopLimits } from './server-process.ts';
import type { ServiceFolder } from './service-folder.ts';
import { ServiceLifecycle } from './service-lifecycle.ts';
import { applyChanges, type LocalWebserviceSettings, type ResolvedSettings } from './settings.ts';

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_NUM_LINES = 5_000;

/** What a local service is made from; checked by `Model.deploy`. */
export interface LocalWebserviceInit {
  readonly workspace: Workspace;
  readonly name: string;
  readonly configuration: LocalDeploymentConfiguration;
  readonly folder: ServiceFolder;
  readonly command: string;
  readonly environment: Pick<
    ServiceEnvironment,
    'entryScript' | 'sourceDirectory' | 'modelDirectory' | 'scriptVariables'
  >;
  readonly models: readonly string[];
  readonly stopLimits?: StopLimits | undefined;
}

/** Options of {@link LocalWebservice.delete}. */
export interface LocalDeleteOptions {
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
  /** What the process runs with. */
  #settings: ResolvedSettings;
  /** What it will run with when all updates asked for are done. */
  #wanted: ResolvedSettings;

  /** @internal Use `Model.deploy`. */
  constructor(init: LocalWebserviceInit) {
    super(init.workspace, init.name);
    this.#init = init;
    this.#settings = init.configuration.settings;
    this.#wanted = this.#settings;
    this.#life = new ServiceLifecycle({
      name: init.name,
      port: init.configuration.port,
      logFile: init.folder.logFile,
      start: (port) => this.#startServer(port),
      stopLimits: init.stopLimits,
    });
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
  static deployConfiguration(options: LocalDeploymentOptions = {}): LocalDeploymentConfiguration {
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

  /** Whether feature rows are collected. */
  get collectModelData(): boolean {
    return this.#settings.collectModelData;
  }

  /** Whether traces go to Application Insights. */
  get enableAppInsights(): boolean {
    return this.#settings.enableAppInsights;
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
    const report = progressReporter(this.name, options);
    this.#life.tell(report);
    const unwatch = this.#life.watch(report);
    try {
      await this.#waitAtMost(this.#life.whenReady(), 'The deployment', options);
    } finally {
      unwatch();
    }
  }

  /**
   * Changes settings. The process is restarted in good order on the same port when one of them differs from what it
   * runs with, or when it is not running. What is in flight has 10 s to complete, then it is cut off with
   * `WEBSERVICE_UNREACHABLE`; `run()` calls made meanwhile wait.
   *
   * @param changes Only what shall change; `undefined` leaves a setting alone, `null` takes it back to its default.
   * @param options `wait` (default `true`), `timeoutMs` (default 60,000), `abortSignal`, `onProgress`, `showOutput`.
   * @throws `UNSUPPORTED_SETTING` naming settings that a local service does not have.
   * @throws {@link DeploymentConfigurationError} `DEPLOYMENT_CONFIGURATION_INVALID`; nothing is changed then.
   * @throws {@link DeploymentFailedError} `DEPLOYMENT_FAILED` when the service does not start with the new settings.
   */
  override async update(changes: LocalWebserviceSettings, options: UpdateOptions = {}): Promise<void> {
    const checked = checkChanges(this.name, changes);
    this.#life.refuseDeleted('update()');
    const next = applyChanges(this.#wanted, checked);
    const faults = destinationFaults(next, process.env);
    if (faults.length > 0) {
      throw new DeploymentConfigurationError(`The update of "${this.name}"`, faults);
    }
    this.#wanted = next;
    const unwatch = this.#life.watch(progressReporter(this.name, options));
    try {
      const work = this.#life.enqueue(async () => {
        const isSame = isDeepStrictEqual(next, this.#settings);
        this.#settings = next;
        if ((!isSame || this.#life.hasExited) && !this.#life.isEnding) {
          await this.#life.restart();
        }
      });
      if (options.wait !== false) {
        await this.#waitAtMost(
          work.then(() => this.#life.whenReady()),
          'The update',
          options,
        );
      } else {
        // A failure still shows: in `state`, in waitForDeployment() and in run().
        work.catch(() => undefined);
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
    const { text, leftOut } = await readLogTail(this.#init.folder.logFile, options.numLines ?? DEFAULT_NUM_LINES);
    // The file that was read may be that of another service by now.
    this.#life.refuseDeleted('getLogs()');
    return leftOut === 0 ? text : `[${leftOut} bytes of the log before this are left out]\n${text}`;
  }

  /**
   * Stops the service in good order and removes its files. What is in flight has 10 s to complete. Deleting again does
   * nothing.
   *
   * @param options `keepData` (default `true`): leaves collected rows in `modelDataDirectory`. Rows in a storage of your
   *   own are never removed.
   */
  override async delete(options: LocalDeleteOptions = {}): Promise<void> {
    const { folder, configuration } = this.#init;
    await this.#life.end(async () => {
      await folder.removeRun();
      if (runningServices.get(folder.path) === this) {
        runningServices.delete(folder.path);
      }
    });
    if (options.keepData === false && !runningServices.has(folder.path)) {
      await folder.removeData();
    }
    if (configuration.isDefaultDirectory) {
      await folder.removeDirectory();
    }
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

  #startServer(port: number): ServerProcess {
    const { workspace, name, folder, environment, command } = this.#init;
    const env = serviceEnvironment(
      { ...environment, workspace, serviceName: name, settings: this.#settings, defaultStorage: folder.defaultStorage },
      process.env,
    );
    const { entryScript, sourceDirectory: cwd } = environment;
    return new ServerProcess({ command, entryScript, port, env, cwd, logFile: folder.logFile });
  }

  async #waitAtMost(work: Promise<void>, what: string, options: WaitForDeploymentOptions): Promise<void> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, abortSignal } = options;
    try {
      await waitAtMost(work, `${what} of service "${this.name}"`, { timeoutMs, abortSignal });
    } catch (error) {
      work.catch(() => undefined);
      throw isAzuremlError(error, 'TIMEOUT') ? await withLogs(error, this.state, this.#init.folder.logFile) : error;
    }
  }
}
