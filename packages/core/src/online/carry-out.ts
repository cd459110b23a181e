import { createLogger, isAzuremlError } from '@azureml-ts/common';
import { textAt } from '../azure/json-object.ts';
import { limited } from '../azure/limited.ts';
import { managementOperation } from '../azure/management-operation.ts';
import { type ProgressReporter, progressReporter } from '../webservice/progress.ts';
import type { UpdatePart, UpdateReport } from '../webservice/update-report.ts';
import type { UpdateOptions } from '../webservice/webservice.ts';
import type { EndpointRecord } from './endpoint-record.ts';
import { isMissing } from './online-api.ts';
import { isMoving } from './online-state.ts';
import { type AcceptedWrite, executeParts, type PartPlan, plannedParts } from './online-update.ts';
import { provisioningOperation } from './provisioning.ts';
import { outcomes, partLabel, UpdateIncompleteError } from './update-incomplete-error.ts';
import { secretValues, variablesOf } from './variables.ts';
import { settle } from './wait-for-endpoint.ts';
import { WriteTurns } from './write-turns.ts';

const log = createLogger('core');

/** Class of the service, for reports. */
export const ONLINE_ENDPOINT = 'OnlineEndpoint';

type SignalledOptions = UpdateOptions & { readonly abortSignal: AbortSignal };

/**
 * Plans an update, and writes what is planned.
 *
 * @param record The endpoint.
 * @param what The work, for messages.
 * @param options Those of the caller.
 * @param plan Reads and plans; takes its turns before it reads.
 */
export async function carryOut(
  record: EndpointRecord,
  what: string,
  options: UpdateOptions,
  plan: (abortSignal: AbortSignal, turns: WriteTurns) => Promise<readonly PartPlan[]>,
): Promise<UpdateReport> {
  const isDryRun = options.dryRun === true;
  const turns = new WriteTurns(record.api);
  const tell = options.onProgress === undefined ? undefined : progressReporter(record.name, options);
  let parts: UpdatePart[] = [];
  const report = () => ({ name: record.name, kind: ONLINE_ENDPOINT, isDryRun, parts: [...parts] });
  try {
    return await limited(what, options, async (abortSignal) => {
      try {
        const plans = await plan(abortSignal, turns);
        parts = plannedParts(plans);
        if (!isDryRun) {
          await write(record, plans, parts, { ...options, abortSignal });
        }
        return report();
      } finally {
        turns.leave();
      }
    });
  } catch (error) {
    throw ended(record, what, error, report(), options, tell);
  }
}

async function write(
  record: EndpointRecord,
  plans: readonly PartPlan[],
  parts: UpdatePart[],
  options: SignalledOptions,
): Promise<void> {
  const { abortSignal } = options;
  await executeParts(plans, parts, {
    api: record.api,
    stopsAtFailure: options.wait === true,
    abortSignal,
    taken: (plan, accepted) => taken(record, plan, accepted, options),
  });
  const failed = parts.find(({ outcome }) => outcome === 'failed');
  if (failed === undefined) {
    return;
  }
  if (parts.some(({ error }) => isMissing(error))) {
    // Whether it is the deployment that is gone, or the endpoint with it.
    await record.read({ abortSignal }).catch(() => undefined);
  }
  const tried = parts.filter(({ changes }) => changes.length > 0);
  throw tried.length === 1
    ? failed.error
    : new UpdateIncompleteError({ name: record.name, kind: ONLINE_ENDPOINT, isDryRun: false, parts });
}

/** The error of an update that ended early, with what was done by then. */
function ended(
  record: EndpointRecord,
  what: string,
  error: unknown,
  report: UpdateReport,
  options: UpdateOptions,
  tell: ProgressReporter | undefined,
): unknown {
  if (!report.parts.some(({ outcome }) => ['accepted', 'completed', 'failed'].includes(outcome))) {
    return error;
  }
  if (isAzuremlError(error, 'TIMEOUT')) {
    return new UpdateIncompleteError(report, error);
  }
  if (options.abortSignal?.aborted === true && error === options.abortSignal.reason) {
    // The reason is the caller's own, so it is thrown as it is, and what was done is told elsewhere.
    const message = `${what} was ended by its caller. By then: ${outcomes(report.parts)}.`;
    if (tell === undefined) {
      log.warning(message);
    } else {
      tell(record.state, message, 'running');
    }
  }
  return error;
}

/** Follows up a write: keeps what was answered, and waits for the operation or remembers it. */
async function taken(
  record: EndpointRecord,
  { deploymentName }: PartPlan,
  { answer, body }: AcceptedWrite,
  options: SignalledOptions,
): Promise<boolean> {
  const { api, workspace } = record;
  record.take(deploymentName, answer.json);
  const part = deploymentName === undefined ? '' : `${partLabel(deploymentName)} of `;
  const what = `The update of ${part}${api.subject}`;
  const operation =
    managementOperation(workspace.azure, answer, what, secretValues(variablesOf(body))) ??
    (isMoving(textAt(answer.json, 'properties', 'provisioningState'))
      ? provisioningOperation(async (abortSignal) => {
          const now =
            deploymentName === undefined
              ? await api.readEndpoint({ abortSignal })
              : await api.readDeployment(deploymentName, { abortSignal });
          return [{ label: part || api.subject, state: textAt(now, 'properties', 'provisioningState') }];
        })
      : undefined);
  if (operation === undefined) {
    return false;
  }
  const subject = record.subject(what, deploymentName === undefined ? [] : [deploymentName]);
  const pending = { operation, subject, deploymentName };
  record.pending.add(pending);
  if (options.wait !== true) {
    return true;
  }
  await settle(record, pending, options);
  return false;
}
