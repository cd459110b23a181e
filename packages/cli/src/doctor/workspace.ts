import { isAzuremlError } from '@azureml-ts/common';
import type { Check } from './context.ts';
import { failedFinding, skipped } from './finding.ts';

const NAME = 'workspace';

/** Whether the workspace can be read, and is in order. */
export const workspaceCheck: Check = {
  name: NAME,
  async look(context) {
    const { workspace, isSignedIn } = context;
    if (workspace === undefined || !isSignedIn) {
      return [skipped(NAME, 'there is no token')];
    }
    try {
      context.details = await workspace.get(context.limits);
    } catch (error) {
      return [failedFinding(NAME, error, fixOf(error))];
    }
    const { location, provisioningState, tenantId, publicNetworkAccess } = context.details;
    const what = `${workspace.workspaceName} in ${location ?? 'an unknown region'}${tenantId === undefined ? '' : `, tenant ${tenantId}`}`;
    if (provisioningState !== undefined && provisioningState !== 'Succeeded') {
      return [
        {
          check: NAME,
          status: 'warn',
          message: `${what}: its state is ${provisioningState}`,
          fix: 'Wait until the change of the workspace is over, or look at it in the portal.',
        },
      ];
    }
    const isPrivate = publicNetworkAccess === 'Disabled' ? ', reached through its private network' : '';
    return [{ check: NAME, status: 'ok', message: `${what}${isPrivate}` }];
  },
};

function fixOf(error: unknown): string {
  if (isAzuremlError(error, 'PERMISSION_DENIED')) {
    return 'Ask for the role Reader (better: AzureML Data Scientist) on the workspace; a new role takes some minutes.';
  }
  if (isAzuremlError(error, 'WORKSPACE_NOT_FOUND')) {
    return 'Correct the names, or sign in to the tenant of the subscription (--tenant-id); for another cloud give --cloud.';
  }
  if (isAzuremlError(error, 'AUTHENTICATION_FAILED')) {
    return 'Sign in to the tenant of the workspace: az login --tenant ID, or --tenant-id.';
  }
  return 'Check the network, the proxy (HTTPS_PROXY) and private endpoints, then try again.';
}
