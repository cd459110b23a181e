import { isAzuremlError } from '@azureml-ts/common';
import type { LongOperation, OperationStatus } from '../../azure/long-operation.ts';
import { masked } from '../../azure/service-fault.ts';
import type { EndpointRecord } from '../endpoint-record.ts';
import { isMissing } from '../online-api.ts';
import { failureLogs } from '../online-logs.ts';
import { updateTraffic } from '../update-endpoint.ts';
import { secretValues, variablesOf } from '../variables.ts';
import { operationByState, readState } from './deploy-state.ts';
import { failureHint } from './failure-hints.ts';
import { currentShares, type OnlinePlan } from './plan-online.ts';
import { takeBack, withRollBack } from './roll-back.ts';
import { sharesAfter, shareText } from './traffic-shares.ts';

type Logs = Readonly<Record<string, readonly string[]>>;

/** Letters of a variable's value that is looked for in a log. */
const LEAST_MASKED = 16;
/** Times that the traffic is tried while somebody else changes the endpoint. */
const MOST_CONFLICTS = 10;

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
  #conflicts = 0;

  /**
   * @param record The endpoint.
   * @param plan What was planned.
   * @param inner The work of the service on the deployment; `undefined` to see it by the deployment's state.
   */
  constructor(record: EndpointRecord, plan: OnlinePlan, inner: LongOperation | undefined) {
    this.#record = record;
    this.#plan = plan;
    this.#inner = inner ?? operationByState(record, plan.checked.deploymentName);
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
        return this.#shift(abortSignal);
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
    const logs = await failureLogs(this.#record.workspace, endpointName, [deploymentName], abortSignal);
    this.#logs = maskedLogs(logs, this.#secrets);
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
    this.#inner = operationByState(this.#record, this.#plan.checked.deploymentName);
    return this.#status(abortSignal);
  }

  /** The shares follow from those of this moment: somebody may have changed them while the deployment was made. */
  async #shift(abortSignal: AbortSignal): Promise<OperationStatus> {
    const { deploymentName, traffic, settings } = this.#plan.checked;
    const { endpoint, others } = await readState(this.#record, deploymentName, { abortSignal });
    const wishes = { deploymentName, traffic, percentile: settings.trafficPercentile };
    const shares = sharesAfter(wishes, currentShares(endpoint), others);
    try {
      if (shares !== undefined) {
        await updateTraffic(this.#record, shares, { wait: true, abortSignal, showOutput: false });
      }
    } catch (error) {
      this.#conflicts += 1;
      if (!isAzuremlError(error, 'CONFLICT') || this.#conflicts === MOST_CONFLICTS) {
        throw error;
      }
      return {
        state: 'Running',
        message: 'Deployed; the traffic is set once the other change of the endpoint is done',
      };
    }
    return { state: 'Succeeded', message: 'Succeeded' };
  }

  async #takeBack(abortSignal: AbortSignal): Promise<OperationStatus> {
    const { rollBack, checked } = this.#plan;
    const { deploymentName } = checked;
    const part = { record: this.#record, deploymentName, rollBack, secrets: this.#secrets };
    this.#takenBack = await takeBack(part, abortSignal);
    this.#stage = 'takenBack';
    return this.#failed();
  }

  #failed(): OperationStatus {
    const status = this.#failure as OperationStatus;
    const hasLogs = Object.values(this.#logs).flat().length > 0;
    const hint = status.hint ?? failureHint(status.fault) ?? (hasLogs ? 'See its last log lines in `logs`.' : '');
    return withRollBack({ ...status, hint }, this.#takenBack);
  }

  get #secrets(): string[] {
    const { deploymentBody = {}, rollBack } = this.#plan;
    const bodies = rollBack.kind === 'restore' ? [deploymentBody, rollBack.before] : [deploymentBody];
    return bodies.flatMap((body) => secretValues(variablesOf(body)));
  }
}

/** Logs without the texts that were given as secrets. Short ones are words that a log has for other reasons. */
function maskedLogs(logs: Logs, secrets: readonly string[]): Logs {
  const long = secrets.filter((secret) => secret.length >= LEAST_MASKED);
  return Object.fromEntries(
    Object.entries(logs).map(([container, lines]) => [container, lines.map((line) => masked(line, long))]),
  );
}
