import { errorMessage } from '@azureml-ts/common';
import type { ServerLog } from '../log/server-log.ts';
import { InsightsTelemetry } from './insights-telemetry.ts';
import { noTelemetry, type Telemetry } from './telemetry.ts';

/**
 * Switches telemetry on when `AML_APP_INSIGHTS_ENABLED` is `true`; only then is its package loaded.
 *
 * A problem (no connection string, for example) is logged, and scoring goes on without telemetry.
 */
export async function openTelemetry(log: ServerLog): Promise<Telemetry> {
  if (process.env['AML_APP_INSIGHTS_ENABLED']?.toLowerCase() !== 'true') {
    return noTelemetry;
  }
  try {
    const { startInsights } = await import('@azureml-ts/insights');
    return new InsightsTelemetry(startInsights({}), log);
  } catch (error) {
    log.line(
      'W',
      `Application Insights is switched on, but cannot be used; scoring goes on without it: ${errorMessage(error)}`,
    );
    return noTelemetry;
  }
}
