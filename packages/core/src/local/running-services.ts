import type { ChildProcess } from 'node:child_process';
import { processSingleton } from '@azureml-ts/common';
import type { WorkspaceIdentity } from '../workspace/arm-id.ts';
import type { LocalWebservice } from './local-webservice.ts';

/** What {@link runningServices} keeps of a service, or of the claim of one that is being deployed. */
export interface RunningService {
  /** Stops the service and removes its run, keeping the collected rows. */
  delete(): Promise<void>;
}

/**
 * Local services of this process by folder, whichever copy of the package made them: one folder holds one service.
 */
export const runningServices = processSingleton('local-webservices', 1, () => new Map<string, RunningService>());

/**
 * Local services of this process, in the order in which they were deployed. One may have been made by another copy of the
 * package.
 */
export function ownServices(): LocalWebservice[] {
  return [...runningServices.values()].filter(
    (entry): entry is LocalWebservice => (entry as Partial<LocalWebservice>).kind === 'LocalWebservice',
  );
}

/** Whether two workspaces are the same one: Azure takes their names in any case. */
export function isSameWorkspace(one: WorkspaceIdentity, other: WorkspaceIdentity): boolean {
  return (['subscriptionId', 'resourceGroup', 'workspaceName'] as const).every(
    (part) => one[part].toLowerCase() === other[part].toLowerCase(),
  );
}

const children = new Set<ChildProcess>();

const onExit = () => {
  for (const child of children) {
    child.kill('SIGTERM');
  }
};

/**
 * Ends a child process with this process. The child also ends by itself when its IPC channel closes; this is for the
 * time before it listens to that.
 *
 * @param child A process just started; forgotten again when it has ended.
 */
export function endWithThisProcess(child: ChildProcess): void {
  if (children.size === 0) {
    process.on('exit', onExit);
  }
  children.add(child);
  const forget = () => {
    children.delete(child);
    if (children.size === 0) {
      process.off('exit', onExit);
    }
  };
  child.once('exit', forget);
  child.once('error', forget);
}
