import { ValidationError, type WaitOptions } from '@azureml-ts/common';
import type { ProgressOptions } from '../webservice/progress.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { begunOperation } from './classic-operation.ts';
import { callModelManagement, noSuchService } from './model-management.ts';
import type { PendingOperation } from './pending-operation.ts';

/** Options of `AksWebservice.migrate()`. */
export interface MigrateOptions extends WaitOptions, ProgressOptions {
  /** Waits until the service has moved. Default `false`. */
  readonly wait?: boolean | undefined;
}

/** Time that the service has for taking the request, as with the Python client. */
const MIGRATE_TIMEOUT_MS = 30_000;

/**
 * Begins to move a service to other compute.
 *
 * Source: POST services/migrate of the classic service.
 *
 * @param workspace Whose service.
 * @param name Name of the service.
 * @param computeTarget Name or ARM id of the compute.
 * @returns The operation to wait for; `undefined` when it has moved already.
 */
export async function startMigration(
  workspace: Workspace,
  name: string,
  computeTarget: string,
  options: WaitOptions,
): Promise<PendingOperation | undefined> {
  if (typeof computeTarget !== 'string' || computeTarget.trim() === '') {
    throw new ValidationError({ path: 'computeTarget', expected: 'the name of a compute', received: computeTarget });
  }
  const what = `The migration of "${name}"`;
  const answer = await callModelManagement(workspace, {
    ...options,
    timeoutMs: Math.min(MIGRATE_TIMEOUT_MS, options.timeoutMs ?? MIGRATE_TIMEOUT_MS),
    method: 'POST',
    path: 'services/migrate',
    body: {
      serviceName: name,
      computeTarget: computeTarget.startsWith('/') ? computeTarget : `${workspace.id}/computes/${computeTarget}`,
    },
    what,
    notFound: noSuchService(workspace),
  });
  const begun = answer.status === 202 ? begunOperation(answer, what) : undefined;
  return begun && { ...begun, what, runningState: 'Migrating', doneState: 'Migrated' };
}
