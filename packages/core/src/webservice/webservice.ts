import { inspect } from 'node:util';
import type { JsonValue, WaitOptions } from '@azureml-ts/common';
import type { Workspace } from '../workspace/workspace.ts';
import type { ProgressOptions } from './progress.ts';

/**
 * State of a service, in the words of the classic service: `Transitioning` (starting, or restarting for an update),
 * `Healthy`, `Failed` (did not start), `Unhealthy` (was healthy, then stopped by itself), `Deleting`, `Deleted`.
 */
export type WebserviceState = 'Transitioning' | 'Healthy' | 'Unhealthy' | 'Failed' | 'Deleting' | 'Deleted';

/** Options of {@link Webservice.waitForDeployment}. */
export interface WaitForDeploymentOptions extends WaitOptions, ProgressOptions {}

/** Options of {@link Webservice.update}. */
export interface UpdateOptions extends WaitOptions, ProgressOptions {
  /** Waits until the service is healthy with the new settings. Default `true`; `false` returns once the update is accepted. */
  readonly wait?: boolean | undefined;
}

/** Options of {@link Webservice.getLogs}. */
export interface GetLogsOptions {
  /** How many of the last lines to return. Default 5,000. */
  readonly numLines?: number | undefined;
}

/** Options of {@link Webservice.run}. */
export interface RunOptions extends WaitOptions {
  /** Id of the request, sent as `x-request-id`; at most 100 characters. Default: the service makes one. */
  readonly requestId?: string | undefined;
  /** Further request headers, but none that says how the request travels (`content-length`, `host`, ...). */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * A deployed model behind HTTP: what every kind of service has in common.
 *
 * `await using` deletes the service at the end of the block.
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

  /** State of the service now. */
  abstract get state(): WebserviceState;

  /** Where to POST scoring requests; `undefined` until it is known. */
  abstract get scoringUri(): string | undefined;

  /** Where the service describes itself: `swagger.json` beside {@link scoringUri}. */
  get swaggerUri(): string | undefined {
    return this.scoringUri?.replace(/[^/]*$/, 'swagger.json');
  }

  /** Waits until the service is healthy. */
  abstract waitForDeployment(options?: WaitForDeploymentOptions): Promise<void>;

  /** Changes settings of the service; settings left out, or `undefined`, stay. */
  abstract update(changes: object, options?: UpdateOptions): Promise<void>;

  /** Scores: sends an input and returns the answer. Never sent twice. */
  abstract run<T = unknown>(input: unknown, options?: RunOptions): Promise<T>;

  /** Last lines of the service's log. */
  abstract getLogs(options?: GetLogsOptions): Promise<string>;

  /** Deletes the service. */
  abstract delete(): Promise<void>;

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

  /** Deletes the service, keeping its collected rows. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.delete();
  }

  /** @internal */
  [inspect.custom](depth: number, options: object): string {
    return `${this.kind} ${inspect(this.toJSON(), { ...options, depth })}`;
  }
}
