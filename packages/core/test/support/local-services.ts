import { readFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type DeployLocalInternals, deployLocal } from '../../src/local/deploy-local.ts';
import { LocalDeploymentConfiguration, type LocalDeploymentOptions } from '../../src/local/deployment-configuration.ts';
import type { LocalWebservice } from '../../src/local/local-webservice.ts';
import { InferenceConfig } from '../../src/model/inference-config.ts';
import type { ModelDeployOptions } from '../../src/model/model.ts';
import { Workspace } from '../../src/workspace/workspace.ts';

export const SERVER = resolve(__dirname, '../fixtures/contract-server.mjs');
export const SCRIPT = resolve(__dirname, '../fixtures/score.mjs');
export const workspace = new Workspace({ subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' });

export interface DeployOptions extends Partial<Omit<ModelDeployOptions, 'deploymentConfig'>> {
  readonly config?: LocalDeploymentOptions;
  readonly internals?: DeployLocalInternals;
}

/** A temporary folder and the services deployed in it; both gone after `close()`. */
export async function localServices() {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'core-local-')));
  const services: LocalWebservice[] = [];
  return {
    directory,
    async deploy({ config, internals, ...options }: DeployOptions = {}): Promise<LocalWebservice> {
      const service = await deployLocal(
        workspace,
        {
          name: 'svc',
          inferenceConfig: new InferenceConfig({ entryScript: SCRIPT }),
          deploymentConfig: new LocalDeploymentConfiguration({ directory, ...config }),
          ...options,
        },
        { serverCommand: SERVER, ...internals },
      );
      services.push(service);
      return service;
    },
    async deployed(options: DeployOptions = {}): Promise<LocalWebservice> {
      const service = await this.deploy(options);
      await service.waitForDeployment();
      return service;
    },
    async close(): Promise<void> {
      await Promise.all(services.map((service) => service.delete({ keepData: false })));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Waits until a condition holds; fails after ten seconds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > deadline) {
      throw new Error(`Waited in vain until ${what}`);
    }
    await new Promise((next) => setTimeout(next, 20));
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    // One that has ended stays in the table until its parent asks, which a thread that was terminated never does.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z') === false;
  } catch {
    return true;
  }
}

/** What a promise rejects with. */
export async function rejection(
  promise: Promise<unknown>,
): Promise<Error & { code?: string; details?: Record<string, unknown> }> {
  return promise.then(
    (value) => {
      throw new Error(`It did not reject, but gave ${JSON.stringify(value)}`);
    },
    (error) => error,
  );
}
