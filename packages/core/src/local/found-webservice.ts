import { Agent } from 'node:http';
import { AzuremlError, errorMessage, type JsonValue, sleep, waitAtMost } from '@azureml-ts/common';
import { DeploymentFailedError, WebserviceError } from '../errors.ts';
import { endableLines } from '../webservice/endable-lines.ts';
import { progressReporter } from '../webservice/progress.ts';
import { scoringBody, scoringHeaders, sendScoringRequest } from '../webservice/scoring-request.ts';
import type { WebserviceState } from '../webservice/state.ts';
import type { UpdateReport } from '../webservice/update-report.ts';
import {
  type FollowLogsOptions,
  type GetLogsOptions,
  type RunOptions,
  type WaitForDeploymentOptions,
  Webservice,
} from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { checkOptions } from './check-options.ts';
import { lastLogLines } from './failures.ts';
import { type FolderOwner, livingOwner } from './folder-owner.ts';
import type { ServiceFolder } from './service-folder.ts';
import { followServiceLog, readServiceLog } from './service-log.ts';
import { readRecord, type ServiceRecord } from './service-record.ts';

const DEFAULT_TIMEOUT_MS = 60_000;
const POLL_MS = 200;

/**
 * A local service that another process of this machine has deployed: it can be looked at, scored with and its log read, but
 * only its own process changes and deletes it.
 */
export class FoundLocalWebservice extends Webservice {
  /** Name of the class of the service. */
  override readonly kind = 'LocalWebservice';
  readonly #folder: ServiceFolder;
  readonly #owner: FolderOwner;
  readonly #agent = new Agent({ keepAlive: true });
  #record: ServiceRecord;
  #isGone = false;

  private constructor(workspace: Workspace, folder: ServiceFolder, owner: FolderOwner, record: ServiceRecord) {
    super(workspace, record.name);
    this.#folder = folder;
    this.#owner = owner;
    this.#record = record;
  }

  /** Looks into the folder of a service; `undefined` when no other process runs one there. */
  static async find(
    folder: ServiceFolder,
    workspaceOf: (record: ServiceRecord) => Workspace | undefined,
  ): Promise<FoundLocalWebservice | undefined> {
    const owner = await livingOwner(folder.ownerFile).catch(() => undefined);
    const record = owner === undefined ? undefined : await readRecord(folder.recordFile);
    const workspace = record === undefined ? undefined : workspaceOf(record);
    return owner === undefined || record === undefined || workspace === undefined
      ? undefined
      : new FoundLocalWebservice(workspace, folder, owner, record);
  }

  /** Where the service stood when it was last read; `Deleted` also when its process has ended. */
  override get state(): WebserviceState {
    return this.#isGone ? 'Deleted' : this.#record.state;
  }

  /** Address that `run()` posts to; `undefined` until it is known. */
  override get scoringUri(): string | undefined {
    return this.#record.port === null ? undefined : `http://127.0.0.1:${this.#record.port}/score`;
  }

  override async refresh(): Promise<void> {
    const owner = await livingOwner(this.#folder.ownerFile);
    this.#isGone ||= owner?.id !== this.#owner.id;
    if (!this.#isGone) {
      this.#record = (await readRecord(this.#folder.recordFile)) ?? this.#record;
    }
  }

  /**
   * Waits until the service is healthy.
   *
   * @throws {@link DeploymentFailedError} `DEPLOYMENT_FAILED`; {@link WebserviceError} `WEBSERVICE_DELETED`; `TIMEOUT`.
   */
  override async waitForDeployment(options: WaitForDeploymentOptions = {}): Promise<void> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, abortSignal } = options;
    const over = new AbortController();
    const work = this.#untilHealthy(progressReporter(this.name, options), over.signal);
    try {
      await waitAtMost(work, `The deployment of service "${this.name}"`, { timeoutMs, abortSignal });
    } finally {
      over.abort();
      work.catch(() => undefined);
    }
  }

  override update(): Promise<UpdateReport> {
    return this.#refused('update');
  }

  override delete(): Promise<void> {
    return this.#refused('delete');
  }

  override async run<T = unknown>(input: unknown, options: RunOptions = {}): Promise<T> {
    checkOptions('run', options);
    const body = scoringBody(input);
    const headers = scoringHeaders(options);
    await this.refresh();
    const url = this.#living('run()').scoringUri;
    if (url === undefined) {
      throw new WebserviceError(
        'WEBSERVICE_UNREACHABLE',
        `Service "${this.name}" has no port yet. Call waitForDeployment().`,
      );
    }
    const { timeoutMs = DEFAULT_TIMEOUT_MS, abortSignal } = options;
    const cut = new AbortController();
    const work = sendScoringRequest({
      name: this.name,
      url,
      body,
      agent: this.#agent,
      headers,
      abortSignal: cut.signal,
    });
    try {
      return (await waitAtMost(work, `Scoring by service "${this.name}"`, { timeoutMs, abortSignal })) as T;
    } catch (error) {
      throw error instanceof AzuremlError || abortSignal?.aborted ? error : await this.#unreachable(error);
    } finally {
      work.catch(() => undefined);
      cut.abort();
    }
  }

  override async getLogs(options: GetLogsOptions = {}): Promise<string> {
    const text = await readServiceLog(this.#folder.logFile, options);
    await this.refresh();
    this.#living('getLogs()');
    return text;
  }

  override followLogs(options: FollowLogsOptions = {}): AsyncGenerator<string> {
    return endableLines((abortSignal) => this.#follow({ ...options, abortSignal }), options.abortSignal);
  }

  async *#follow(options: FollowLogsOptions): AsyncGenerator<string> {
    await this.refresh();
    this.#living('followLogs()');
    const ended = new AbortController();
    const over = new AbortController();
    const lines = followServiceLog(this.#folder.logFile, options, ended.signal);
    void this.#untilGone(over.signal).then(
      () => ended.abort(),
      () => undefined,
    );
    try {
      yield* lines;
    } finally {
      over.abort();
    }
  }

  /** The service as plain JSON, with the id of the process that runs it. */
  override toJSON(): Record<string, JsonValue> {
    const { port, collectModelData, enableAppInsights, models } = this.#record;
    return {
      ...super.toJSON(),
      port,
      collectModelData,
      enableAppInsights,
      models: [...models],
      directory: this.#folder.path,
      ownerPid: this.#owner.pid,
    };
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
  }

  async #untilHealthy(
    report: (state: WebserviceState, message: string) => void,
    abortSignal: AbortSignal,
  ): Promise<void> {
    for (let last: WebserviceState | undefined; ; last = this.state) {
      await this.refresh();
      if (this.state !== last) {
        report(this.state, `as process ${this.#owner.pid} tells`);
      }
      this.#living('the call');
      if (this.state === 'Healthy') {
        return;
      }
      if (this.state === 'Failed' || this.state === 'Unhealthy') {
        const logs = await lastLogLines(this.#folder.logFile);
        const message = `it is ${this.state}; last log line: ${logs.at(-1) ?? 'none'}`;
        throw new DeploymentFailedError(
          `Service "${this.name}" does not run`,
          { reason: 'PROCESS_EXITED', message, logs },
          'The log has more: getLogs().',
        );
      }
      await sleep(POLL_MS, { abortSignal, keepAlive: true });
    }
  }

  async #untilGone(abortSignal: AbortSignal): Promise<void> {
    while (!this.#isGone) {
      await sleep(POLL_MS, { abortSignal });
      await this.refresh();
    }
  }

  async #unreachable(error: unknown): Promise<WebserviceError> {
    await this.refresh();
    const text = `Service "${this.name}" gave no answer (${errorMessage(error)}); it is ${this.state} now. Whether the input was scored is not known.`;
    return new WebserviceError('WEBSERVICE_UNREACHABLE', text, { cause: error, retryable: true });
  }

  #living(what: string): this {
    if (this.#isGone) {
      const text = `Service "${this.name}" was deleted, or process ${this.#owner.pid} that ran it has ended, so ${what} cannot go on.`;
      throw new WebserviceError('WEBSERVICE_DELETED', text);
    }
    return this;
  }

  async #refused(method: string): Promise<never> {
    throw new AzuremlError(
      'UNSUPPORTED_OPERATION',
      `${method}() of the local service "${this.name}" is up to process ${this.#owner.pid}, which deployed it: call it there, ` +
        'or end that process, which ends the service too.',
      { details: { kind: this.kind, method, ownerPid: this.#owner.pid } },
    );
  }
}
