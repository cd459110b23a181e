/** What names a workspace in Azure. */
export interface WorkspaceIdentity {
  /** Id of the Azure subscription. */
  readonly subscriptionId: string;
  /** Name of the resource group. */
  readonly resourceGroup: string;
  /** Name of the workspace. */
  readonly workspaceName: string;
}

const PROVIDER = 'Microsoft.MachineLearningServices';
const PATTERN =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.MachineLearningServices\/workspaces\/([^/]+)\/?$/i;

/** Writes the ARM id of a workspace. */
export function workspaceArmId({ subscriptionId, resourceGroup, workspaceName }: WorkspaceIdentity): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${PROVIDER}/workspaces/${workspaceName}`;
}

/**
 * Reads the ARM id of a workspace; names of the parts in any case, as ARM itself takes them.
 *
 * @returns Its parts, or `undefined` when it is not the id of a workspace.
 */
export function parseWorkspaceArmId(id: string): WorkspaceIdentity | undefined {
  const [, subscriptionId, resourceGroup, workspaceName] = PATTERN.exec(id.trim()) ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || workspaceName === undefined) {
    return undefined;
  }
  return { subscriptionId, resourceGroup, workspaceName };
}
