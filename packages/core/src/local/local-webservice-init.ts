import type { Workspace } from '../workspace/workspace.ts';
import type { LocalDeploymentConfiguration } from './deployment-configuration.ts';
import type { ServiceEnvironment } from './environment.ts';
import type { StopLimits } from './server-process.ts';
import type { ServiceFolder } from './service-folder.ts';

/** What a local service is made from; checked by `Model.deploy`. */
export interface LocalWebserviceInit {
  readonly workspace: Workspace;
  readonly name: string;
  readonly configuration: LocalDeploymentConfiguration;
  readonly folder: ServiceFolder;
  readonly command: string;
  readonly environment: Pick<
    ServiceEnvironment,
    'entryScript' | 'sourceDirectory' | 'modelDirectory' | 'scriptVariables'
  >;
  readonly models: readonly string[];
  readonly stopLimits?: StopLimits | undefined;
}
