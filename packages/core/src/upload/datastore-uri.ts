import type { WorkspaceIdentity } from '../workspace/arm-id.ts';

const URI = /\/datastores\/([^/]+)\/paths\/(.+)$/i;

/**
 * A path of a datastore as Azure Machine Learning writes it.
 *
 * Source: `azureml://subscriptions/<id>/resourcegroups/<name>/workspaces/<name>/datastores/<name>/paths/<path>` of azure-ai-ml.
 */
export function datastoreUri(workspace: WorkspaceIdentity, datastoreName: string, path: string): string {
  const { subscriptionId, resourceGroup, workspaceName } = workspace;
  return `azureml://subscriptions/${subscriptionId}/resourcegroups/${resourceGroup}/workspaces/${workspaceName}/datastores/${datastoreName}/paths/${path}`;
}

/** The datastore and the path that an address of it names; `undefined` for other addresses. */
export function parseDatastoreUri(uri: string): { readonly datastoreName: string; readonly path: string } | undefined {
  const [, datastoreName, path] = URI.exec(uri) ?? [];
  return /^azureml:/i.test(uri) && datastoreName !== undefined && path !== undefined
    ? { datastoreName, path: path.replace(/\/+$/, '') }
    : undefined;
}
