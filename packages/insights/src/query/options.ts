import type { WaitOptions } from '@azureml-ts/common';
import type { TelemetryCredential } from '../types.ts';

/**
 * Which time a query looks at, in addition to what the query itself says: from a Date to another (`to` left out: up to
 * now), or an ISO 8601 duration before now (`PT1H`, `P7D`) or interval (`2026-11-01/2026-11-02`).
 */
export type LogsTimespan = string | { readonly from: Date; readonly to?: Date | undefined };

/** How requests are sent: the parts that all clients of Azure share. */
export interface LogsClientOptions {
  /** Sends the requests: an `HttpClient` of @azure/core-rest-pipeline. */
  readonly httpClient?: object | undefined;
  /** Policies that every request passes, as the clients of Azure take them. */
  readonly additionalPolicies?:
    | readonly { readonly policy: object; readonly position: 'perCall' | 'perRetry' }[]
    | undefined;
  /**
   * How often a request is sent again after 429, 5xx or a broken connection: `maxRetries` (default 3), `retryDelayInMs`
   * (default 1,000, doubling), `maxRetryDelayInMs` (default 64,000). Retry-After wins over the delays.
   */
  readonly retryOptions?:
    | {
        readonly maxRetries?: number | undefined;
        readonly retryDelayInMs?: number | undefined;
        readonly maxRetryDelayInMs?: number | undefined;
      }
    | undefined;
}

/** How the logs are reached. */
export interface LogsAccess {
  /** Signs in: any credential of @azure/identity. Needs the role *Log Analytics Reader* or *Monitoring Reader*. */
  readonly credential: TelemetryCredential;
  /**
   * Address of the query service, https. Default: the variable `AZUREML_LOGS_ENDPOINT`, else
   * `https://api.loganalytics.io/v1`; `https://api.loganalytics.us/v1` in the cloud of the US government,
   * `https://api.loganalytics.azure.cn/v1` in China's.
   */
  readonly endpoint?: string | undefined;
  /** Scope of the token. Default: the public cloud's, or that of the cloud that `endpoint` belongs to. */
  readonly scope?: string | undefined;
  /** How requests are sent. */
  readonly clientOptions?: LogsClientOptions | undefined;
}

/** Options of {@link queryLogs}. `timeoutMs` (default 180,000, with all retries) is also told to the service. */
export interface QueryLogsOptions extends LogsAccess, WaitOptions {
  /** Which time, in addition to what the query says. Default: all that is kept. */
  readonly timespan?: LogsTimespan | undefined;
}
