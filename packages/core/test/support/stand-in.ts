import { resolve } from 'node:path';
import {
  type AzureStandIn,
  type AzureStandInOptions,
  createSpecificationValidator,
  startAzureStandIn,
} from '@azureml-ts/testing';
import { Workspace, type WorkspaceOptions } from '../../src/index.ts';

/** What {@link openStandIn} starts with: options of the stand-in, and of the workspace. */
export interface OpenStandInOptions extends AzureStandInOptions {
  readonly workspace?: Partial<WorkspaceOptions>;
  /**
   * Whether every exchange must be as the official specification says. Default `true`; `false` for tests with addresses,
   * fields or states that the specification does not know.
   */
  readonly isChecked?: boolean | undefined;
}

const validator = createSpecificationValidator({ directory: resolve(__dirname, '../../../../test/specifications') });
const open: { readonly standIn: AzureStandIn; readonly isChecked: boolean }[] = [];
let printed = '';

/** Starts a stand-in with a workspace on it; both are let go after the test. */
export async function openStandIn({ workspace, isChecked = true, ...options }: OpenStandInOptions = {}): Promise<{
  standIn: AzureStandIn;
  workspace: Workspace;
}> {
  const standIn = await startAzureStandIn(options);
  open.push({ standIn, isChecked });
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

beforeEach(() => {
  printed = '';
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    jest.spyOn(stream, 'write').mockImplementation((...args: unknown[]) => {
      printed += String(args[0]);
      return write(...args);
    });
  }
});

// In every test with a stand-in: nothing that was printed holds a key or token, and what was asked is as specified.
afterEach(async () => {
  jest.restoreAllMocks();
  const used = open.splice(0);
  try {
    for (const { standIn, isChecked } of used) {
      expect(standIn.secrets().filter((secret) => printed.includes(secret))).toEqual([]);
      const exchanges = standIn.exchanges().filter(({ plane, isFault }) => plane === 'management' && !isFault);
      for (const exchange of isChecked ? exchanges : []) {
        const issues = await validator.validate(exchange);
        expect(issues.map((issue) => `${exchange.method} ${exchange.url}: ${JSON.stringify(issue)}`)).toEqual([]);
      }
    }
  } finally {
    await Promise.all(used.map(({ standIn }) => standIn.close()));
  }
});
