import type { WaitOptions } from '@azureml-ts/common';
import { isJsonObject, type JsonObject, textAt } from '../azure/json-object.ts';
import type { OperationSubject } from '../azure/long-operation.ts';
import { WebserviceError } from '../errors.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { isMissing, OnlineApi } from './online-api.ts';
import { OnlineDeployment } from './online-deployment.ts';
import { failureLogs } from './online-logs.ts';
import { type ProvisioningState, stateWith } from './online-state.ts';
import { PendingOperations } from './pending-operations.ts';
import type { Provisioned } from './provisioning.ts';

/** What is known of an online endpoint: the last readings of it and its deployments, and the operations begun here. */
export class EndpointRecord {
  readonly workspace: Workspace;
  readonly name: string;
  readonly api: OnlineApi;
  readonly pending = new PendingOperations();
  /** The endpoint as it was answered last. */
  endpoint: JsonObject;
  /** Whether it was deleted, by this process or before its eyes. */
  isDeleted = false;
  #deployments: readonly JsonObject[] | undefined;

  /**
   * @param workspace Workspace of the endpoint.
   * @param name Name of the endpoint.
   * @param endpoint The endpoint as it was answered.
   */
  constructor(workspace: Workspace, name: string, endpoint: JsonObject) {
    this.workspace = workspace;
    this.name = name;
    this.endpoint = endpoint;
    this.api = new OnlineApi(workspace, name);
  }

  /** The deployments as they were read last; `undefined` when they were not. */
  get deployments(): readonly OnlineDeployment[] | undefined {
    return this.#deployments?.map((resource) => new OnlineDeployment(resource));
  }

  /** Provisioning state of the endpoint itself. */
  get provisioningState(): ProvisioningState | undefined {
    return textAt(this.endpoint, 'properties', 'provisioningState');
  }

  /** State of the endpoint with its deployments. */
  get state(): string {
    const states = (this.deployments ?? []).map(({ provisioningState }) => provisioningState);
    return this.isDeleted ? 'Deleted' : stateWith(this.provisioningState, states);
  }

  /** The endpoint and its deployments, with where each stands. */
  get provisioned(): Provisioned[] {
    return [
      { label: 'the endpoint', state: this.provisioningState },
      ...(this.deployments ?? []).map(({ name, provisioningState: state }) => ({
        label: `deployment "${name}"`,
        state,
      })),
    ];
  }

  /** Reads the endpoint and its deployments. */
  async read(options: WaitOptions): Promise<void> {
    await this.noticingDeletion(async () => {
      this.endpoint = await this.api.readEndpoint(options);
      await this.readDeployments(options);
    });
  }

  /** Does a request that is answered 404 only when the endpoint itself is gone. */
  async noticingDeletion<T>(request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      this.isDeleted = this.isDeleted || isMissing(error);
      throw error;
    }
  }

  /** Reads the deployments. */
  async readDeployments(options: WaitOptions): Promise<readonly OnlineDeployment[]> {
    const found = await this.api.readDeployments(options);
    this.#deployments = found;
    return found.map((resource) => new OnlineDeployment(resource));
  }

  /** Keeps the answer to a write. */
  take(deploymentName: string | undefined, resource: unknown): void {
    // Some services answer a write with nothing, or with less.
    if (!isJsonObject(resource) || !isJsonObject(resource['properties'])) {
      return;
    }
    if (deploymentName === undefined) {
      this.endpoint = resource;
    } else {
      this.#deployments = this.#deployments?.map((old) => (old['name'] === deploymentName ? resource : old));
    }
  }

  /**
   * What an operation is about.
   *
   * @param what The work, for messages.
   * @param deploymentNames Whose logs go with a failure. Default: those of the deployments that failed.
   */
  subject(what: string, deploymentNames?: readonly string[]): OperationSubject {
    const label = deploymentNames?.length === 1 ? `${this.name}/${deploymentNames[0]}` : this.name;
    return {
      what,
      name: label,
      runningState: 'Transitioning',
      doneState: 'Healthy',
      pollIntervalMs: this.workspace.clientOptions.pollIntervalMs,
      logs: (abortSignal) =>
        failureLogs(
          this.workspace,
          this.name,
          deploymentNames ?? (this.deployments ?? []).flatMap(({ name, state }) => (state === 'Failed' ? [name] : [])),
          abortSignal,
        ),
    };
  }

  /** Whether the endpoint, or one of its deployments, was not there any more when it was read last. */
  lacks(deploymentName: string | undefined): boolean {
    const isThere = deploymentName === undefined || this.deployments?.some(({ name }) => name === deploymentName);
    return this.isDeleted || isThere === false;
  }

  /** The error of a call after, or in the middle of, the deletion. */
  deleted(what: string, deploymentName: string | undefined, cause?: unknown): WebserviceError {
    const part = this.isDeleted || deploymentName === undefined ? '' : `deployment "${deploymentName}" of `;
    return new WebserviceError(
      'WEBSERVICE_DELETED',
      `${what} ended because ${part}${this.api.subject} was deleted. Deploy it again, or take another name.`,
      { cause },
    );
  }
}
