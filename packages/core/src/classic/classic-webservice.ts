import { createLogger, isAzuremlError, ValidationError, type WaitOptions } from '@azureml-ts/common';
import { waitForOperation } from '../azure/long-operation.ts';
import type { UpdateReport } from '../webservice/update-report.ts';
import type { DeleteOptions, UpdateOptions, WaitForDeploymentOptions } from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { textOf } from './attributes.ts';
import { checkOptions } from './check-options.ts';
import { ClassicAccess } from './classic-access.ts';
import { classicOperation, isTold, unescapedFault } from './classic-operation.ts';
import { kindOf, otherKind } from './compute-type.ts';
import type { DeployFromImageOptions } from './create/deploy-classic.ts';
import { deleteService } from './delete-service.ts';
import type { FieldWish } from './json-patch.ts';
import type { ClassicListOptions } from './list-services.ts';
import { changeReport, nothingToUpdate, patchService, readOn, type ServiceChange } from './patch-service.ts';
import { type PendingOperation, serviceStateOperation, waitSubject } from './pending-operation.ts';
import { fetchLogs, fetchService, limits } from './service-requests.ts';
import { checkTexts } from './texts.ts';
import { timeBudget } from './time-budget.ts';

const log = createLogger('core');

/**
 * A web service of the classic plane, on AKS or ACI: what these kinds have in common. Support for them has ended; services
 * that were made still run.
 *
 * Attributes are those of when the service was last read; `refresh()` reads it again.
 *
 * Source: `azureml.core.webservice.Webservice`; the classic service, v1.0.
 */
export abstract class ClassicWebservice extends ClassicAccess {
  #pending: PendingOperation | undefined;
  #operationId: string | undefined;

  /**
   * Reads a classic service, whatever its kind.
   *
   * @param workspace Whose service.
   * @param name Its name.
   * @param options `timeoutMs`, `abortSignal`.
   * @throws {@link WebserviceNotFoundError} `WEBSERVICE_NOT_FOUND`.
   */
  static override async get(workspace: Workspace, name: string, options: WaitOptions = {}): Promise<ClassicWebservice> {
    // Loaded late: it knows the classes that are made from this one.
    const { openService } = await import('./classic-plane.ts');
    return openService(workspace, name, options);
  }

  /**
   * Lists classic services of all kinds, a page at a time as they are asked for.
   *
   * @param workspace Whose services.
   * @param options Filters, which all must fit; `timeoutMs` for each page, `abortSignal`.
   * @throws {@link ValidationError} `VALIDATION` for a compute type that is not there, or a tag with a comma.
   */
  static override async *list(
    workspace: Workspace,
    options: ClassicListOptions = {},
  ): AsyncGenerator<ClassicWebservice> {
    const { listClassic } = await import('./classic-plane.ts');
    yield* listClassic(workspace, options);
  }

  /**
   * Makes a service from an image that the classic service has built before.
   *
   * Source: `Webservice.deploy_from_image` of azureml-core, which ignores `collectModelData` and keys for ACI.
   *
   * @param workspace Whose service.
   * @param options Name, image, configuration and, for AKS, the cluster.
   * @throws {@link DeploymentConfigurationError} `DEPLOYMENT_CONFIGURATION_INVALID`, listing every fault;
   *   {@link WebserviceError} `WEBSERVICE_EXISTS`, `REQUEST_REFUSED`.
   */
  static async deployFromImage(workspace: Workspace, options: DeployFromImageOptions): Promise<ClassicWebservice> {
    const { deployImage } = await import('./create/deploy-classic.ts');
    return deployImage(workspace, options);
  }

  /** Id of the operation that was last begun with this object, to quote to support; `undefined` when there was none. */
  get operationId(): string | undefined {
    return this.#operationId;
  }

  /**
   * Reads the service again.
   *
   * Source: `update_deployment_state` of azureml-core.
   *
   * @throws {@link WebserviceNotFoundError} `WEBSERVICE_NOT_FOUND` when it is gone; {@link WebserviceError}
   *   `WEBSERVICE_OF_OTHER_KIND` when another one has taken its name.
   */
  override async refresh(options: WaitOptions = {}): Promise<void> {
    checkOptions('refresh', options, this.kind);
    const resource = await fetchService(this.workspace, this.name, limits(options));
    const computeType = textOf(resource, 'computeType');
    if (kindOf(computeType) !== this.kind) {
      throw otherKind(this.name, this.kind, computeType);
    }
    this.adopt(resource);
  }

  /**
   * Waits for the end of the operation that the last call here has begun; without one, until the service is `Healthy` or
   * `Failed`. Then the service is read again.
   *
   * Source: `wait_for_deployment` of azureml-core, which cannot wait without an operation.
   *
   * @param options `timeoutMs` (default one hour), `abortSignal`, `onProgress`, `showOutput`. Giving up does not end the
   *   operation.
   * @throws {@link DeploymentFailedError} `DEPLOYMENT_FAILED` with the service's code as `reason`, its details, the ids and
   *   the last log lines of both containers.
   * @throws {@link WebserviceNotFoundError} `WEBSERVICE_NOT_FOUND` when it is deleted meanwhile; `TIMEOUT`; the signal's
   *   reason.
   */
  override async waitForDeployment(options: WaitForDeploymentOptions = {}): Promise<void> {
    checkOptions('waitForDeployment', options, this.kind);
    const { workspace, name } = this;
    const pending = this.#pending;
    const subject = waitSubject(this, pending, workspace.clientOptions.pollIntervalMs, (numLines, container, signal) =>
      fetchLogs(workspace, name, numLines, container, { abortSignal: signal }),
    );
    const next = timeBudget(subject.what, options);
    if (pending === undefined) {
      await waitForOperation(serviceStateOperation(this), subject, options);
      return;
    }
    const operation = classicOperation(workspace, {
      ...pending,
      isTold: isTold(options),
      onFailed: async (abortSignal) => {
        await readOn(pending.what, () => this.refresh({ abortSignal }), abortSignal);
        return unescapedFault(this.raw['error'], pending.secrets);
      },
    });
    await waitForOperation(operation, subject, { ...options, ...next() });
    if (this.#pending === pending) {
      this.#pending = undefined;
    }
    await this.refresh(next());
    if (pending.doneState !== 'Healthy') {
      this.becomes(pending.doneState);
    }
  }

  /**
   * Deletes the service. It is no error when it is gone already.
   *
   * Source: `delete` of azureml-core, which says nothing when the deletion fails.
   *
   * @param options `wait` (default `true`), `timeoutMs` (default one hour), `abortSignal`, `onProgress`, `showOutput`.
   * @throws {@link DeploymentFailedError} `DEPLOYMENT_FAILED` when the deletion failed; `CONFLICT` when the service is busy;
   *   `REQUEST_REFUSED` when the service's check says no.
   */
  override async delete(options: DeleteOptions = {}): Promise<void> {
    checkOptions('delete', options, this.kind);
    const isChecked = this.kind !== 'UnknownWebservice';
    const service = { name: this.name, isChecked };
    try {
      const state = await deleteService(this.workspace, service, options, () => this.becomes('Deleting'));
      this.#pending = undefined;
      this.becomes(state);
    } catch (error) {
      if (isAzuremlError(error, 'DEPLOYMENT_FAILED')) {
        this.adopt(this.raw);
      }
      throw error;
    }
  }

  /**
   * Adds tags, or gives tags another value; the others stay.
   *
   * Source: `add_tags` of azureml-core, which changes the object even when the service refuses.
   *
   * @param tags Names and values.
   * @param options As of `update()`.
   */
  async addTags(tags: Readonly<Record<string, string>>, options: UpdateOptions = {}): Promise<UpdateReport> {
    checkTexts('tags', tags);
    return this.#retag({ ...this.tags, ...tags }, options);
  }

  /**
   * Takes tags away. Names that the service does not have are left out; when it has none of them, nothing is sent.
   *
   * Source: `remove_tags` of azureml-core.
   *
   * @param tags Names of the tags, or one name.
   * @param options As of `update()`.
   */
  async removeTags(tags: string | readonly string[], options: UpdateOptions = {}): Promise<UpdateReport> {
    const names: readonly unknown[] = typeof tags === 'string' ? [tags] : tags;
    if (!Array.isArray(names) || names.length === 0 || !names.every((name) => typeof name === 'string')) {
      throw new ValidationError({ path: 'tags', expected: 'a name, or a list of names', received: tags });
    }
    const before = this.tags;
    const absent = names.filter((name) => !Object.hasOwn(before, name));
    if (absent.length > 0) {
      log.info(`the service "${this.name}" has no tag ${absent.join(', ')}`);
    }
    if (absent.length === names.length) {
      checkOptions('update', options, this.kind);
      const change = { what: '', wishes: [], isRolling: false };
      return changeReport(this, this.raw, change, options.dryRun === true ? 'planned' : 'unchanged');
    }
    const kept = Object.entries(before).filter(([name]) => !names.includes(name));
    return this.#retag(Object.fromEntries(kept), options);
  }

  /**
   * Adds properties; the others stay. A property cannot be taken away.
   *
   * Source: `add_properties` of azureml-core, which sends all properties anew.
   *
   * @param properties Names and values.
   * @param options As of `update()`.
   */
  async addProperties(
    properties: Readonly<Record<string, string>>,
    options: UpdateOptions = {},
  ): Promise<UpdateReport> {
    checkTexts('properties', properties);
    const wishes = Object.entries(properties).map(
      ([name, value]): FieldWish => ({ path: ['properties', name], value, op: 'add' }),
    );
    return this.change({ what: this.updateWords, wishes, isRolling: false }, options);
  }

  /** Names an update, for messages. @internal */
  protected get updateWords(): string {
    return `The update of "${this.name}"`;
  }

  /** Changes the service: check, patch, read again, and wait if asked to. @internal */
  protected async change(change: ServiceChange, options: UpdateOptions): Promise<UpdateReport> {
    checkOptions('update', options, this.kind);
    if (change.wishes.length === 0) {
      throw nothingToUpdate(change.what);
    }
    const next = timeBudget(change.what, options);
    if (options.dryRun === true) {
      await this.refresh(next());
      return changeReport(this, this.raw, change, 'planned');
    }
    const before = this.raw;
    const begun = await patchService(this.workspace, this.name, before, change, next);
    this.expect(begun && { ...begun, what: change.what, runningState: 'Transitioning', doneState: 'Healthy' });
    if (change.wishes.some(({ path }) => path.at(-1) === 'authEnabled' || path.at(-1) === 'aadAuthEnabled')) {
      this.forgetSecret();
    }
    await readOn(change.what, () => this.refresh(next()), options.abortSignal);
    if (options.wait === true && begun !== undefined) {
      const { onProgress, showOutput } = options;
      await this.waitForDeployment({ onProgress, showOutput, ...next() });
    }
    return changeReport(this, before, change, begun === undefined || options.wait === true ? 'completed' : 'accepted');
  }

  /** Keeps the operation that `waitForDeployment()` waits for. @internal */
  protected expect(pending: PendingOperation | undefined): void {
    this.#pending = pending;
    this.#operationId = pending?.id ?? this.#operationId;
  }

  /** The same, for a deployment. @internal */
  expectEnd(pending: PendingOperation | undefined): void {
    this.expect(pending);
  }

  #retag(tags: Record<string, string>, options: UpdateOptions): Promise<UpdateReport> {
    const wishes = [{ path: ['kvTags'], value: tags }];
    return this.change({ what: this.updateWords, wishes, isRolling: false }, options);
  }
}
