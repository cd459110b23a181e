import { AzuremlError, isAzuremlError } from '@azureml-ts/common';
import type { AzureAnswer } from '../azure/azure-client.ts';
import { isJsonObject, type JsonObject, textAt } from '../azure/json-object.ts';
import type { FieldChange, UpdatePart } from '../webservice/update-report.ts';
import { fieldChanges, isRollingChange } from './field-changes.ts';
import type { OnlineApi } from './online-api.ts';
import { isSameJson } from './same-json.ts';
import { partLabel } from './update-incomplete-error.ts';
import { comparablePart, writablePart } from './writable-resource.ts';

/** A part of an endpoint that an update is about. */
export interface PartPlan {
  /** The deployment; `undefined` for the endpoint itself. */
  readonly deploymentName: string | undefined;
  /** The part as it was read. */
  readonly before: JsonObject;
  /** Applies what was asked for to a reading. */
  readonly apply: (resource: JsonObject) => JsonObject;
  readonly changes: readonly FieldChange[];
  readonly isRolling: boolean;
}

/** Plans the change of a part. */
export function planPart(
  deploymentName: string | undefined,
  before: JsonObject,
  apply: (resource: JsonObject) => JsonObject,
): PartPlan {
  const changes = fieldChanges(before, apply(before));
  return {
    deploymentName,
    before,
    apply,
    changes,
    isRolling: deploymentName !== undefined && isRollingChange(changes),
  };
}

/** What {@link executeParts} does with each part. */
export interface PartWork {
  readonly api: OnlineApi;
  /**
   * Called with the answer to each write.
   *
   * @returns Whether the service is still at work on it.
   */
  readonly taken: (plan: PartPlan, answer: AzureAnswer) => Promise<boolean>;
  /** Whether to stop after a part that failed. */
  readonly stopsAtFailure: boolean;
  readonly abortSignal: AbortSignal;
}

/** Writes the parts that change, one after the other. */
export async function executeParts(plans: readonly PartPlan[], work: PartWork): Promise<UpdatePart[]> {
  const parts: UpdatePart[] = [];
  let isStopped = false;
  for (const plan of plans) {
    const part = { deploymentName: plan.deploymentName, changes: plan.changes, isRolling: plan.isRolling };
    if (plan.changes.length === 0 || isStopped) {
      parts.push({ ...part, outcome: plan.changes.length === 0 ? 'unchanged' : 'planned' });
      continue;
    }
    try {
      const isRunning = await work.taken(plan, await writePart(plan, work));
      parts.push({ ...part, outcome: isRunning ? 'accepted' : 'completed' });
    } catch (error) {
      if (work.abortSignal.aborted || !isAzuremlError(error)) {
        throw error;
      }
      parts.push({ ...part, outcome: 'failed', error });
      isStopped = work.stopsAtFailure;
    }
  }
  return parts;
}

async function writePart(plan: PartPlan, { api, abortSignal }: PartWork): Promise<AzureAnswer> {
  const { deploymentName } = plan;
  const now =
    deploymentName === undefined
      ? await api.readEndpoint({ abortSignal })
      : await api.readDeployment(deploymentName, { abortSignal });
  const [before, after] = [comparablePart(plan.before), comparablePart(now)];
  if (!isSameJson(before, after)) {
    throw conflict(plan, fieldChanges(before, after), api.subject);
  }
  return api.put(deploymentName, writablePart(plan.apply(now)), { abortSignal });
}

function conflict(plan: PartPlan, changes: readonly FieldChange[], subject: string): AzuremlError {
  const what = plan.deploymentName === undefined ? subject : `${partLabel(plan.deploymentName)} of ${subject}`;
  const paths = changes.map(({ path }) => path);
  return new AzuremlError(
    'CONFLICT',
    `The update of ${what} was not sent, because somebody else changed ${paths.join(', ')} in between. ` +
      'Look at the change and call update() again.',
    { retryable: true, details: { deploymentName: plan.deploymentName ?? null, paths } },
  );
}

/** Client id of the only identity of an endpoint; `undefined` when it has none, several, or one of the system too. */
export function onlyIdentity(endpoint: JsonObject): string | undefined {
  const { identity } = endpoint;
  if (!isJsonObject(identity) || textAt(identity, 'type')?.toLowerCase() !== 'userassigned') {
    return undefined;
  }
  const users = isJsonObject(identity['userAssignedIdentities'])
    ? Object.values(identity['userAssignedIdentities'])
    : [];
  return users.length === 1 ? textAt(users[0], 'clientId') : undefined;
}
