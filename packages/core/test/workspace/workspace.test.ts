import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ConfigFileNotFoundError, Workspace } from '../../src/index.ts';
import { isWorkspace } from '../../src/workspace/workspace.ts';
import { rejection } from '../support/local-services.ts';

const scope = (subscription: string, group: string, name: string) =>
  `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.MachineLearningServices/workspaces/${name}`;
const names = { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' };

describe('Workspace', () => {
  it('has the id that Azure Resource Manager knows it by', () => {
    expect(new Workspace(names).id).toBe(
      '/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws',
    );
  });

  it.each(['subscriptionId', 'resourceGroup', 'workspaceName'])('refuses an empty %s and names it', (field) => {
    expect(() => new Workspace({ ...names, [field]: ' ' })).toThrow(field);
  });

  it.each(['a/b', 'a\\b', 'a\u0000', 'a\n'])('refuses the name %j', (resourceGroup) => {
    expect(() => new Workspace({ ...names, resourceGroup })).toThrow('resourceGroup must be a name without');
  });

  it('shows neither credential nor client options when printed or turned into JSON', () => {
    const ws = new Workspace({
      ...names,
      credential: {
        getToken: async () => ({ token: 'top-secret', expiresOnTimestamp: 0 }),
        key: 'top-secret',
      } as never,
      clientOptions: { additionalPolicies: ['top-secret' as never] },
    });

    expect(inspect(ws, { depth: 9, showHidden: true })).not.toContain('top-secret');
    expect(JSON.stringify(ws)).not.toContain('top-secret');
    expect(JSON.parse(JSON.stringify(ws))).toEqual({ id: ws.id, ...names });
  });

  it('gives back the credential it was made with, and always the same default one', () => {
    const credential = { getToken: async () => null };

    expect(new Workspace({ ...names, credential }).credential).toBe(credential);
    const ws = new Workspace(names);
    expect(ws.credential).toBe(ws.credential);
    expect(typeof ws.credential.getToken).toBe('function');
  });
});

describe('the options of a Workspace', () => {
  it.each([
    ['an option that does not exist', { credentials: 'top-secret' }, 'credentials'],
    ['a credential that is none', { credential: 'top-secret' }, 'credential'],
    ['a client option that does not exist', { clientOptions: { endPoint: 'top-secret' } }, 'clientOptions.endPoint'],
    ['client options that are none', { clientOptions: 'top-secret' }, 'clientOptions'],
    [
      'a retry option that does not exist',
      { clientOptions: { retryOptions: { retries: 'top-secret' } } },
      'clientOptions.retryOptions.retries',
    ],
    ['a cloud that does not exist', { cloud: 'AzureMoon' }, 'cloud'],
    ['an endpoint without https', { clientOptions: { endpoint: 'http://127.0.0.1:80' } }, 'clientOptions.endpoint'],
    [
      'an endpoint with a password',
      { clientOptions: { endpoint: 'https://u:top-secret@h' } },
      'clientOptions.endpoint',
    ],
    [
      'an endpoint with a query',
      { clientOptions: { endpoint: 'https://h/?sig=top-secret' } },
      'clientOptions.endpoint',
    ],
    ['an endpoint that is no address', { clientOptions: { endpoint: '' } }, 'clientOptions.endpoint'],
  ])('are refused for %s, without showing a secret', (_, options, path) => {
    const make = () => new Workspace({ ...names, ...options } as never);

    expect(make).toThrow(expect.objectContaining({ code: 'VALIDATION', path }));
    try {
      make();
    } catch (error) {
      expect(`${inspect(error)} ${JSON.stringify(error)}`).not.toContain('top-secret');
    }
  });

  it('choose the address of Azure Resource Manager: option, variable, cloud', () => {
    const endpoint = (cloud?: string, option?: string) =>
      new Workspace({ ...names, cloud, clientOptions: { endpoint: option } }).azure.endpoint;
    expect(endpoint()).toBe('https://management.azure.com');
    expect(endpoint('azurechinacloud')).toBe('https://management.chinacloudapi.cn');
    expect(endpoint('AzureUSGovernment')).toBe('https://management.usgovcloudapi.net');
    try {
      process.env['AZUREML_CURRENT_CLOUD'] = 'AzureChinaCloud';
      expect(endpoint()).toBe('https://management.chinacloudapi.cn');
      expect(endpoint('AzureCloud')).toBe('https://management.azure.com');
      process.env['AZUREML_MANAGEMENT_ENDPOINT'] = 'https://gateway.example.com/arm/';
      expect(endpoint()).toBe('https://gateway.example.com/arm');
      expect(endpoint('AzureCloud', 'https://other.example.com/')).toBe('https://other.example.com');
      process.env['AZUREML_MANAGEMENT_ENDPOINT'] = 'http://gateway.example.com';
      expect(() => endpoint()).toThrow('AZUREML_MANAGEMENT_ENDPOINT');
      process.env['AZUREML_CURRENT_CLOUD'] = 'AzureMoon';
      expect(() => endpoint()).toThrow('AZUREML_CURRENT_CLOUD');
    } finally {
      delete process.env['AZUREML_CURRENT_CLOUD'];
      delete process.env['AZUREML_MANAGEMENT_ENDPOINT'];
    }
  });

  it.each(['a?b', 'a#b', 'a%2fb', '..', '.'])(
    'refuse the name %j, which would change the address of a request',
    (name) => {
      expect(() => new Workspace({ ...names, resourceGroup: name })).toThrow('resourceGroup must be a name without');
    },
  );
});

describe('a subscription with a slash', () => {
  it('is taken, as Python takes it, until a request to Azure would be made', async () => {
    const workspace = new Workspace({ ...names, subscriptionId: 'a/../b' });

    expect(workspace.subscriptionId).toBe('a/../b');
    expect(await rejection(Promise.resolve().then(() => workspace.get()))).toMatchObject({
      code: 'VALIDATION',
      path: 'subscriptionId',
      message: expect.stringContaining('without a slash'),
    });
  });
});

describe('a Workspace of another copy of the package', () => {
  it('is a Workspace all the same', () => {
    let copy: typeof import('../../src/workspace/workspace.ts') | undefined;
    jest.isolateModules(() => {
      copy = require('../../src/workspace/workspace.ts');
    });
    const workspace = new (copy as NonNullable<typeof copy>).Workspace(names);

    expect(workspace).not.toBeInstanceOf(Workspace);
    expect(isWorkspace(workspace)).toBe(true);
    for (const other of [undefined, null, 'ws', {}, names]) {
      expect(isWorkspace(other)).toBe(false);
    }
  });
});

describe('Workspace.fromConfig', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'workspace-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  const config = (subscription: unknown) =>
    JSON.stringify({ subscription_id: subscription, resource_group: 'rg', workspace_name: 'w', extra: { a: 1 } });

  it.each([
    ['resource_group', 'a/b', 'a slash'],
    ['workspace_name', 'a\\b', 'a slash'],
    ['workspace_name', 'a\u0000b', 'a control character'],
    ['resource_group', 'a\n', 'a control character'],
    ['subscription_id', 'a\u0085', 'a control character'],
  ])('refuses the %s %j', async (field, value, fault) => {
    await writeFile(join(root, 'config.json'), JSON.stringify({ ...JSON.parse(config('s')), [field]: value }));
    const error = await rejection(Workspace.fromConfig({ path: root }));

    expect(error).toMatchObject({
      code: 'CONFIG_FILE_INVALID',
      faults: [expect.stringContaining(`"${field}" holds ${fault}`)],
    });
  });

  it('refuses a Scope with control characters', async () => {
    const Scope = '/subscriptions/s/resourceGroups/r\u0001/providers/Microsoft.MachineLearningServices/workspaces/w';
    await writeFile(join(root, 'config.json'), JSON.stringify({ Scope }));
    expect(await rejection(Workspace.fromConfig({ path: root }))).toMatchObject({ code: 'CONFIG_FILE_INVALID' });
  });

  it('looks in each folder for .azureml, aml_config and bare files, config.json before project.json', async () => {
    const order = [
      '.azureml/config.json',
      '.azureml/project.json',
      'aml_config/config.json',
      'aml_config/project.json',
      'config.json',
      'project.json',
    ];
    await mkdir(join(root, '.azureml'));
    await mkdir(join(root, 'aml_config'));
    for (const file of order) {
      await writeFile(join(root, file), config(file));
    }
    for (const file of order) {
      expect((await Workspace.fromConfig({ path: root })).subscriptionId).toBe(file);
      await rm(join(root, file));
    }
  });

  it('finds another file name, and only that one', async () => {
    await writeFile(join(root, 'config.json'), config('default'));
    await writeFile(join(root, 'prod.json'), config('prod'));

    expect((await Workspace.fromConfig({ path: root, fileName: 'prod.json' })).subscriptionId).toBe('prod');
    expect(await rejection(Workspace.fromConfig({ path: root, fileName: 'test.json' }))).toMatchObject({
      code: 'CONFIG_FILE_NOT_FOUND',
    });
  });

  it('lists every folder searched, nearest first, when there is no file', async () => {
    const start = join(root, 'a', 'b');
    const error = (await rejection(Workspace.fromConfig({ path: start }))) as ConfigFileNotFoundError;

    expect(error).toBeInstanceOf(ConfigFileNotFoundError);
    expect(error.searched.slice(0, 3)).toEqual([start, join(root, 'a'), root]);
    expect(error.searched.at(-1)).toBe('/');
    expect(error.message).toContain(start);
  });

  it('does not take another workspace for a file that is missing', async () => {
    await writeFile(join(root, 'config.json'), config('wrong'));
    const error = await rejection(Workspace.fromConfig({ path: join(root, 'prod.json') }));

    expect(error).toMatchObject({ code: 'CONFIG_FILE_NOT_FOUND', searched: [join(root, 'prod.json')] });
  });

  it.each([
    [
      '{"subscription_id": 7, "resource_group": "", "other": 1}',
      ['"subscription_id" must be a string, but is 7', '"resource_group" is empty', '"workspace_name" is missing'],
    ],
    ['[1]', ['it must hold a JSON object, but holds [1]']],
    ['{"Scope": "/subscriptions/s"}', ['"Scope" must be /subscriptions/']],
    ['{"Scope": 7}', ['"Scope" must be']],
    ['{\n  "subscription_id": "s"\n  "resource_group": "r"}', ['at 3:3, expected a comma or "}"']],
    ['', ['at 1:1, expected a value']],
    ['{"a": "x', ['at 1:7, expected a string']],
    ['{"a": [1, }', ['at 1:11, expected a value']],
    ['{} x', ['at 1:4, expected the end of the file']],
  ])('says what is wrong with %j', async (text, faults) => {
    const file = join(root, 'config.json');
    await writeFile(file, text);
    const error = await rejection(Workspace.fromConfig({ path: root }));

    expect(error.code).toBe('CONFIG_FILE_INVALID');
    expect(error.message).toContain(file);
    for (const fault of faults) {
      expect(error.message).toContain(fault);
    }
  });

  it.each([
    ['the studio', '{\r\n    "subscription_id": "s",\r\n    "resource_group": "r",\r\n    "workspace_name": "w"\r\n}'],
    ['azureml-core', `{"Id": null, "Scope": "${scope('s', 'r', 'w')}"}`],
    ['azure-ai-ml', `{"Scope": "${scope('s', 'r', 'w').replace('resourceGroups', 'resourcegroups')}"}`],
    [
      'a project with more in it',
      '{"subscription_id":"s","resource_group":"r","workspace_name":"w","tenant_id":"t","location":"x"}',
    ],
  ])('reads the file of %s', async (_, text) => {
    await writeFile(join(root, 'config.json'), text);

    expect(await Workspace.fromConfig({ path: root })).toMatchObject({
      subscriptionId: 's',
      resourceGroup: 'r',
      workspaceName: 'w',
    });
  });

  it('refuses an option that does not exist', async () => {
    await expect(Workspace.fromConfig({ path: root, credentials: 1 } as never)).rejects.toThrow(
      'no option "credentials"',
    );
  });

  it('passes the credential on', async () => {
    await writeFile(join(root, 'config.json'), config('s'));
    const credential = { getToken: async () => null };

    expect((await Workspace.fromConfig({ path: root, credential })).credential).toBe(credential);
  });
});
