import { isAzuremlError } from '@azureml-ts/common';
import { isJsonObject, type JsonObject, textAt } from '../../azure/json-object.ts';
import { limited } from '../../azure/limited.ts';
import { type LongOperation, waitForOperation } from '../../azure/long-operation.ts';
import { managementOperation } from '../../azure/management-operation.ts';
import { makeEnvironment } from '../../environment/register-environment.ts';
import { makeModel } from '../../model/registered-models.ts';
import type { UploadProgress } from '../../upload/upload-content.ts';
import { type ProgressOptions, progressReporter } from '../../webservice/progress.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import type { EndpointRecord } from '../endpoint-record.ts';
import { OnlineEndpoint } from '../online-endpoint.ts';
import { isMoving, stateOf } from '../online-state.ts';
import type { PendingOperation } from '../pending-operations.ts';
import { updateTraffic } from '../update-endpoint.ts';
import { secretValues, variablesOf } from '../variables.ts';
import { WriteTurn } from '../write-turns.ts';
import { checkOnlineDeploy } from './check-online-deploy.ts';
import type { DeployOnlineInternals, OnlineDeployOptions } from './deploy-options.ts';
import { operationByState, provisioningOf, readState, stateAtRest, unfinished } from './deploy-state.ts';
import { deploymentDifferences } from './deployment-differences.ts';
import { DeploymentRun } from './deployment-run.ts';
import { failureHint, withFailureHint } from './failure-hints.ts';
import { type OnlinePlan, planOnline } from './plan-online.ts';
import { type FailedPart, takeBack, withRollBack } from './roll-back.ts';

type SignalledOptions = ProgressOptions & { readonly abortSignal: AbortSignal };

/**
 * Deploys to an online endpoint; see `Model.deploy`. Makes what is missing, in this order: the model's version, the
 * environment's version, the endpoint, the deployment, the traffic. What is there already is left alone, so that a deployment
 * that was interrupted is finished by the same call.
 *
 * @param workspace Whose endpoint.
 * @param options The deployment.
 * @param internals For tests.
 */
export async function deployOnline(
  workspace: Workspace,
  options: OnlineDeployOptions,
  internals: DeployOnlineInternals = {},
): Promise<OnlineEndpoint> {
  const checked = await checkOnlineDeploy(options, internals);
  const { endpointName, deploymentName } = checked;
  const { timeoutMs, abortSignal: given, onProgress, showOutput, wait = false } = options;
  const what = `The deployment of "${endpointName}"`;
  return limited(what, { timeoutMs, abortSignal: given }, async (abortSignal) => {
    const inner = { abortSignal, onProgress, showOutput };
    const service = new OnlineEndpoint(workspace, endpointName, {});
    await service.begin(async (record) => {
      const state = await stateAtRest(record, deploymentName, inner);
      const plan = await planOnline(workspace, checked, state, { abortSignal });
      return begin(workspace, record, plan, inner);
    });
    await service.refresh({ abortSignal });
    if (wait) {
      await service.waitForDeployment(inner);
    }
    return service;
  });
}

/** Does what was planned, up to where the service works on the deployment. */
async function begin(
  workspace: Workspace,
  record: EndpointRecord,
  plan: OnlinePlan,
  options: SignalledOptions,
): Promise<PendingOperation | undefined> {
  const { abortSignal } = options;
  const { deploymentName } = plan.checked;
  const tell = progressReporter(record.name, options);
  if (plan.endpointBody === undefined && plan.checked.settings.primaryKey !== undefined) {
    const message = 'The endpoint is there already: its keys stay; regenerateKey() with a keyValue sets them';
    tell('Transitioning', message, 'running');
  }
  if (plan.model !== undefined) {
    const { name, version } = plan.model;
    const onUpload = uploadTeller(`model ${name}:${version}`, tell);
    await makeModel(workspace, plan.model, { abortSignal, onUpload });
  }
  if (plan.environment !== undefined) {
    const { name, version } = plan.environment;
    const onUpload = uploadTeller(`environment ${name}:${version}`, tell);
    await makeEnvironment(workspace, plan.environment, { abortSignal, onUpload });
  }
  if (plan.endpointBody !== undefined) {
    await makeEndpoint(record, plan.endpointBody, plan.endpoint === undefined && plan.checked.rollback, options);
  }
  if (plan.deploymentBody === undefined) {
    if (plan.traffic !== undefined) {
      await updateTraffic(record, plan.traffic, { abortSignal });
    }
    return undefined;
  }
  const what = `The deployment of ${record.api.subject}`;
  const body = plan.deploymentBody;
  const secrets = secretValues(variablesOf(body));
  const operation = await write(record, deploymentName, body, what, secrets, abortSignal);
  const run = new DeploymentRun(record, plan, operation);
  const subject = { ...record.subject(what, [deploymentName]), logs: async () => run.logs };
  // Not as one of the deployment: it may be deleted on the way.
  return { operation: run, subject, deploymentName: undefined };
}

async function makeEndpoint(
  record: EndpointRecord,
  body: JsonObject,
  isTakenBack: boolean,
  options: SignalledOptions,
): Promise<void> {
  const { abortSignal } = options;
  const what = `Making ${record.api.subject}`;
  const keys = isJsonObject(body['properties']) ? body['properties']['keys'] : undefined;
  const secrets = Object.values(isJsonObject(keys) ? keys : {}).map(String);
  const rollBack = { kind: isTakenBack ? 'delete' : 'none' } as const;
  const part = { record, deploymentName: undefined, rollBack, secrets };
  const subject = { ...record.subject(what, []), doneState: 'Transitioning' as const, logs: undefined };
  const operation = await write(record, undefined, body, what, secrets, abortSignal);
  const byState = takenBackOnFailure(operationByState(record, undefined), part);
  try {
    await waitForOperation(
      operation === undefined ? byState : takenBackOnFailure(operation, part),
      subject,
      unfinished(options),
    );
  } catch (error) {
    if (!isAzuremlError(error, 'OPERATION_NOT_FOUND')) {
      throw error;
    }
    await waitForOperation(byState, subject, unfinished(options));
  }
}

/**
 * Sends a whole resource. A conflict with the very same write, whose answer was lost, is none.
 *
 * @returns The service's work on it; `undefined` when only the resource tells of it.
 */
async function write(
  record: EndpointRecord,
  deploymentName: string | undefined,
  body: JsonObject,
  what: string,
  secrets: readonly string[],
  abortSignal: AbortSignal,
): Promise<LongOperation | undefined> {
  const turn = new WriteTurn(record.api.id(deploymentName));
  try {
    const answer = await turn.take(abortSignal, () =>
      record.api.put(deploymentName, body, { abortSignal, secrets, verb: 'Making' }),
    );
    return managementOperation(record.workspace.azure, answer, what, secrets);
  } catch (error) {
    if (isAzuremlError(error, 'CONFLICT') && (await isUnderWay(record, deploymentName, body, abortSignal))) {
      return undefined;
    }
    throw withFailureHint(error);
  } finally {
    turn.leave();
  }
}

async function isUnderWay(
  record: EndpointRecord,
  deploymentName: string | undefined,
  body: JsonObject,
  abortSignal: AbortSignal,
): Promise<boolean> {
  const { endpoint, deployment } = await readState(record, deploymentName ?? '', { abortSignal });
  const found = deploymentName === undefined ? endpoint : deployment;
  if (found === undefined || !(isMoving(provisioningOf(found)) || stateOf(provisioningOf(found)) === 'Healthy')) {
    return false;
  }
  return deploymentName === undefined
    ? textAt(found, 'properties', 'authMode') === textAt(body, 'properties', 'authMode')
    : deploymentDifferences(found, body).length === 0;
}

function takenBackOnFailure(operation: LongOperation, part: FailedPart): LongOperation {
  return {
    ...operation,
    poll: async (abortSignal) => {
      const status = await operation.poll(abortSignal);
      if (status.state === 'Running' || status.state === 'Succeeded') {
        return status;
      }
      const hint = status.hint ?? failureHint(status.fault);
      return withRollBack({ ...status, hint }, await takeBack(part, abortSignal));
    },
  };
}

function uploadTeller(what: string, tell: ReturnType<typeof progressReporter>): (progress: UploadProgress) => void {
  let told = -1;
  return ({ filesDone, files, sentBytes }) => {
    if (filesDone !== told) {
      told = filesDone;
      tell(
        'Transitioning',
        `Uploading the ${what}: ${filesDone} of ${files} files, ${sentBytes} bytes sent`,
        'running',
      );
    }
  };
}
