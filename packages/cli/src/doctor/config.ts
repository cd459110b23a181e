import { openWorkspace } from '../azure/workspace-options.ts';
import type { Check } from './context.ts';
import { failedFinding } from './finding.ts';

const NAME = 'config';

/** Which workspace is meant, and who says so. */
export const configCheck: Check = {
  name: NAME,
  async look(context) {
    try {
      const { workspace, source } = await openWorkspace(context.options, context.io);
      context.workspace = workspace;
      const { subscriptionId, resourceGroup, workspaceName } = workspace;
      return [
        {
          check: NAME,
          status: 'ok',
          message: `workspace ${workspaceName}, resource group ${resourceGroup}, subscription ${subscriptionId} (from ${source})`,
        },
      ];
    } catch (error) {
      return [
        failedFinding(
          NAME,
          error,
          'Download config.json from https://ml.azure.com (the name of the workspace, top right), or give --subscription-id, --resource-group and --workspace.',
        ),
      ];
    }
  },
};
