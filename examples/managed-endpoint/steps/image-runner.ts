import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { BlobServiceClient } from '@azure/storage-blob';
import { Model, type Workspace } from '@azureml-ts/core';
import type { AzureStandIn } from '@azureml-ts/testing';
import { readImage } from './dockerfile.ts';

const STOP_TIMEOUT_MS = 30_000;

/** What an {@link ImageRunner} works with. */
export interface ImageRunnerInit {
  readonly workspace: Workspace;
  /** What stands in for Azure. */
  readonly azure: AzureStandIn;
  /** Folder for the files of the container. */
  readonly directory: string;
  /** Connection string of the storage that stands in for the workspace's. */
  readonly storage: string;
  /** The installed packages, which `npm ci` makes in the image. */
  readonly packages: string;
  readonly abortSignal: AbortSignal;
}

/** What is used of a deployment, as Azure has it. */
interface Deployed {
  readonly environmentId: string;
  readonly model: string;
  readonly environmentVariables: Readonly<Record<string, string>>;
}

/**
 * Does what Azure does once it has built the image of a deployment: runs its container, here as a process without Docker, with
 * the files that were uploaded, the command and the variables of the Dockerfile, and those of the deployment.
 */
export class ImageRunner {
  readonly #init: ImageRunnerInit;
  #child: ChildProcess | undefined;

  /** @param init Where. */
  constructor(init: ImageRunnerInit) {
    this.#init = init;
  }

  /** Starts the container of the only deployment of an endpoint; the one of before ends first. */
  async start(endpointName: string): Promise<void> {
    await this.stop();
    const { azure, directory, storage, packages, abortSignal } = this.#init;
    const endpoint = azure.endpoint(endpointName);
    const [deployment] = [...(endpoint?.deployments.values() ?? [])];
    if (endpoint === undefined || deployment === undefined) {
      throw new Error(`The endpoint ${endpointName} has no deployment.`);
    }
    const { environmentId, model, environmentVariables } = deployment.resource['properties'] as Deployed;
    const [home, models, journal] = ['app', 'models', 'journal'].map((name) => join(directory, name));
    for (const folder of [home, models, journal]) {
      await rm(folder ?? '', { recursive: true, force: true });
      await mkdir(folder ?? '', { recursive: true });
    }
    await this.#download(environmentId, home ?? '');
    await symlink(packages, join(home ?? '', 'node_modules'), 'junction');
    await this.#downloadModel(model, models ?? '');
    const image = readImage(await readFile(join(home ?? '', 'Dockerfile'), 'utf8'));
    // Paths of the container are paths below the folder here.
    const variables = Object.entries(image.environment).map(([name, value]) => [
      name,
      name === 'AML_MODEL_DC_JOURNAL' ? journal : value.replace(/^\/app(?=\/|$)/, home ?? ''),
    ]);
    const [, ...entry] = image.entrypoint;
    const child = spawn(process.execPath, [...entry, '--port', '0', '--host', '127.0.0.1'], {
      cwd: home,
      env: {
        ...inherited(),
        ...Object.fromEntries(variables),
        ...environmentVariables,
        AZUREML_MODEL_DIR: models,
        // The account of the deployment is made up.
        AML_MODEL_DC_STORAGE: storage,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    const lines: string[] = [];
    deployment.logs['InferenceServer'] = lines;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream as NodeJS.ReadableStream }).on('line', (line) => lines.push(line));
    }
    const [message] = (await Promise.race([
      once(child, 'message', { signal: abortSignal }),
      once(child, 'close', { signal: abortSignal }),
    ])) as [{ url?: string } | null];
    const url = message?.url;
    if (url === undefined) {
      throw new Error(`The container did not start: ${lines.join('\n')}`);
    }
    process.stderr.write(`-- the image runs as a process, on ${url}\n`);
    endpoint.score = async ({ body, headers }) => {
      const { 'content-type': type = 'application/json', 'x-ms-client-request-id': id } = headers;
      const asked = { 'content-type': type, ...(id === undefined ? {} : { 'x-ms-client-request-id': id }) };
      const answer = await fetch(`${url}/score`, { method: 'POST', body, headers: asked });
      return {
        status: answer.status,
        body: await answer.text(),
        headers: { 'content-type': answer.headers.get('content-type') ?? 'text/plain' },
      };
    };
  }

  /** Ends the container in good order: rows and traces that wait go out first. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    const [code, signal] = await closed;
    clearTimeout(late);
    if (code !== 0) {
      throw new Error(`The container ended with ${code ?? signal} when it was asked to end.`);
    }
  }

  /** The build context, as Azure finds it in the store. */
  async #download(environmentId: string, home: string): Promise<void> {
    const environment = this.#init.azure
      .assets('environments')
      .find(({ resource }) => resource['id'] === environmentId);
    const { build } = (environment?.resource['properties'] ?? {}) as { build?: { contextUri: string } };
    const [, container = '', ...prefix] = new URL(build?.contextUri ?? '').pathname.split('/');
    const client = BlobServiceClient.fromConnectionString(this.#init.storage).getContainerClient(container);
    for await (const { name } of client.listBlobsFlat({ prefix: prefix.join('/') })) {
      const file = join(home, name.slice(prefix.join('/').length));
      await mkdir(dirname(file), { recursive: true });
      await client.getBlobClient(name).downloadToFile(file);
    }
  }

  async #downloadModel(id: string, directory: string): Promise<void> {
    const [, name = '', version = ''] = /\/models\/([^/]+)\/versions\/([^/]+)$/.exec(id) ?? [];
    const model = await Model.get(this.#init.workspace, name, version);
    await model.download(directory);
  }
}

/** A container has none of the variables of this machine, but a process needs some. */
function inherited(): Record<string, string> {
  return Object.fromEntries(
    ['PATH', 'HOME', 'TMPDIR', 'SystemRoot', 'TEMP'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
