import { Model, Workspace } from '../src/index.ts';

describe('callers without types', () => {
  const ws = new Workspace({ subscriptionId: 's', resourceGroup: 'r', workspaceName: 'w' });

  it.each([
    ['fromConfig(null)', () => Workspace.fromConfig(null as never), 'options'],
    ['fromConfig with a number for path', () => Workspace.fromConfig({ path: 3 as never }), 'path'],
    ['deploy without options', () => Model.deploy(ws, undefined as never), 'options'],
  ])('get a clear error from %s', async (_, call, path) => {
    await expect(call()).rejects.toMatchObject({ code: 'VALIDATION', path });
  });
});
