import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type AzureStandIn, type Azurite, startAzurite } from '@azureml-ts/testing';
import { InferenceConfig, type InferenceConfigOptions } from '../../../src/model/inference-config.ts';
import { deployOnline } from '../../../src/online/deploy/deploy-online.ts';
import type { OnlineDeployOptions } from '../../../src/online/deploy/deploy-options.ts';
import { type DeploymentPlan, planDeployment } from '../../../src/online/deploy/deployment-plan.ts';
import {
  OnlineDeploymentConfiguration,
  type OnlineDeploymentOptions,
} from '../../../src/online/deployment-configuration.ts';
import type { OnlineEndpoint } from '../../../src/online/online-endpoint.ts';
import type { Workspace } from '../../../src/workspace/workspace.ts';
import type { OpenStandInOptions } from '../../support/stand-in.ts';
import { blobNames, openStorage } from '../../support/storage.ts';

export const SERVER = resolve(__dirname, '../../fixtures/container-server.mjs');
/** Quicker, for many deployments. */
export const STATIC_SERVER = resolve(__dirname, '../../fixtures/static-container.mjs');
const NAMES = ['@azureml-ts/inference-server', '@azureml-ts/monitoring', '@azure/identity'];
const DEPENDENCIES = Object.fromEntries(NAMES.map((name) => [name, '^1.0.0']));

/** The files of a project, by path. */
export function projectFiles(dependencies: Record<string, string> = DEPENDENCIES): Record<string, string> {
  const packages = Object.fromEntries(
    Object.keys(dependencies).map((name) => [`node_modules/${name}`, { version: '1.0.0' }]),
  );
  return {
    'score.mjs': 'export const run = (body) => JSON.parse(body).data.length;',
    'package.json': JSON.stringify({ name: 'project', dependencies }),
    'package-lock.json': JSON.stringify({ lockfileVersion: 3, packages: { '': { dependencies }, ...packages } }),
  };
}

/** What a test deploys. */
export interface DeployCall extends Partial<Omit<OnlineDeployOptions, 'deploymentConfig' | 'inferenceConfig'>> {
  readonly config?: OnlineDeploymentOptions;
  readonly inference?: Partial<InferenceConfigOptions>;
}

/** A workspace in a stand-in with a store of its own. */
export interface DeployPlace {
  readonly standIn: AzureStandIn;
  readonly workspace: Workspace;
  readonly container: string;
  deploy(call?: DeployCall): Promise<OnlineEndpoint>;
  plan(call?: DeployCall): Promise<DeploymentPlan>;
  /** Requests to the management plane that change something, as `METHOD last/parts`. */
  writes(): string[];
  /** Names of the blobs that are stored. */
  blobs(): Promise<string[]>;
  /** Text of the first blob of a name. */
  text(name: string): Promise<string>;
}

/** Azurite and a project folder for the tests of a file. */
export function deployTests(serverCommand: string = SERVER) {
  const here: { azurite?: Azurite; folder: string } = { folder: '' };
  beforeAll(async () => {
    here.azurite = await startAzurite();
  }, 60_000);
  afterAll(() => here.azurite?.close());
  beforeEach(async () => {
    here.folder = await mkdtemp(join(tmpdir(), 'deploy-online-'));
    await writeProject(projectFiles());
  });
  afterEach(() => rm(here.folder, { recursive: true, force: true }));

  async function writeProject(files: Record<string, string>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(here.folder, path)), { recursive: true });
      await writeFile(join(here.folder, path), text);
    }
  }

  function optionsOf({ config, inference, ...others }: DeployCall = {}): OnlineDeployOptions {
    return {
      name: 'loans',
      showOutput: false,
      inferenceConfig: new InferenceConfig({
        entryScript: 'score.mjs',
        sourceDirectory: here.folder,
        ...inference,
      }),
      deploymentConfig: new OnlineDeploymentConfiguration({ instanceType: 'Standard_DS3_v2', ...config }),
      ...others,
    };
  }

  async function open(options: OpenStandInOptions = {}): Promise<DeployPlace> {
    const { standIn, workspace, container: client } = await openStorage(here.azurite as Azurite, options);
    const blobs = () => blobNames(client);
    return {
      standIn,
      workspace,
      container: client.containerName,
      deploy: (call) => deployOnline(workspace, optionsOf(call), { serverCommand }),
      plan: (call) => planDeployment(workspace, optionsOf(call), { serverCommand }),
      writes: () => writesOf(standIn),
      blobs,
      text: async (name) => {
        const path = (await blobs()).find((blob) => blob.endsWith(`/${name}`)) ?? name;
        return String(await client.getBlobClient(path).downloadToBuffer());
      },
    };
  }

  return { open, optionsOf, writeProject, folder: () => here.folder };
}

/** Requests to the management plane that change something. */
export function writesOf(standIn: AzureStandIn): string[] {
  return standIn
    .exchanges()
    .filter(({ plane, method }) => plane === 'management' && method !== 'GET')
    .map(
      ({ method, url }) => `${method} ${new URL(url).pathname.split('/workspaces/')[1]?.split('/').slice(1).join('/')}`,
    );
}
