import type { LocalWebservice } from '@azureml-ts/core';
import type { Checks } from './checks.ts';
import type { Scorer } from './scorer.ts';

const UPDATE_TIMEOUT_MS = 30_000;

/** Switches collection and telemetry off and on again; what was scored meanwhile must leave no trace in them. */
export async function flipSwitches(
  checks: Checks,
  scorer: Scorer,
  service: LocalWebservice,
  abortSignal: AbortSignal,
): Promise<void> {
  const update = (settings: { collectModelData?: boolean; enableAppInsights?: boolean }) =>
    service.update(settings, { wait: true, timeoutMs: UPDATE_TIMEOUT_MS, abortSignal });

  checks.progress('collection off, on again');
  await update({ collectModelData: false });
  scorer.collecting = false;
  await scorer.scoreAll(checks, 'the service scores while collection is off', [[100], [101, 102, 103]]);
  await update({ collectModelData: true });
  scorer.collecting = true;
  await scorer.scoreAll(checks, 'the service scores after collection is on again', [[200, 201], [202]]);

  checks.progress('telemetry off, on again');
  await update({ enableAppInsights: false });
  scorer.tracing = false;
  await scorer.scoreAll(checks, 'the service scores while telemetry is off', [[300], [301, 302]]);
  await update({ enableAppInsights: true });
  scorer.tracing = true;
  await scorer.scoreAll(checks, 'the service scores after telemetry is on again', [[400, 401, 402], [403]]);
}
