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

/**
 * Tells what keeps a text from being one of the names of a workspace: it would point somewhere else in the addresses and
 * paths that it is put into.
 *
 * Reading a subscription leaves slashes alone, as `Workspace.from_config` does; a deployment and requests to Azure refuse them.
 *
 * @param field Which of the names.
 * @param name The text.
 * @returns What is wrong, for `... holds <this>`, or `undefined`.
 */
export function nameFault(field: keyof WorkspaceIdentity, name: string): string | undefined {
  if (/\p{Cc}/u.test(name)) {
    return 'a control character';
  }
  // They would end the path of an address, or lead up in it.
  if (/[?#%]/.test(name) || /^\.+$/.test(name.trim())) {
    return 'a text that no name in Azure has';
  }
  return field !== 'subscriptionId' && hasSlash(name) ? 'a slash' : undefined;
}

/** Whether a text would be more than one part of a path. */
export function hasSlash(name: string): boolean {
  return /[/\\]/.test(name);
}
