import type { WaitOptions } from '@azureml-ts/common';
import type { JsonObject } from '../azure/json-object.ts';
import { waitForOperation } from '../azure/long-operation.ts';
import { WebserviceError } from '../errors.ts';
import type { RotateKeysOptions } from '../online/endpoint-secrets.ts';
import { followLog } from '../webservice/follow-logs.ts';
import { Scorer, type ScoringSecret } from '../webservice/scorer.ts';
import type { ServiceKeys } from '../webservice/service-keys.ts';
import type {
  FollowLogsOptions,
  GetLogsOptions,
  KeyName,
  RegenerateKeyOptions,
  RunOptions,
} from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { checkLogOptions, checkOptions } from './check-options.ts';
import { ClassicAttributes } from './classic-attributes.ts';
import { classicOperation } from './classic-operation.ts';
import { rotateKeys } from './rotate-keys.ts';
import { checkKey, fetchKeys, fetchLogs, fetchToken, limits, startKeyChange } from './service-requests.ts';
import { timeBudget } from './time-budget.ts';

const DEFAULT_NUM_LINES = 5_000;
const FOLLOW_NUM_LINES = 100;
const FOLLOW_INTERVAL_MS = 2_000;

/** Using a classic web service: scoring, keys and logs. */
export abstract class ClassicAccess extends ClassicAttributes {
  readonly #scorer: Scorer;
  /** The key that scores: the one that is not being made anew. */
  #scoringKey: KeyName = 'primary';

  /** @internal */
  protected constructor(workspace: Workspace, resource: JsonObject) {
    super(workspace, resource);
    this.#scorer = new Scorer({
      name: this.name,
      clientOptions: workspace.clientOptions,
      fetchSecret: (abortSignal) => this.#fetchSecret(abortSignal),
    });
  }

  /**
   * Scores: sends an input and returns the answer. The key or token is fetched once, and again when the service refuses it;
   * a service without authentication gets no `Authorization`.
   *
   * Source: `run` of azureml-core, which fetches the keys anew for each call and repeats calls that fail.
   *
   * @param input A string or bytes are sent as they are, anything else as JSON.
   * @param options `timeoutMs` for the whole (default 60,000), `abortSignal`, `requestId`, `headers`.
   * @returns The answer: JSON parsed, other text as text, other content types as a Buffer.
   * @throws {@link WebserviceError} `SCORING_FAILED` with `statusCode` and `requestId`; `WEBSERVICE_UNREACHABLE`, also
   *   when the service has no address yet.
   * @throws {@link ValidationError} `VALIDATION` when the input has no JSON form; `TIMEOUT`; the signal's reason.
   */
  override async run<T = unknown>(input: unknown, options: RunOptions = {}): Promise<T> {
    checkOptions('run', options, this.kind);
    const { scoringUri } = this;
    if (scoringUri === undefined || scoringUri === '') {
      throw new WebserviceError(
        'WEBSERVICE_UNREACHABLE',
        `The service "${this.name}" has no address to score at; it was ${this.state} when it was last read. ` +
          'Call waitForDeployment(), or refresh() and see its error.',
        { retryable: this.state === 'Transitioning', details: { state: this.state, error: this.error ?? null } },
      );
    }
    return (await this.#scorer.run(scoringUri, input, options)) as T;
  }

  /**
   * Last lines of the service's log.
   *
   * Source: `get_logs` of azureml-core; `container: 'storage-initializer'` is its `init=True`.
   *
   * @param options `numLines` (default 5,000; 0 or more), `container` (default `inference-server`), `timeoutMs`,
   *   `abortSignal`.
   * @throws {@link WebserviceNotFoundError} `WEBSERVICE_NOT_FOUND` also when no container runs yet.
   */
  override async getLogs(options: GetLogsOptions = {}): Promise<string> {
    checkOptions('getLogs', options, this.kind);
    checkLogOptions(options);
    const { numLines = DEFAULT_NUM_LINES, container = 'inference-server' } = options;
    return fetchLogs(this.workspace, this.name, numLines, container, limits(options));
  }

  /**
   * New lines of the service's log as they come, after the last ones that are there already. The service has no stream: its
   * log is read again and again, and a place where lines may be missing is marked by a line of its own.
   *
   * @param options `intervalMs` (default 2,000), `numLines` that come first (default 100), `container`; `abortSignal` ends
   *   it quietly.
   */
  override followLogs(options: FollowLogsOptions = {}): AsyncIterable<string> {
    checkOptions('followLogs', options, this.kind);
    checkLogOptions(options);
    const { container = 'inference-server', abortSignal } = options;
    return followLog({
      read: (numLines, signal) => fetchLogs(this.workspace, this.name, numLines, container, { abortSignal: signal }),
      intervalMs: options.intervalMs ?? FOLLOW_INTERVAL_MS,
      numLines: options.numLines ?? FOLLOW_NUM_LINES,
      abortSignal,
    });
  }

  /**
   * The keys. They are masked when they are printed or turned into JSON.
   *
   * Source: `get_keys` of azureml-core; POST services/{name}/listkeys.
   */
  override async getKeys(options: WaitOptions = {}): Promise<ServiceKeys> {
    checkOptions('getKeys', options, this.kind);
    return fetchKeys(this.workspace, this.name, limits(options));
  }

  /**
   * Makes one of the two keys anew, or sets it, and waits for the end of that. Read the new one with `getKeys()`.
   *
   * Source: `regen_key` of azureml-core; POST services/{name}/regenerateKeys.
   *
   * @param key `primary` or `secondary`.
   * @param options `keyValue` (default: the service makes one), `timeoutMs` (default one hour), `abortSignal`, progress.
   * @throws {@link DeploymentFailedError} `DEPLOYMENT_FAILED` when the operation failed: the old key stays.
   */
  override async regenerateKey(key: KeyName, options: RegenerateKeyOptions = {}): Promise<void> {
    checkOptions('regenerateKey', options, this.kind);
    const what = `The change of the ${key} key of "${this.name}"`;
    const next = timeBudget(what, options);
    checkKey(key, options.keyValue);
    // Calls of run() go on with the other key meanwhile: they never meet one that has just ended.
    this.#scoringKey = key === 'primary' ? 'secondary' : 'primary';
    this.forgetSecret();
    try {
      const begun = await startKeyChange(this.workspace, this.name, key, options.keyValue, next());
      if (begun !== undefined) {
        await waitForOperation(
          classicOperation(this.workspace, { ...begun, what, isTold: false, hasContentType: true }),
          {
            what,
            name: this.name,
            runningState: this.state,
            doneState: this.state,
            pollIntervalMs: this.workspace.clientOptions.pollIntervalMs,
          },
          { ...options, ...next() },
        );
      }
    } finally {
      // Both are valid again; the one at hand was not touched.
      this.#scoringKey = 'primary';
    }
  }

  /**
   * Makes both keys anew without a moment in which callers have no valid key: makes the secondary key anew, hands it out,
   * and only then makes the primary key anew and hands it out. `run()` of this object goes on meanwhile.
   *
   * @param options `onKey` (needed), `timeoutMs` for all of it (default one hour for each key), `abortSignal`, progress.
   * @returns The new keys.
   * @throws What `onKey` threw: when that was for the secondary key, the primary key stays as it was. `KEY_UNCHANGED`;
   *   {@link DeploymentFailedError} `DEPLOYMENT_FAILED`.
   */
  async rotateKeys(options: RotateKeysOptions): Promise<ServiceKeys> {
    checkOptions('rotateKeys', options, this.kind);
    return rotateKeys(this, options);
  }

  /** Fetches the key or token again before the next call of `run()`. @internal */
  protected forgetSecret(): void {
    this.#scorer.forgetSecret();
  }

  async #fetchSecret(abortSignal: AbortSignal): Promise<ScoringSecret | undefined> {
    if (this.tokenAuthEnabled) {
      const { accessToken, refreshAfter } = await fetchToken(this.workspace, this.name, { abortSignal });
      return { value: accessToken, refreshAfter: refreshAfter.getTime() };
    }
    if (this.authEnabled === true) {
      const keys = await fetchKeys(this.workspace, this.name, { abortSignal });
      // Chosen after the answer: meanwhile the other one may have become the one to use.
      return { value: this.#scoringKey === 'primary' ? keys.primaryKey : keys.secondaryKey };
    }
    return undefined;
  }
}
