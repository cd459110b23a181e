import { type AzureStandIn, type AzureStandInOptions, startAzureStandIn } from '@azureml-ts/testing';
import { Workspace, type WorkspaceOptions } from '../../src/index.ts';

/** What {@link openStandIn} starts with: options of the stand-in, and of the workspace. */
export interface OpenStandInOptions extends AzureStandInOptions {
  readonly workspace?: Partial<WorkspaceOptions>;
}

const open: AzureStandIn[] = [];

/** Starts a stand-in with a workspace on it; both are let go after the test. */
export async function openStandIn({ workspace, ...options }: OpenStandInOptions = {}): Promise<{
  standIn: AzureStandIn;
  workspace: Workspace;
}> {
  const standIn = await startAzureStandIn(options);
  open.push(standIn);
  return { standIn, workspace: workspaceOn(standIn, workspace) };
}

/** Another workspace object on a stand-in. */
export function workspaceOn(standIn: AzureStandIn, options: Partial<WorkspaceOptions> = {}): Workspace {
  const { subscriptionId, resourceGroup, workspaceName, credential, clientOptions } = standIn;
  return new Workspace({ subscriptionId, resourceGroup, workspaceName, credential, clientOptions, ...options });
}

/** Requests so far as `METHOD path`, without the query. */
export function requests(standIn: AzureStandIn): string[] {
  return standIn.exchanges().map(({ method, url }) => `${method} ${new URL(url).pathname}`);
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((standIn) => standIn.close()));
});
