import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Model } from '../../src/model/model.ts';
import { localServices, rejection } from '../support/local-services.ts';

let local: Awaited<ReturnType<typeof localServices>>;
beforeEach(async () => {
  local = await localServices();
});
afterEach(() => local.close());

describe('the port of a local service', () => {
  it('is another one for each of several services, and stays over restarts', async () => {
    const services = await Promise.all(['one', 'two', 'three'].map((name) => local.deployed({ name })));
    const ports = services.map(({ port }) => port);
    expect(new Set(ports).size).toBe(3);

    await Promise.all(services.map((service) => service.update({ collectModelData: true })));
    await services[0]?.reload();

    expect(services.map(({ port }) => port)).toEqual(ports);
    const names = await Promise.all(services.map((service) => service.run({ env: ['SERVICE_NAME'] })));
    expect(names).toEqual(['one', 'two', 'three'].map((name) => ({ SERVICE_NAME: name })));
  });

  it('is refused when another service has it, by that name, and free again after its deletion', async () => {
    const first = await local.deployed({ name: 'first' });
    const port = Number(first.port);
    const second = await local.deploy({ name: 'second', config: { port } });
    const error = await rejection(second.waitForDeployment());

    expect(error).toMatchObject({ code: 'DEPLOYMENT_FAILED', reason: 'PORT_IN_USE' });
    expect(error.message).toContain(`Port ${port} is in use`);
    expect(error.message).toContain(`The local service "first" of this process has it (process ${first.pid}).`);

    await first.delete();
    await second.update({});
    expect(second.port).toBe(port);
  });

  it('is refused when another process has it, by its id', async () => {
    const script =
      "require('net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })";
    const other = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const port = Number(String((await once(other.stdout, 'data'))[0]));
      const service = await local.deploy({ config: { port } });

      expect((await rejection(service.waitForDeployment())).message).toContain(`Process ${other.pid} (`);
    } finally {
      other.kill('SIGKILL');
      await once(other, 'exit');
    }
  });
});

describe('the models of a local service', () => {
  it('stand under AZUREML_MODEL_DIR by name and version, files as files and folders with all that is in them', async () => {
    const file = join(local.directory, 'weights.bin');
    await writeFile(file, 'w');
    const folder = join(local.directory, 'net');
    await mkdir(join(folder, 'layers'), { recursive: true });
    await writeFile(join(folder, 'layers', '1.json'), '[]');
    const service = await local.deployed({
      models: [
        new Model({ name: 'tree', version: 1, path: file }),
        new Model({ name: 'tree', version: '2', path: file }),
        new Model({ name: 'net', version: 7, path: folder }),
      ],
    });

    const { AZUREML_MODEL_DIR: root = '' } = await service.run<Record<string, string>>({ env: ['AZUREML_MODEL_DIR'] });
    expect(root).toBe(join(local.directory, 'svc', 'models'));
    expect((await readdir(root)).sort()).toEqual(['net', 'tree']);
    expect(await readFile(join(root, 'tree', '1', 'weights.bin'), 'utf8')).toBe('w');
    expect(await readFile(join(root, 'tree', '2', 'weights.bin'), 'utf8')).toBe('w');
    expect(await readFile(join(root, 'net', '7', 'net', 'layers', '1.json'), 'utf8')).toBe('[]');
    expect(service.toJSON()['models']).toEqual(['tree:1', 'tree:2', 'net:7']);

    await service.delete();
    expect(await readFile(join(folder, 'layers', '1.json'), 'utf8')).toBe('[]');
  });

  it('are none but its own, whatever a process that was killed left in the folder', async () => {
    const left = join(local.directory, 'svc', 'models', 'old', '1');
    await mkdir(left, { recursive: true });
    await writeFile(join(left, 'weights.bin'), 'w');
    await local.deployed();

    expect(await readdir(join(local.directory, 'svc', 'models'))).toEqual([]);
  });

  it('are refused when one comes twice, and the root of the file system too', async () => {
    const path = join(local.directory, 'weights.bin');
    await writeFile(path, 'w');
    const models = [
      new Model({ name: 'm', version: 1, path }),
      new Model({ name: 'm', version: '1', path }),
      new Model({ name: 'all', path: '/' }),
    ];

    expect(await rejection(local.deploy({ models }))).toMatchObject({
      code: 'DEPLOYMENT_CONFIGURATION_INVALID',
      faults: [
        { path: 'models[1]', message: expect.stringContaining('is m:1, as models[0] is') },
        { path: 'models[2].path', message: expect.stringContaining('root') },
      ],
    });
  });
});
