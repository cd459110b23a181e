import type { WaitOptions } from '@azureml-ts/common';
import { createLogger, errorMessage } from '@azureml-ts/common';
import type { JsonObject } from '../azure/json-object.ts';
import { WebserviceError } from '../errors.ts';
import type { UpdatePart, UpdateReport } from '../webservice/update-report.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { type BegunOperation, begunOperation } from './classic-operation.ts';
import { buildJsonPatch, type FieldWish, fieldChanges } from './json-patch.ts';
import { callModelManagement, noSuchService, servicePath } from './model-management.ts';
import { checkFirst } from './preflight.ts';

const log = createLogger('core');

/** A change that is asked of a service. */
export interface ServiceChange {
  /** Names it, for messages: `The update of "svc"`. */
  readonly what: string;
  readonly wishes: readonly FieldWish[];
  /** Whether running replicas are replaced. */
  readonly isRolling: boolean;
  /** The version that is changed; `undefined` for the service itself. */
  readonly deploymentName?: string | undefined;
}

/** The error of a call that asks for nothing. Code `NOTHING_TO_UPDATE`. */
export function nothingToUpdate(what: string): WebserviceError {
  return new WebserviceError(
    'NOTHING_TO_UPDATE',
    `${what} asks for no change. Give at least one setting; undefined leaves a setting alone.`,
  );
}

/** The report of a change. */
export function changeReport(
  service: { readonly name: string; readonly kind: string },
  resource: JsonObject,
  change: ServiceChange,
  outcome: UpdatePart['outcome'],
): UpdateReport {
  const changes = fieldChanges(resource, change.wishes);
  return {
    name: service.name,
    kind: service.kind,
    isDryRun: outcome === 'planned',
    parts: [
      {
        deploymentName: change.deploymentName,
        changes,
        isRolling: change.isRolling && changes.length > 0,
        outcome,
      },
    ],
  };
}

/**
 * Changes a service: the service's own check, then the JSON Patch. What was asked is sent even when the service was like
 * that when it was last read: somebody may have changed it since.
 *
 * @param workspace Whose service.
 * @param name Name of the service.
 * @param resource The service as it was read.
 * @param change What shall change.
 * @param next Gives the limits of the next step.
 * @returns The operation to wait for; `undefined` when all is done.
 */
export async function patchService(
  workspace: Workspace,
  name: string,
  resource: JsonObject,
  change: ServiceChange,
  next: () => WaitOptions,
): Promise<BegunOperation | undefined> {
  const patch = buildJsonPatch(resource, change.wishes);
  if (patch.length === 0) {
    throw nothingToUpdate(change.what);
  }
  await checkFirst(workspace, { type: 'Update', serviceName: name, updateRequest: patch }, change.what, next);
  const answer = await callModelManagement(workspace, {
    ...next(),
    method: 'PATCH',
    path: servicePath(name),
    body: patch,
    contentType: 'application/json-patch+json',
    what: change.what,
    notFound: noSuchService(workspace),
  });
  return begunOperation(answer, change.what);
}

/** Does what is a help only: a failure is logged, an abort and the end of the time count. */
export async function readOn(
  what: string,
  read: () => Promise<void>,
  abortSignal: AbortSignal | undefined,
): Promise<void> {
  try {
    await read();
  } catch (error) {
    abortSignal?.throwIfAborted();
    log.warning(`${what} was accepted, but the service could not be read again: ${errorMessage(error)}`);
  }
}
