import { AzuremlError, ValidationError } from '@azureml-ts/common';
import type { LogsAccess } from '@azureml-ts/insights';
import type { Command } from 'commander';
import { addWorkspaceOptions, openWorkspace, type WorkspaceCliOptions } from '../../azure/workspace-options.ts';
import type { CommandIo } from '../../io.ts';

/** The options that say what is queried, and how to sign in. */
export interface LogsCliOptions extends WorkspaceCliOptions {
  readonly target?: string;
}

/** Adds the options that say what is queried. */
export function addLogsOptions(command: Command): Command {
  return addWorkspaceOptions(
    command.option(
      '--target <id>',
      'resource id of the Application Insights component, or id of a Log Analytics workspace (env APPLICATIONINSIGHTS_RESOURCE_ID; default: the component of the workspace)',
    ),
  );
}

/** What is queried, and how. */
export interface OpenedLogs {
  readonly target: string;
  readonly access: LogsAccess;
}

/** Source: the audiences that @azure/monitor-query-logs knows. */
const ENDPOINTS: Readonly<Record<string, string>> = {
  azurecloud: 'https://api.loganalytics.io/v1',
  azurechinacloud: 'https://api.loganalytics.azure.cn/v1',
  azureusgovernment: 'https://api.loganalytics.us/v1',
};

/** Stands for a workspace that is not asked for: only its way of signing in is. */
const NO_WORKSPACE = {
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  resourceGroup: 'none',
  workspace: 'none',
};

/**
 * Finds out what is queried: the option, else the variable `APPLICATIONINSIGHTS_RESOURCE_ID`, else the Application Insights
 * component of the workspace, which is read for it.
 *
 * @throws `APPLICATION_INSIGHTS_NOT_FOUND` when the workspace has none; errors of finding and reading it.
 */
export async function openLogs(options: LogsCliOptions, io: CommandIo): Promise<OpenedLogs> {
  if (options.target?.trim() === '') {
    throw new ValidationError({ path: '--target', expected: 'not empty', received: options.target });
  }
  const given = options.target ?? (io.env['APPLICATIONINSIGHTS_RESOURCE_ID']?.trim() || undefined);
  const { workspace } = await openWorkspace(given === undefined ? options : { ...options, ...NO_WORKSPACE }, io);
  const { httpClient, additionalPolicies, retryOptions } = workspace.clientOptions;
  const access: LogsAccess = {
    credential: workspace.credential,
    endpoint: endpointOf(options, io),
    clientOptions: { httpClient, additionalPolicies, retryOptions },
  };
  if (given !== undefined) {
    return { target: given, access };
  }
  const { applicationInsights } = await workspace.get({ abortSignal: io.abortSignal });
  if (!applicationInsights) {
    throw new AzuremlError(
      'APPLICATION_INSIGHTS_NOT_FOUND',
      `The workspace ${workspace.workspaceName} has no Application Insights component. Give --target, or attach one: az ml workspace update --application-insights ID.`,
    );
  }
  return { target: applicationInsights, access };
}

function endpointOf({ cloud }: LogsCliOptions, { env }: CommandIo): string | undefined {
  const name = cloud ?? env['AZUREML_CURRENT_CLOUD'];
  return env['AZUREML_LOGS_ENDPOINT'] || (name ? ENDPOINTS[name.toLowerCase()] : undefined);
}
