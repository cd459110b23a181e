import { isAzuremlError } from '@azureml-ts/common';
import type { LongOperation, OperationStatus } from '../../azure/long-operation.ts';
import type { EndpointRecord } from '../endpoint-record.ts';
import { isMissing } from '../online-api.ts';
import { failureLogs } from '../online-logs.ts';
import { provisioningOperation } from '../provisioning.ts';
import { updateTraffic } from '../update-endpoint.ts';
import { provisioningOf, readState } from './deploy-state.ts';
import { failureHint } from './failure-hints.ts';
import { currentShares, type OnlinePlan } from './plan-online.ts';
import { takeBack } from './roll-back.ts';
import { sharesAfter, shareText } from './traffic-shares.ts';

type Logs = Readonly<Record<string, readonly string[]>>;

/**
 * What goes on after the service accepted a deployment, as one operation: the deployment itself, then the traffic; when it
 * failed, its logs are read and it is taken back. A step that was cut off is done again with the next look.
 */
export class DeploymentRun implements LongOperation {
  readonly id: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly #record: EndpointRecord;
  readonly #plan: OnlinePlan;
  #inner: LongOperation;
  #stage: 'deploying' | 'traffic' | 'failed' | 'takenBack' = 'deploying';
  #failure: OperationStatus | undefined;
  #logs: Logs = {};
  #takenBack: string | undefined;

  /**
   * @param record The endpoint.
   * @param plan What was planned.
   * @param inner The work of the service on the deployment; `undefined` to see it by the deployment's state.
   */
  constructor(record: EndpointRecord, plan: OnlinePlan, inner: LongOperation | undefined) {
    this.#record = record;
    this.#plan = plan;
    this.#inner = inner ?? this.#byState();
    this.id = inner?.id;
    this.retryAfterMs = inner?.retryAfterMs;
  }

  /** Last log lines of a deployment that failed, read before it was taken back. */
  get logs(): Logs {
    return this.#logs;
  }

  async poll(abortSignal: AbortSignal): Promise<OperationStatus> {
    switch (this.#stage) {
      case 'deploying':
        return this.#deploying(abortSignal);
      case 'traffic':
        await this.#shift(abortSignal);
        return { state: 'Succeeded', message: 'Succeeded' };
      case 'failed':
        return this.#takeBack(abortSignal);
      default:
        return this.#failed();
    }
  }

  async #deploying(abortSignal: AbortSignal): Promise<OperationStatus> {
    const status = await this.#status(abortSignal);
    if (status.state === 'Running') {
      return status;
    }
    if (status.state === 'Succeeded') {
      const { traffic } = this.#plan;
      if (traffic === undefined) {
        return status;
      }
      this.#stage = 'traffic';
      return { state: 'Running', message: `Deployed; setting the traffic: ${shareText(traffic)}`, retryAfterMs: 0 };
    }
    const { endpointName, deploymentName } = this.#plan.checked;
    this.#logs = await failureLogs(this.#record.workspace, endpointName, [deploymentName], abortSignal);
    this.#failure = status;
    this.#stage = 'failed';
    const next = this.#plan.rollBack.kind === 'none' ? '' : '; taking it back';
    return { state: 'Running', message: `The deployment failed${next}`, retryAfterMs: 0 };
  }

  async #status(abortSignal: AbortSignal): Promise<OperationStatus> {
    try {
      return await this.#inner.poll(abortSignal);
    } catch (error) {
      if (isMissing(error)) {
        const message = 'The deployment was deleted while it was made';
        return { state: 'Failed', message, fault: { code: 'WEBSERVICE_DELETED', message } };
      }
      if (!isAzuremlError(error, 'OPERATION_NOT_FOUND')) {
        throw error;
      }
    }
    // The service forgot it: where the deployment stands tells how it went.
    this.#inner = this.#byState();
    return this.#status(abortSignal);
  }

  #byState(): LongOperation {
    const { deploymentName } = this.#plan.checked;
    return provisioningOperation(async (abortSignal) => [
      {
        label: `deployment "${deploymentName}"`,
        state: provisioningOf(await this.#record.api.readDeployment(deploymentName, { abortSignal })),
      },
    ]);
  }

  /** The shares follow from those of this moment: somebody may have changed them while the deployment was made. */
  async #shift(abortSignal: AbortSignal): Promise<void> {
    const { deploymentName, traffic, settings } = this.#plan.checked;
    const { endpoint, others } = await readState(this.#record, deploymentName, { abortSignal });
    const wishes = { deploymentName, traffic, percentile: settings.trafficPercentile };
    const shares = sharesAfter(wishes, currentShares(endpoint), others);
    if (shares !== undefined) {
      await updateTraffic(this.#record, shares, { wait: true, abortSignal, showOutput: false });
    }
  }

  async #takeBack(abortSignal: AbortSignal): Promise<OperationStatus> {
    const { rollBack, checked } = this.#plan;
    this.#takenBack = await takeBack(this.#record, checked.deploymentName, rollBack, abortSignal);
    this.#stage = 'takenBack';
    return this.#failed();
  }

  #failed(): OperationStatus {
    const status = this.#failure as OperationStatus;
    const hasLogs = Object.values(this.#logs).flat().length > 0;
    const hint = status.hint ?? failureHint(status.fault) ?? (hasLogs ? 'See its last log lines in `logs`.' : '');
    const done = this.#takenBack === undefined ? '' : ` Rolled back: ${this.#takenBack}.`;
    return { ...status, hint: `${hint}${done}`.trim(), rolledBack: this.#takenBack };
  }
}
