import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ContainerOptions, containerFiles, writeContainerFiles } from '../../src/index.ts';

const SCRIPT: ContainerOptions = { entryScript: 'src/score.ts' };
const dockerfileOf = (options: Partial<ContainerOptions>): string =>
  containerFiles({ ...SCRIPT, ...options }).Dockerfile;
const deploymentOf = (options: Partial<ContainerOptions>): string =>
  containerFiles({ ...SCRIPT, ...options })['deployment.yml'];

describe('containerFiles', () => {
  it('names the script, the models and the journal for the server', () => {
    const text = dockerfileOf({ models: ['models/a'], workers: 3 });
    expect(text).toContain('AZUREML_ENTRY_SCRIPT="src/score.ts"');
    expect(text).toContain('AZUREML_MODEL_DIR="/app/models/a"');
    expect(text).toContain('AML_MODEL_DC_JOURNAL="/var/azureml-journal"');
    expect(text).toContain('WORKER_COUNT="3"');
  });

  it('leaves out what was not asked for', () => {
    const text = dockerfileOf({ journalVolume: false });
    expect(text).not.toMatch(/VOLUME|JOURNAL|AZUREML_MODEL_DIR|WORKER_COUNT/);
    expect(deploymentOf({})).not.toMatch(/environment_variables|^model:/m);
  });

  it('takes of several models the folder that holds them', () => {
    expect(dockerfileOf({ models: ['models/a/1', 'models/b/2'] })).toContain('AZUREML_MODEL_DIR="/app/models"');
    expect(dockerfileOf({ models: ['m/a', 'm/a/b'] })).toContain('AZUREML_MODEL_DIR="/app/m"');
  });

  it('carries one port through all files', () => {
    const { Dockerfile, 'deployment.yml': deployment } = containerFiles({ ...SCRIPT, port: 8080 });
    expect(Dockerfile).toMatch(/^EXPOSE 8080$/m);
    expect(Dockerfile).toMatch(/^CMD \["--port", "8080"\]$/m);
    expect(Dockerfile).toContain('http://127.0.0.1:8080/');
    expect(deployment.match(/port: 8080/g)).toHaveLength(3);
  });

  it('deploys a built image, or has it built', () => {
    expect(deploymentOf({})).toContain('build:\n    path: "."\n    dockerfile_path: Dockerfile');
    const built = deploymentOf({ image: 'registry.azurecr.io/a/b:1.0' });
    expect(built).toContain('image: registry.azurecr.io/a/b:1.0');
    expect(built).not.toContain('build:');
  });

  it('switches telemetry for the platform and for the server together', () => {
    const on = deploymentOf({ enableAppInsights: true });
    expect(on).toContain('app_insights_enabled: true');
    expect(on).toContain('AML_APP_INSIGHTS_ENABLED: "true"');
    const off = deploymentOf({});
    expect(off).toContain('app_insights_enabled: false');
    expect(off).not.toContain('AML_APP_INSIGHTS_ENABLED');
  });

  it.each<[Partial<ContainerOptions>, RegExp]>([
    [{ entryScript: '/etc/passwd' }, /entryScript/],
    [{ entryScript: '../score.ts' }, /entryScript/],
    [{ entryScript: 'a b.ts' }, /entryScript/],
    [{ entryScript: 'score.ts"\nRUN evil' }, /entryScript/],
    [{ entryScript: '$HOME/score.ts' }, /entryScript/],
    [{ port: 80 }, /port/],
    [{ port: 65_536 }, /port/],
    [{ nodeVersion: '20' }, /nodeVersion/],
    [{ nodeVersion: '22.17.9' }, /nodeVersion/],
    [{ nodeVersion: '24-alpine' }, /nodeVersion/],
    [{ journalVolume: 'relative' }, /journalVolume/],
    [{ journalVolume: '/a/../b' }, /journalVolume/],
    [{ models: ['a', 'b'] }, /models/],
    [{ models: ['..'] }, /models\[0\]/],
    [{ endpointName: 'a' }, /endpointName/],
    [{ deploymentName: 'blue green' }, /deploymentName/],
    [{ registeredModel: 'model' }, /registeredModel/],
    [{ image: 'a b' }, /image/],
    [{ requestTimeoutMs: 180_001 }, /requestTimeoutMs/],
    [{ workers: 0 }, /workers/],
    [{ environment: { 'A-B': '1' } }, /environment\.A-B/],
  ])('refuses %j', (options, message) => {
    expect(() => containerFiles({ ...SCRIPT, ...options })).toThrow(message);
  });

  it.each(['22', '22.18', '22.18.0', '24.21.0', '26'])('takes Node %s', (nodeVersion) => {
    expect(dockerfileOf({ nodeVersion })).toContain(`FROM node:${nodeVersion}-slim AS packages`);
  });

  it('writes no secret into a file, and does not tell it either', () => {
    const secret = `${'a'.repeat(86)}==`;
    const value = `DefaultEndpointsProtocol=https;AccountName=x;AccountKey=${secret};EndpointSuffix=core.windows.net`;
    let message = '';
    try {
      deploymentOf({ environment: { AML_MODEL_DC_STORAGE: value } });
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain('AML_MODEL_DC_STORAGE holds a secret');
    expect(message).not.toContain(secret);
  });
});

describe('writeContainerFiles', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'container-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('writes all files and tells what is missing', async () => {
    await writeFile(join(directory, 'score.ts'), '');
    await writeFile(join(directory, 'package.json'), '{}');
    const { files, missing } = await writeContainerFiles({ directory, entryScript: 'score.ts', models: ['model'] });
    const texts = containerFiles({ entryScript: 'score.ts', models: ['model'] });
    expect(await Promise.all(files.map((file) => readFile(file, 'utf8')))).toEqual(Object.values(texts));
    expect(missing).toEqual([
      expect.stringMatching(/^model:/),
      expect.stringMatching(/^package-lock\.json: npm install/),
    ]);
  });

  it('replaces no file of somebody else unless told to', async () => {
    const own = join(directory, 'Dockerfile');
    await writeFile(own, 'FROM scratch\n');
    await expect(writeContainerFiles({ directory, ...SCRIPT })).rejects.toMatchObject({
      code: 'CONTAINER_FILES_EXIST',
      details: { files: ['Dockerfile'] },
    });
    expect(await readFile(own, 'utf8')).toBe('FROM scratch\n');
    await expect(readFile(join(directory, 'endpoint.yml'))).rejects.toThrow('ENOENT');
    await writeContainerFiles({ directory, ...SCRIPT, overwrite: true });
    expect(await readFile(own, 'utf8')).toBe(containerFiles(SCRIPT).Dockerfile);
  });

  it('run again changes nothing', async () => {
    await writeContainerFiles({ directory, ...SCRIPT });
    await expect(writeContainerFiles({ directory, ...SCRIPT })).resolves.toBeDefined();
  });
});
