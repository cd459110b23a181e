import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWorkspace, type WorkspaceCliOptions } from '../../src/azure/workspace-options.ts';
import { RecordedIo } from '../recorded-io.ts';

const ENVIRONMENT = {
  AZUREML_ARM_SUBSCRIPTION: 'env-sub',
  AZUREML_ARM_RESOURCEGROUP: 'env-rg',
  AZUREML_ARM_WORKSPACE_NAME: 'env-ws',
};
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({ subscription_id: 'file-sub', resource_group: 'file-rg', workspace_name: 'file-ws' }),
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

async function namesOf(options: WorkspaceCliOptions, env: Record<string, string> = {}): Promise<string[]> {
  const { workspace } = await openWorkspace(options, new RecordedIo(env));
  return [workspace.subscriptionId, workspace.resourceGroup, workspace.workspaceName];
}

describe('openWorkspace', () => {
  it('takes the three options before all else', async () => {
    const options = { subscriptionId: 's', resourceGroup: 'r', workspace: 'w' };
    expect(await namesOf(options, ENVIRONMENT)).toEqual(['s', 'r', 'w']);
  });

  it('lets the environment stand in for the options left out', async () => {
    expect(await namesOf({ workspace: 'w' }, ENVIRONMENT)).toEqual(['env-sub', 'env-rg', 'w']);
  });

  it('takes the file that --config leads to before the environment, and an option before its field', async () => {
    mkdirSync(join(folder, 'deep'));
    expect(await namesOf({ config: join(folder, 'deep') }, ENVIRONMENT)).toEqual(['file-sub', 'file-rg', 'file-ws']);
    expect(await namesOf({ config: folder, workspace: 'w' })).toEqual(['file-sub', 'file-rg', 'w']);
  });

  it('takes a part of the environment for nothing, rather than mixing it with a file', async () => {
    const { AZUREML_ARM_SUBSCRIPTION } = ENVIRONMENT;
    expect(await namesOf({ config: folder }, { AZUREML_ARM_SUBSCRIPTION })).toEqual(['file-sub', 'file-rg', 'file-ws']);
  });

  it('says all the ways when there is none', async () => {
    const missing = openWorkspace({ config: join(folder, 'other.json') }, new RecordedIo());
    await expect(missing).rejects.toMatchObject({
      code: 'CONFIG_FILE_NOT_FOUND',
      message: expect.stringMatching(/other\.json.*--subscription-id.*AZUREML_ARM_SUBSCRIPTION/s),
    });
  });

  it('refuses an empty option instead of taking another workspace', async () => {
    await expect(namesOf({ workspace: ' ' }, ENVIRONMENT)).rejects.toThrow('--workspace must be not empty');
  });

  it('asks for tokens of the tenant that is named, whatever the credential', async () => {
    const io = new RecordedIo();
    const asked: unknown[] = [];
    io.access = {
      credential: {
        getToken: async (scopes, options) => {
          asked.push([scopes, options]);
          return null;
        },
      },
    };
    const { workspace } = await openWorkspace({ config: folder, tenantId: 'T' }, io);
    await workspace.credential.getToken('scope', { claims: 'c' });
    expect(asked).toEqual([['scope', { claims: 'c', tenantId: 'T' }]]);
    expect(workspace.workspaceName).toBe('file-ws');
  });

  it('says which file it was', async () => {
    const { source } = await openWorkspace({ config: folder }, new RecordedIo());
    expect(source).toBe(join(folder, 'config.json'));
  });

  it('passes on the cloud, and refuses an unknown one', async () => {
    const options = { subscriptionId: 's', resourceGroup: 'r', workspace: 'w' };
    await expect(namesOf({ ...options, cloud: 'MoonCloud' })).rejects.toThrow('AzureChinaCloud');
  });
});
