import { basename, join } from 'node:path';
import { REDACTED, redactSecrets } from '@azureml-ts/common';
import type { ModelDeployOptions } from '../model/model.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { checkedLocal, type DeployLocalInternals, serviceRuns } from './deploy-local.ts';
import { RESERVED_VARIABLES, serviceVariables } from './environment.ts';
import { runningServices } from './running-services.ts';
import { serverArguments } from './server-process.ts';

/** What `Model.deploy` of a local service would start now; see `Model.planDeployment`. */
export interface LocalDeploymentPlan {
  /** Name of the service. */
  readonly name: string;
  /** Class of the service. */
  readonly kind: 'LocalWebservice';
  /** The process: the program and its arguments. */
  readonly command: readonly string[];
  /** Folder that it runs in. */
  readonly workingDirectory: string;
  /** Folder of the service: its log, its models, and its rows when no other storage is given. */
  readonly directory: string;
  /** Port that it listens on; `null` for any free one. */
  readonly port: number | null;
  /** Models: each would be linked from `path` to `target`. */
  readonly models: readonly { readonly id: string; readonly path: string; readonly target: string }[];
  /** Variables that it gets beside those of this process; those that may be secrets are masked. */
  readonly environmentVariables: Readonly<Record<string, string>>;
}

/** Plans a local deployment: checks all that it checks, and starts and writes nothing. */
export async function planLocal(
  workspace: Workspace,
  options: ModelDeployOptions,
  internals: DeployLocalInternals = {},
): Promise<LocalDeploymentPlan> {
  const { name, configuration, models, script, scriptVariables, command, folder } = await checkedLocal(
    workspace,
    options,
    internals,
  );
  if (runningServices.has(folder.path)) {
    if (options.overwrite !== true) {
      throw serviceRuns(name, folder.path);
    }
  } else {
    await folder.checkFree(name);
  }
  const { settings, port } = configuration;
  const modelDirectory = folder.modelDirectory(models);
  const { defaultStorage } = folder;
  const variables = serviceVariables(
    { ...script, workspace, serviceName: name, modelDirectory, scriptVariables, settings, defaultStorage },
    process.env,
  );
  return {
    name,
    kind: 'LocalWebservice',
    command: [process.execPath, ...serverArguments({ command, entryScript: script.entryScript, port: port ?? 0 })],
    workingDirectory: script.sourceDirectory,
    directory: folder.path,
    port: port ?? null,
    models: models.map((model) => {
      const { path = '' } = model;
      return { id: `${model.name}:${model.version}`, path, target: join(folder.modelFolder(model), basename(path)) };
    }),
    environmentVariables: Object.fromEntries(
      Object.entries(variables).map(([variable, value]) => [variable, shownValue(variable, value)]),
    ),
  };
}

/** Those that the deployment itself sets are known, and only the destinations among them can hold a secret. */
function shownValue(name: string, value: string): string {
  return Object.hasOwn(RESERVED_VARIABLES, name) &&
    !name.startsWith('APPLICATIONINSIGHTS') &&
    name !== 'AML_APP_INSIGHTS_KEY'
    ? redactSecrets(value)
    : REDACTED;
}
