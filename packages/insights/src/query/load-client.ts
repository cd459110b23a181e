import { AzuremlError, errorMessage } from '@azureml-ts/common';

/** The package that sends queries. @internal */
export type QueryPackage = typeof import('@azure/monitor-query-logs');

/**
 * Loads the package that sends queries.
 *
 * @param load Loads it; tests pass their own.
 * @throws {@link AzuremlError} `MONITOR_QUERY_NOT_INSTALLED` when it is not there.
 * @internal
 */
export async function loadQueryPackage(
  load: () => Promise<QueryPackage> = () => import('@azure/monitor-query-logs'),
): Promise<QueryPackage> {
  try {
    return await load();
  } catch (cause) {
    throw new AzuremlError(
      'MONITOR_QUERY_NOT_INSTALLED',
      `Queries are sent with the package @azure/monitor-query-logs, which could not be loaded: ${errorMessage(cause)}. ` +
        'Add it: npm install @azure/monitor-query-logs',
      { cause },
    );
  }
}
