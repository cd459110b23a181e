import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InferenceConfig, Model, OnlineEndpoint, Workspace } from '@azureml-ts/core';
import { type AzureStandIn, type Azurite, startAzureStandIn, startAzurite } from '@azureml-ts/testing';
import { ROOT } from '../support/checkout.ts';
import { type Consumer, createConsumer } from '../support/consumer.ts';
import { environmentOf, lastOf, readDockerfile, type Stage } from '../support/dockerfile.ts';

/** What is used of a container of blobs. */
interface BlobContainer {
  listBlobsFlat(options?: { prefix: string }): AsyncIterable<{ readonly name: string }>;
  getBlobClient(name: string): { downloadToFile(file: string): Promise<unknown> };
}

/** The client that core uploads with; the checkout itself does not depend on it. */
const { BlobServiceClient } = createRequire(join(ROOT, 'packages', 'core', 'package.json'))('@azure/storage-blob') as {
  BlobServiceClient: {
    fromConnectionString(text: string): { getContainerClient(name: string): BlobContainer };
  };
};

const SCORE = `
import { ModelDataCollector } from '@azureml-ts/monitoring';
import { round } from './lib/round.ts';
let inputs: ModelDataCollector;
export function init(): void {
  inputs = new ModelDataCollector('loans', { designation: 'inputs', featureNames: ['a', 'b'] });
}
export function run(rawData: string): number[] {
  const { data } = JSON.parse(rawData) as { data: number[][] };
  inputs.collect(data);
  return data.map(([a = 0, b = 0]) => round(a * b));
}
`;
const NEEDED = ['@azureml-ts/inference-server', '@azureml-ts/monitoring', '@azure/identity'];

let azurite: Azurite;
let azure: AzureStandIn;
let consumer: Consumer;
let child: ChildProcess | undefined;
let folder: string;

beforeAll(async () => {
  azurite = await startAzurite();
  azure = await startAzureStandIn({ blobs: azurite.connectionString });
  consumer = await createConsumer();
  folder = await mkdtemp(join(tmpdir(), 'context-'));
}, 180_000);

afterAll(async () => {
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await azure?.close();
  await azurite?.close();
  consumer?.remove();
  await rm(folder, { recursive: true, force: true });
});

/** A project as a user has it. */
async function writeProject(): Promise<string> {
  const project = join(folder, 'project');
  const dependencies = Object.fromEntries(NEEDED.map((name) => [name, '*']));
  const locked = Object.fromEntries(NEEDED.map((name) => [`node_modules/${name}`, { version: '0.0.0' }]));
  const files = {
    'src/score.ts': SCORE,
    'src/lib/round.ts': 'export const round = (value: number): number => Math.round(value);',
    'package.json': JSON.stringify({ type: 'module', dependencies }),
    'package-lock.json': JSON.stringify({ lockfileVersion: 3, packages: { '': { dependencies }, ...locked } }),
    '.env': 'SECRET=1',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), text);
  }
  return project;
}

/** The context as Azure finds it in the store, with the packages that the first stage of the image installs. */
async function downloaded(container: BlobContainer, contextUri: string): Promise<string> {
  const home = join(folder, 'app');
  const prefix = new URL(contextUri).pathname.split('/').slice(2).join('/');
  for await (const { name } of container.listBlobsFlat({ prefix })) {
    const file = join(home, name.slice(prefix.length));
    await mkdir(dirname(file), { recursive: true });
    await container.getBlobClient(name).downloadToFile(file);
  }
  await symlink(join(consumer.folder, 'node_modules'), join(home, 'node_modules'));
  return home;
}

describe('the context that Azure builds the image from', () => {
  it('serves, collects and stops in good order, run as its Dockerfile says', async () => {
    const { subscriptionId, resourceGroup, workspaceName, credential, clientOptions } = azure;
    const ws = new Workspace({ subscriptionId, resourceGroup, workspaceName, credential, clientOptions });
    await Model.deploy(ws, {
      name: 'loans',
      wait: true,
      showOutput: false,
      inferenceConfig: new InferenceConfig({ entryScript: 'src/score.ts', sourceDirectory: await writeProject() }),
      deploymentConfig: OnlineEndpoint.deployConfiguration({ collectModelData: true }),
    });

    const [environment] = azure.assets('environments');
    const { build, inferenceConfig } = (environment?.resource['properties'] ?? {}) as {
      build: { contextUri: string; dockerfilePath: string };
      inferenceConfig: Record<string, { port: number; path: string }>;
    };
    const [, containerName = ''] = new URL(build.contextUri).pathname.split('/');
    const store = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient(containerName);
    const home = await downloaded(store, build.contextUri);
    expect(readdirSync(home).sort()).toEqual([
      ...['.dockerignore', 'Dockerfile', 'node_modules', 'package-lock.json', 'package.json', 'src'],
    ]);
    const image = readDockerfile(readFileSync(join(home, build.dockerfilePath), 'utf8')).at(-1) as Stage;
    expect(Object.values(inferenceConfig).map(({ port }) => String(port))).toEqual(
      Array.from({ length: 3 }, () => lastOf(image, 'EXPOSE').text),
    );

    const [journal, stored] = ['journal', 'stored'].map((name) => join(folder, name)) as [string, string];
    mkdirSync(journal);
    mkdirSync(stored);
    const placed = Object.fromEntries(
      Object.entries(environmentOf(image)).map(([name, value]) => [
        name,
        value.replace('/var/azureml-journal', journal).replace(/^\/app(?=\/|$)/, home),
      ]),
    );
    const { environmentVariables } = (azure.deployment('loans', 'default')?.resource['properties'] ?? {}) as {
      environmentVariables?: Record<string, string>;
    };
    const [, ...entry] = lastOf(image, 'ENTRYPOINT').words ?? [];
    const server = spawn(process.execPath, [...entry, '--port', '0', '--host', '127.0.0.1'], {
      cwd: home,
      env: {
        ...placed,
        ...environmentVariables,
        // The account is no real one.
        AML_MODEL_DC_STORAGE: pathToFileURL(stored).href,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child = server;
    let log = '';
    for (const stream of [server.stdout, server.stderr]) {
      stream?.on('data', (chunk) => {
        log += chunk;
      });
    }
    const exited = once(server, 'exit');
    const [message] = (await Promise.race([once(server, 'message'), exited])) as [{ url?: string } | null];
    const url = message?.url;
    if (url === undefined) {
      throw new Error(log);
    }
    for (const { path } of [inferenceConfig['livenessRoute'], inferenceConfig['readinessRoute']].flatMap(
      (route) => route ?? [],
    )) {
      expect((await fetch(`${url}${path}`)).status).toBe(200);
    }
    const scoring = `${url}${inferenceConfig['scoringRoute']?.path}`;
    const response = await fetch(scoring, { method: 'POST', body: '{"data": [[2, 3], [4, 5]]}' });
    expect(await response.json()).toEqual([6, 20]);

    server.kill('SIGTERM');
    expect([...(await exited), log]).toEqual([0, null, expect.anything()]);
    const [table = '', ...others] = filesBelow(stored).filter((name) => name.endsWith('.csv'));
    expect(others).toEqual([]);
    expect(readFileSync(table, 'utf8')).toMatch(/\n2,3,.*\n4,5,/);
    expect(table).toContain(`/${subscriptionId}/${resourceGroup}/${workspaceName}/loans/`);
  }, 60_000);
});

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
