import { resolve } from 'node:path';
import { DeploymentConfigurationError, type DeploymentFault } from '../errors.ts';
import { whoHasSetting } from '../webservice/setting-kinds.ts';
import {
  applyChanges,
  DEFAULT_SETTINGS,
  type LocalWebserviceSettings,
  type ResolvedSettings,
  SETTING_NAMES,
  settingFaults,
} from './settings.ts';

/** Folder of all local services when none is given: `azureml-local` in the current folder. */
export const DEFAULT_DIRECTORY = 'azureml-local';

/** Options of {@link LocalWebservice.deployConfiguration}. */
export interface LocalDeploymentOptions extends LocalWebserviceSettings {
  /** Port to listen on, 1 to 65535. Default, or 0: any free one, kept for the life of the service. */
  readonly port?: number | undefined;
  /** Folder that holds a folder for each service. Default `azureml-local` in the current folder. */
  readonly directory?: string | undefined;
}

const NAMES: readonly string[] = ['port', 'directory', ...SETTING_NAMES];

/**
 * How a local service runs. Made by `LocalWebservice.deployConfiguration()`.
 *
 * Source: `LocalWebservice.deploy_configuration`.
 */
export class LocalDeploymentConfiguration {
  /** Name of the class of service that it makes. */
  readonly kind = 'LocalWebservice';
  /** Port to listen on; `undefined` for any free one. */
  readonly port: number | undefined;
  /** Folder that holds a folder for each service, absolute. */
  readonly directory: string;
  /** Whether `directory` was left to its default. */
  readonly isDefaultDirectory: boolean;
  // Private: connection strings must not show when the configuration is printed.
  readonly #settings: ResolvedSettings;

  /**
   * @param options As for `LocalWebservice.deployConfiguration()`.
   * @throws {@link DeploymentConfigurationError} `DEPLOYMENT_CONFIGURATION_INVALID`, listing every fault.
   */
  constructor(options: LocalDeploymentOptions = {}) {
    const faults = configurationFaults(options);
    if (faults.length > 0) {
      throw new DeploymentConfigurationError('The deployment configuration of a LocalWebservice', faults);
    }
    this.port = options.port === 0 ? undefined : options.port;
    this.directory = resolve(options.directory ?? DEFAULT_DIRECTORY);
    this.isDefaultDirectory = options.directory === undefined;
    this.#settings = applyChanges(DEFAULT_SETTINGS, options);
  }

  /** The settings that an update can change. May hold connection strings. */
  get settings(): ResolvedSettings {
    return this.#settings;
  }
}

function configurationFaults(options: LocalDeploymentOptions): DeploymentFault[] {
  const faults: DeploymentFault[] = [];
  for (const [name, value] of Object.entries(options)) {
    if (!NAMES.includes(name) && value !== undefined) {
      const message = `is not a setting of LocalWebservice (${whoHasSetting(name, NAMES)}); it has ${NAMES.join(', ')}`;
      faults.push({ path: name, message });
    }
  }
  const port: unknown = options.port;
  if (port !== undefined && !(typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65535)) {
    const shown = typeof port === 'string' ? `the string "${port.slice(0, 20)}"` : String(port);
    faults.push({
      path: 'port',
      message: `must be an integer from 1 to 65535 (0 or none: any free port), but is ${shown}`,
    });
  }
  const directory: unknown = options.directory;
  if (directory !== undefined && (typeof directory !== 'string' || directory.trim() === '')) {
    faults.push({ path: 'directory', message: 'must be the path of a folder' });
  }
  return [...faults, ...settingFaults(options)];
}
