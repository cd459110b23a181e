import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Workspace } from '../../src/index.ts';
import { rejection } from '../support/local-services.ts';

const ws = new Workspace({ subscriptionId: 'Sub', resourceGroup: 'rg', workspaceName: 'ws' });
const other = new Workspace({ subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'other' });

describe('Workspace.writeConfig', () => {
  let root: string;
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'write-config-')));
  });
  afterEach(() => rm(root, { recursive: true }));
  const names = async (path: string) => {
    const { subscriptionId, resourceGroup, workspaceName } = await Workspace.fromConfig({ path });
    return [subscriptionId, resourceGroup, workspaceName];
  };

  it('writes the three names that every reader knows to .azureml/config.json', async () => {
    const file = await ws.writeConfig({ path: root });

    expect(file).toBe(join(root, '.azureml', 'config.json'));
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      subscription_id: 'Sub',
      resource_group: 'rg',
      workspace_name: 'ws',
    });
    expect(await names(root)).toEqual(['Sub', 'rg', 'ws']);
    expect(await readdir(join(root, '.azureml'))).toEqual(['config.json']);
  });

  it('keeps to an aml_config folder that is there, but for an .azureml folder', async () => {
    await mkdir(join(root, 'aml_config'));
    expect(await ws.writeConfig({ path: root })).toBe(join(root, 'aml_config', 'config.json'));
    await mkdir(join(root, '.azureml'));
    expect(await ws.writeConfig({ path: root, fileName: 'prod.json' })).toBe(join(root, '.azureml', 'prod.json'));
  });

  it('leaves a file of the same workspace as it is, whatever the case of its names', async () => {
    const file = await ws.writeConfig({ path: root });
    const text = '{"subscription_id":"sub","resource_group":"RG","workspace_name":"ws","comment":"mine"}';
    await writeFile(file, text);

    expect(await ws.writeConfig({ path: root })).toBe(file);
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it('does not replace the file of another workspace unless it shall', async () => {
    const file = await other.writeConfig({ path: root });
    const error = await rejection(ws.writeConfig({ path: root }));

    expect(error).toMatchObject({ code: 'CONFIG_FILE_EXISTS', details: { file } });
    expect(error.message).toContain('workspace other');
    expect(await names(root)).toEqual(['sub', 'rg', 'other']);
    await ws.writeConfig({ path: root, overwrite: true });
    expect(await names(root)).toEqual(['Sub', 'rg', 'ws']);
    expect(await readdir(join(root, '.azureml'))).toEqual(['config.json']);
  });

  it('does not replace a file that it cannot read', async () => {
    await mkdir(join(root, '.azureml'));
    await writeFile(join(root, '.azureml', 'config.json'), '{"subscription_id": ');

    expect(await rejection(ws.writeConfig({ path: root }))).toMatchObject({ code: 'CONFIG_FILE_EXISTS' });
  });

  it('gives one of many writers at the same time the file, and tells the others whose it is', async () => {
    const workspaces = Array.from(
      { length: 8 },
      (_, index) => new Workspace({ subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: `ws${index}` }),
    );
    const results = await Promise.allSettled(workspaces.map((workspace) => workspace.writeConfig({ path: root })));
    const won = results.flatMap(({ status }, index) => (status === 'fulfilled' ? [`ws${index}`] : []));

    expect(won).toHaveLength(1);
    expect((await names(root))[2]).toBe(won[0]);
    for (const result of results) {
      if (result.status === 'rejected') {
        expect(result.reason).toMatchObject({ code: 'CONFIG_FILE_EXISTS' });
      }
    }
    expect(await readdir(join(root, '.azureml'))).toEqual(['config.json']);
  });

  it('says so when the file cannot be written, and leaves nothing behind', async () => {
    await writeFile(join(root, 'file'), '');
    expect(await rejection(ws.writeConfig({ path: join(root, 'file') }))).toMatchObject({
      code: 'CONFIG_FILE_NOT_WRITTEN',
      message: expect.stringContaining(join(root, 'file')),
    });
    expect(await readdir(root)).toEqual(['file']);
  });

  it.each([
    ['fileName', 'a/b.json'],
    ['fileName', '..'],
    ['fileName', ''],
    ['path', ''],
    ['filename', 'x'],
  ])('refuses the %s %j', async (name, value) => {
    expect(await rejection(ws.writeConfig({ path: root, [name]: value }))).toMatchObject({
      code: 'VALIDATION',
      path: name,
    });
  });
});
