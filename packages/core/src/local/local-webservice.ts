import { isDeepStrictEqual } from 'node:util';
import { AzuremlError, errorMessage, isAzuremlError, type JsonValue, waitAtMost } from '@azureml-ts/common';
import { WebserviceError } from '../errors.ts';
import { progressReporter } from '../webservice/progress.ts';
import { scoringBody, scoringHeaders, sendScoringRequest } from '../webservice/scoring-request.ts';
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
import { describeExit, lastLogLines, startFailure, unreachable, withLogs } from './failures.ts';
import { readLogTail } from './log-tail.ts';
import { runningServices } from './running-services.ts';
import { ServerProcess } from './server-process.ts';
import type { ServiceFolder } from './service-folder.ts';
import { applyChanges, type LocalWebserviceSettings, type ResolvedSettings } from './settings.ts';

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_NUM_LINES = 5_000;
/** The server's own shutdown order takes 20 s at most. */
const STOP_DEADLINE_MS = 25_000;

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
  readonly stopDeadlineMs?: number | undefined;
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
  readonly #watchers = new Set<(state: WebserviceState, message: string) => void>();
  #settings: ResolvedSettings;
  #server: ServerProcess;
  #ready: Promise<void>;
  #state: WebserviceState = 'Transitioning';
  #step = 'starting';
  /** Port once known: the same for the whole life of the service. */
  #port: number | undefined;
  /** Updates and the deletion, one after the other. Never rejects. */
  #operations: Promise<void> = Promise.resolve();
  #pendingOperations = 0;
  #deletion: Promise<void> | undefined;

  /** @internal Use `Model.deploy`. */
  constructor(init: LocalWebserviceInit) {
    super(init.workspace, init.name);
    this.#init = init;
    this.#settings = init.configuration.settings;
    this.#port = init.configuration.port;
    this.#server = this.#start();
    this.#ready = this.#becomeReady(this.#server);
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
    return this.#state;
  }

  /** Address that `run()` posts to; `undefined` until a free port is found. */
  override get scoringUri(): string | undefined {
    return this.#port === undefined ? undefined : `http://127.0.0.1:${this.#port}/score`;
  }

  /** Port that the service listens on; `undefined` until a free one is found. */
  get port(): number | undefined {
    return this.#port;
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
    report(this.#state, this.#step);
    this.#watchers.add(report);
    try {
      await this.#waitAtMost(this.#whenReady(), 'The deployment', options);
    } finally {
      this.#watchers.delete(report);
    }
  }

  /**
   * Changes settings. The process is restarted in good order on the same port when one of them differs from what it
   * runs with, or when it is not running; what is in flight completes, and `run()` calls wait meanwhile.
   *
   * @param changes Only what shall change; `undefined` leaves a setting alone, `null` takes it back to its default.
   * @param options `wait` (default `true`), `timeoutMs` (default 60,000), `abortSignal`, `onProgress`, `showOutput`.
   * @throws `UNSUPPORTED_SETTING` naming settings that a local service does not have.
   * @throws {@link DeploymentConfigurationError} `DEPLOYMENT_CONFIGURATION_INVALID`; nothing is changed then.
   * @throws {@link DeploymentFailedError} `DEPLOYMENT_FAILED` when the service does not start with the new settings.
   */
  override async update(changes: LocalWebserviceSettings, options: UpdateOptions = {}): Promise<void> {
    const checked = checkChanges(this.name, changes);
    this.#refuseDeleted('update()');
    const report = progressReporter(this.name, options);
    this.#watchers.add(report);
    try {
      const work = this.#enqueue(async () => {
        const next = applyChanges(this.#settings, checked);
        const isSame = isDeepStrictEqual(next, this.#settings);
        this.#settings = next;
        if ((!isSame || this.#server.exit !== undefined) && this.#deletion === undefined) {
          await this.#restart();
        }
      });
      if (options.wait !== false) {
        await this.#waitAtMost(
          work.then(() => this.#whenReady()),
          'The update',
          options,
        );
      } else {
        // A failure still shows: in `state`, in waitForDeployment() and in run().
        work.catch(() => undefined);
      }
    } finally {
      this.#watchers.delete(report);
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
    this.#refuseDeleted('run()');
    const cut = new AbortController();
    const work = this.#score(body, headers, cut.signal);
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
   * @param options `numLines` (default 5,000). The file is read from its end, whatever its size.
   */
  override async getLogs(options: GetLogsOptions = {}): Promise<string> {
    return readLogTail(this.#init.folder.logFile, options.numLines ?? DEFAULT_NUM_LINES);
  }

  /**
   * Stops the service in good order and removes its files. Deleting again does nothing.
   *
   * @param options `keepData` (default `true`): leaves collected rows in `modelDataDirectory`. Rows in a storage of your
   *   own are never removed.
   */
  override async delete(options: LocalDeleteOptions = {}): Promise<void> {
    this.#deletion ??= this.#enqueue(() => this.#remove());
    if (this.#state !== 'Deleted') {
      this.#note('Deleting', 'stopping');
    }
    try {
      await this.#deletion;
    } catch (error) {
      this.#deletion = undefined;
      this.#note('Failed', `deleting failed: ${errorMessage(error)}`);
      throw error;
    }
    this.#note('Deleted', 'deleted');
    const { folder, configuration } = this.#init;
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
      port: this.#port ?? null,
      collectModelData: this.collectModelData,
      enableAppInsights: this.enableAppInsights,
      models: [...this.#init.models],
      directory: this.#init.folder.path,
    };
  }

  #start(): ServerProcess {
    const { workspace, name, folder, environment, command } = this.#init;
    const env = serviceEnvironment(
      { ...environment, workspace, serviceName: name, settings: this.#settings, defaultStorage: folder.defaultStorage },
      process.env,
    );
    const { entryScript, sourceDirectory: cwd } = environment;
    return new ServerProcess({ command, entryScript, port: this.#port ?? 0, env, cwd, logFile: folder.logFile });
  }

  #becomeReady(server: ServerProcess): Promise<void> {
    const ready = this.#awaitHealth(server);
    // Whoever waits gets it from whenReady(); a service that nobody waits for must not end the process.
    ready.catch(() => undefined);
    return ready;
  }

  async #awaitHealth(server: ServerProcess): Promise<void> {
    this.#note('Transitioning', `process ${server.pid ?? '(none)'} started`);
    const exit = await server.healthy((port) => {
      this.#port = port;
      this.#note('Transitioning', `listening on port ${port}`);
    });
    if (exit !== undefined) {
      const failure = await startFailure(`Service "${this.name}" could not start`, exit, this.#init.folder.logFile);
      if (this.#server === server && !server.isStopping) {
        this.#note('Failed', failure.message);
      }
      throw failure;
    }
    if (this.#server === server && !server.isStopping) {
      this.#note('Healthy', 'answers');
    }
    void server.exited.then((end) => {
      if (this.#server === server && !server.isStopping) {
        this.#note('Unhealthy', `its process ${describeExit(end)}`);
      }
    });
  }

  async #restart(): Promise<void> {
    this.#note('Transitioning', 'restarting');
    await this.#server.stop(this.#init.stopDeadlineMs ?? STOP_DEADLINE_MS);
    this.#server = this.#start();
    this.#ready = this.#becomeReady(this.#server);
  }

  async #remove(): Promise<void> {
    const { folder, stopDeadlineMs = STOP_DEADLINE_MS } = this.#init;
    await this.#server.stop(stopDeadlineMs);
    await folder.removeRun();
    if (runningServices.get(folder.path) === this) {
      runningServices.delete(folder.path);
    }
  }

  /** Runs operations one after the other. */
  #enqueue(operation: () => Promise<void>): Promise<void> {
    this.#pendingOperations += 1;
    const work = this.#operations.then(operation).finally(() => {
      this.#pendingOperations -= 1;
    });
    this.#operations = work.catch(() => undefined);
    return work;
  }

  /** Waits for the operations asked for so far, and for the process that they leave to be healthy. */
  async #whenReady(): Promise<void> {
    for (;;) {
      await this.#operations;
      const ready = this.#ready;
      const outcome = await ready.then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      this.#refuseDeleted('the call');
      if (this.#pendingOperations === 0 && ready === this.#ready) {
        if (outcome !== undefined) {
          throw outcome.error;
        }
        const { exit } = this.#server;
        if (exit !== undefined) {
          throw await startFailure(`Service "${this.name}" ended by itself`, exit, this.#init.folder.logFile);
        }
        return;
      }
    }
  }

  async #score(body: Buffer, headers: Record<string, string>, abortSignal: AbortSignal): Promise<unknown> {
    try {
      // Asked again without a pause in between, so that the request below is counted before any restart begins.
      do {
        await this.#whenReady();
      } while (this.#pendingOperations > 0);
    } catch (error) {
      if (error instanceof WebserviceError) {
        throw error;
      }
      throw new WebserviceError(
        'WEBSERVICE_UNREACHABLE',
        `Service "${this.name}" is not running: ${errorMessage(error)}`,
        {
          cause: error,
          details: { logs: await lastLogLines(this.#init.folder.logFile) },
        },
      );
    }
    abortSignal.throwIfAborted();
    const server = this.#server;
    const done = server.beginRequest();
    try {
      const url = `http://127.0.0.1:${server.port}/score`;
      return await sendScoringRequest({ name: this.name, url, body, agent: server.agent, headers, abortSignal });
    } catch (error) {
      throw error instanceof AzuremlError || abortSignal.aborted
        ? error
        : await unreachable(this.name, server, error, this.#init.folder.logFile);
    } finally {
      done();
    }
  }

  async #waitAtMost(work: Promise<void>, what: string, options: WaitForDeploymentOptions): Promise<void> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, abortSignal } = options;
    try {
      await waitAtMost(work, `${what} of service "${this.name}"`, { timeoutMs, abortSignal });
    } catch (error) {
      work.catch(() => undefined);
      throw isAzuremlError(error, 'TIMEOUT') ? await withLogs(error, this.#state, this.#init.folder.logFile) : error;
    }
  }

  #refuseDeleted(what: string): void {
    if (this.#deletion !== undefined) {
      const text = `Service "${this.name}" was deleted, so ${what} cannot go on. Deploy it again with Model.deploy().`;
      throw new WebserviceError('WEBSERVICE_DELETED', text);
    }
  }

  #note(state: WebserviceState, message: string): void {
    if (this.#deletion !== undefined && state !== 'Deleting' && state !== 'Deleted') {
      return;
    }
    this.#state = state;
    this.#step = message;
    for (const watcher of this.#watchers) {
      watcher(state, message);
    }
  }
}
