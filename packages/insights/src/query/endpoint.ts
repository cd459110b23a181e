import { ValidationError } from '@azureml-ts/common';
import type { LogsAccess } from './options.ts';

const PUBLIC = 'https://api.loganalytics.io';
/** Source: the audiences that @azure/monitor-query-logs knows. */
const CLOUDS = [PUBLIC, 'https://api.loganalytics.azure.cn', 'https://api.loganalytics.us'];

/** Where queries go, and what the token is for. @internal */
export interface LogsEndpoint {
  /** With `/v1`, without a slash at the end. */
  readonly url: string;
  readonly scope: string;
}

/**
 * Finds out where queries go.
 *
 * @throws {@link ValidationError} `VALIDATION` when the endpoint is no https address.
 * @internal
 */
export function endpointOf(
  { endpoint, scope }: Pick<LogsAccess, 'endpoint' | 'scope'>,
  env: NodeJS.ProcessEnv = process.env,
): LogsEndpoint {
  const given = endpoint ?? (env['AZUREML_LOGS_ENDPOINT'] || `${PUBLIC}/v1`);
  // Tokens travel over https only.
  if (!/^https:\/\//i.test(given) || !URL.canParse(given)) {
    throw new ValidationError({
      path: endpoint === undefined ? 'AZUREML_LOGS_ENDPOINT' : 'endpoint',
      expected: 'an https address such as https://api.loganalytics.io/v1',
      received: given,
    });
  }
  const { origin, pathname } = new URL(given);
  const cloud = CLOUDS.find((address) => address === origin) ?? PUBLIC;
  const path = pathname.replace(/\/+$/, '');
  return { url: `${origin}${path === '' ? '/v1' : path}`, scope: scope ?? `${cloud}/.default` };
}
