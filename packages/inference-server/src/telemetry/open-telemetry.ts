import { errorMessage } from '@azureml-ts/common';
import type { ServerLog } from '../log/server-log.ts';
import { InsightsTelemetry } from './insights-telemetry.ts';
import { noTelemetry, type Telemetry } from './telemetry.ts';

/**
 * Switches telemetry on when `AML_APP_INSIGHTS_ENABLED` is `true`; only then is its package loaded.
 *
 * A problem (no connection string, for example) is logged, and scoring goes on without telemetry.
 *
 * @param log Gets that problem.
 * @param options `captureUncaught`: whether errors that nobody caught are reported by themselves. Default `false`: the
 *   command reports them when it ends for them.
 */
export async function openTelemetry(
  log: ServerLog,
  { captureUncaught = false }: { readonly captureUncaught?: boolean } = {},
): Promise<Telemetry> {
  if (process.env['AML_APP_INSIGHTS_ENABLED']?.toLowerCase() !== 'true') {
    return noTelemetry;
  }
  try {
    const { startInsights } = await import('@azureml-ts/insights');
    return new InsightsTelemetry(startInsights({ captureUncaught }), log);
  } catch (error) {
    log.line(
      'W',
      `Application Insights is switched on, but cannot be used; scoring goes on without it: ${errorMessage(error)}`,
    );
    return noTelemetry;
  }
}
