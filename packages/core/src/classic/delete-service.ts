import { createLogger } from '@azureml-ts/common';
import { waitForOperation } from '../azure/long-operation.ts';
import type { DeleteOptions } from '../webservice/webservice.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { begunOperation, classicOperation } from './classic-operation.ts';
import { callModelManagement, noSuchService, servicePath } from './model-management.ts';
import { checkFirst } from './preflight.ts';
import { timeBudget } from './time-budget.ts';

const log = createLogger('core');

/**
 * Deletes a service.
 *
 * Source: DELETE services/{name} of the classic service; the Python client raises nothing when the deletion fails.
 *
 * @param workspace Whose service.
 * @param service Its name, and whether the service can check the deletion beforehand.
 * @param options As of `Webservice.delete`.
 * @param onAccepted Is called when the deletion has begun.
 */
export async function deleteService(
  workspace: Workspace,
  service: { readonly name: string; readonly isChecked: boolean },
  options: DeleteOptions,
  onAccepted: () => void,
): Promise<'Deleting' | 'Deleted'> {
  const { name, isChecked } = service;
  const what = `The deletion of "${name}"`;
  const next = timeBudget(what, options);
  if (isChecked) {
    await checkFirst(workspace, { type: 'Delete', serviceName: name, updateRequest: null }, what, next);
  }
  const answer = await callModelManagement(workspace, {
    ...next(),
    method: 'DELETE',
    path: servicePath(name),
    what,
    notFound: noSuchService(workspace),
  });
  if (answer.status === 204) {
    log.info(`${what}: there is no such service, it may have been deleted already`);
    return 'Deleted';
  }
  const begun = answer.status === 202 ? begunOperation(answer, what) : undefined;
  if (begun === undefined) {
    return 'Deleted';
  }
  onAccepted();
  if (options.wait === false) {
    return 'Deleting';
  }
  await waitForOperation(
    classicOperation(workspace, { ...begun, what, isTold: true }),
    {
      what,
      name,
      runningState: 'Deleting',
      doneState: 'Deleted',
      pollIntervalMs: workspace.clientOptions.pollIntervalMs,
    },
    { ...options, ...next() },
  );
  return 'Deleted';
}
