import { isDeepStrictEqual } from 'node:util';
import { DeploymentConfigurationError } from '../errors.ts';
import type { UpdatePart, UpdateReport } from '../webservice/update-report.ts';
import type { UpdateOptions } from '../webservice/webservice.ts';
import { checkChanges } from './check-changes.ts';
import { destinationFaults } from './insights-destination.ts';
import type { ServiceLifecycle } from './service-lifecycle.ts';
import { applyChanges, type LocalWebserviceSettings, type ResolvedSettings } from './settings.ts';
import { settingChanges } from './update-changes.ts';

/** Settings of a service. */
export interface ServiceSettings {
  /** What the process runs with. */
  current: ResolvedSettings;
  /** What it will run with when all updates asked for are done. */
  wanted: ResolvedSettings;
}

/** What an update works on. */
export interface UpdateTarget {
  /** Name of the service. */
  readonly name: string;
  readonly life: ServiceLifecycle;
  readonly settings: ServiceSettings;
  /** Environment of a process with such settings. */
  readonly environment: (settings: ResolvedSettings) => NodeJS.ProcessEnv;
  /** Called when settings are in use that do not restart the process. */
  readonly onChange: () => void;
  /** Waits until the service is ready. */
  readonly wait: (work: Promise<void>) => Promise<void>;
}

/**
 * Changes settings: restarts the process when it would see the difference, or when it has ended.
 *
 * @param target What to change.
 * @param changes As given.
 * @param options As for `LocalWebservice.update`.
 */
export async function updateSettings(
  target: UpdateTarget,
  changes: LocalWebserviceSettings,
  options: UpdateOptions,
): Promise<UpdateReport> {
  const { name, life, settings } = target;
  const checked = checkChanges(name, changes);
  life.refuseDeleted('update()');
  const next = applyChanges(settings.wanted, checked);
  const faults = destinationFaults(next, process.env);
  if (faults.length > 0) {
    throw new DeploymentConfigurationError(`The update of "${name}"`, faults);
  }
  // The process sees nothing but its environment: storage while nothing is collected, for example, makes no difference.
  const needsRestart = (from: ResolvedSettings) =>
    life.hasExited || !isDeepStrictEqual(target.environment(from), target.environment(next));
  const fields = settingChanges(settings.wanted, next);
  const isRolling = needsRestart(settings.wanted);
  const isDryRun = options.dryRun === true;
  const report = (outcome: UpdatePart['outcome']): UpdateReport => ({
    name,
    kind: 'LocalWebservice',
    isDryRun,
    parts: [
      {
        deploymentName: undefined,
        changes: fields,
        isRolling,
        outcome: fields.length === 0 && !isRolling ? 'unchanged' : outcome,
      },
    ],
  });
  if (isDryRun) {
    return report('planned');
  }
  settings.wanted = next;
  const work = life.enqueue(async () => {
    const restarts = needsRestart(settings.current);
    settings.current = next;
    target.onChange();
    if (restarts && !life.isEnding) {
      await life.restart('update()');
    }
  });
  if (options.wait === false) {
    // A failure still shows: in `state`, in waitForDeployment() and in run().
    work.catch(() => undefined);
    return report('accepted');
  }
  await target.wait(work);
  return report('completed');
}
