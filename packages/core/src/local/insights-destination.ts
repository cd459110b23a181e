import type { DeploymentFault } from '../errors.ts';
import type { ResolvedSettings } from './settings.ts';

const CONNECTION_STRING = 'APPLICATIONINSIGHTS_CONNECTION_STRING';
const KEY = 'AML_APP_INSIGHTS_KEY';

/**
 * The variables that tell a service where its traces go: the setting's connection string, else the caller's, else the
 * caller's key.
 *
 * @param settings The service's settings.
 * @param inherited The caller's environment.
 * @returns One variable; none when telemetry is off or no destination is known.
 */
export function destinationVariables(settings: ResolvedSettings, inherited: NodeJS.ProcessEnv): Record<string, string> {
  if (!settings.enableAppInsights) {
    return {};
  }
  const connection = settings.appInsightsConnectionString ?? inherited[CONNECTION_STRING];
  if (connection !== undefined && connection.trim() !== '') {
    return { [CONNECTION_STRING]: connection };
  }
  const key = inherited[KEY];
  return key === undefined || key.trim() === '' ? {} : { [KEY]: key };
}

/**
 * Tells whether telemetry is on without any destination: nothing would ever arrive, and only the log would say so.
 *
 * @param settings The service's settings.
 * @param inherited The caller's environment.
 */
export function destinationFaults(settings: ResolvedSettings, inherited: NodeJS.ProcessEnv): DeploymentFault[] {
  if (!settings.enableAppInsights || Object.keys(destinationVariables(settings, inherited)).length > 0) {
    return [];
  }
  const message =
    'is on, but no destination is known: give appInsightsConnectionString, or set the environment variable ' +
    `${CONNECTION_STRING} (or ${KEY}) of the process that deploys; or leave it off`;
  return [{ path: 'enableAppInsights', message }];
}
