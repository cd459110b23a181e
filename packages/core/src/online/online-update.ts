import { AzuremlError, isAzuremlError } from '@azureml-ts/common';
import type { AzureAnswer } from '../azure/azure-client.ts';
import { isJsonObject, type JsonObject, textAt } from '../azure/json-object.ts';
import type { FieldChange, UpdatePart } from '../webservice/update-report.ts';
import { fieldChanges, isRollingChange } from './field-changes.ts';
import type { OnlineApi } from './online-api.ts';
import { isSameJson } from './same-json.ts';
import { partLabel } from './update-incomplete-error.ts';
import { comparablePart, writablePart } from './writable-resource.ts';
import type { WriteTurn } from './write-turns.ts';

/** A part of an endpoint that an update is about. */
export interface PartPlan {
  /** The deployment; `undefined` for the endpoint itself. */
  readonly deploymentName: string | undefined;
  /** The part as it was read. */
  readonly before: JsonObject;
  /** Applies what was asked for to a reading. */
  readonly apply: (resource: JsonObject) => JsonObject;
  /** Its place among the updates of this process. */
  readonly turn: WriteTurn;
  readonly changes: readonly FieldChange[];
  readonly isRolling: boolean;
}

/** Plans the change of a part. */
export function planPart(
  deploymentName: string | undefined,
  before: JsonObject,
  apply: (resource: JsonObject) => JsonObject,
  turn: WriteTurn,
): PartPlan {
  const changes = fieldChanges(before, apply(before));
  return {
    deploymentName,
    before,
    apply,
    turn,
    changes,
    isRolling: deploymentName !== undefined && isRollingChange(changes),
  };
}

/** What {@link executeParts} does with each part. */
export interface PartWork {
  readonly api: OnlineApi;
  /**
   * Called with each write that was accepted.
   *
   * @returns Whether the service is still at work on it.
   */
  readonly taken: (plan: PartPlan, write: AcceptedWrite) => Promise<boolean>;
  /** Whether to stop after a part that failed. */
  readonly stopsAtFailure: boolean;
  readonly abortSignal: AbortSignal;
}

/** A write that was accepted. */
export interface AcceptedWrite {
  readonly answer: AzureAnswer;
  /** What was sent. */
  readonly body: JsonObject;
}

/** The parts before anything is sent. */
export function plannedParts(plans: readonly PartPlan[]): UpdatePart[] {
  return plans.map((plan) => partOf(plan, plan.changes.length === 0 ? 'unchanged' : 'planned'));
}

/**
 * Writes the parts that change, one after the other.
 *
 * @param plans What to write.
 * @param parts As {@link plannedParts} made them; each is replaced as soon as more is known of it, so that they tell what
 *   happened also when this does not end.
 * @param work How.
 */
export async function executeParts(plans: readonly PartPlan[], parts: UpdatePart[], work: PartWork): Promise<void> {
  for (const [at, plan] of plans.entries()) {
    if (plan.changes.length === 0) {
      continue;
    }
    let current = plan;
    try {
      const write = await writePart(plan, work, (outgoing) => {
        current = outgoing;
        parts[at] = { ...partOf(outgoing, 'failed'), error: unanswered(outgoing) };
      });
      if (write === undefined) {
        parts[at] = partOf({ ...plan, changes: [], isRolling: false }, 'unchanged');
        continue;
      }
      parts[at] = partOf(current, 'accepted');
      const isRunning = await work.taken(current, write);
      parts[at] = partOf(current, isRunning ? 'accepted' : 'completed');
    } catch (error) {
      if (work.abortSignal.aborted || !isAzuremlError(error)) {
        throw error;
      }
      parts[at] = { ...partOf(current, 'failed'), error };
      if (work.stopsAtFailure) {
        return;
      }
    }
  }
}

function partOf({ deploymentName, changes, isRolling }: PartPlan, outcome: UpdatePart['outcome']): UpdatePart {
  return { deploymentName, changes, isRolling, outcome };
}

/** Writes a part when it is its turn; `undefined` when it is as asked by then. */
async function writePart(
  plan: PartPlan,
  { api, abortSignal }: PartWork,
  onSend: (plan: PartPlan) => void,
): Promise<AcceptedWrite | undefined> {
  const { deploymentName, turn } = plan;
  return turn.take(abortSignal, async () => {
    const now =
      deploymentName === undefined
        ? await api.readEndpoint({ abortSignal })
        : await api.readDeployment(deploymentName, { abortSignal });
    const [before, after] = [comparablePart(plan.before), comparablePart(now)];
    let current = plan;
    if (!isSameJson(before, after)) {
      if (!turn.isOvertaken) {
        throw conflict(plan, fieldChanges(before, after), api.subject);
      }
      // By this process itself: what it wrote stays, and what was asked for comes on top.
      current = planPart(deploymentName, now, plan.apply, turn);
      if (current.changes.length === 0) {
        return undefined;
      }
    }
    const body = writablePart(plan.apply(now));
    onSend(current);
    return { answer: await api.put(deploymentName, body, { abortSignal }), body };
  });
}

/** What is told of a write that was sent, until the answer is there. */
function unanswered({ deploymentName }: PartPlan): AzuremlError {
  return new AzuremlError(
    'TIMEOUT',
    `The update of ${partLabel(deploymentName)} was sent, and its answer was not waited for, so it may have been accepted. ` +
      'Read it again to see.',
    { retryable: true },
  );
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
