import { nearestName } from '@azureml-ts/common';
import { ACI_KEYS, AKS_ENDPOINT_KEYS, AKS_KEYS, LOCAL_KEYS } from './classic-keys.ts';
import { DEPLOYMENT_FILE_TYPES, type DeploymentFileType, type Keys } from './key-rule.ts';
import { ONLINE_KEYS } from './online-keys.ts';

/** The keys of a file, by its type. The reader, the JSON schema and the messages all stand on this table. */
export const KEYS: Readonly<Record<DeploymentFileType, Keys>> = {
  online: ONLINE_KEYS,
  aks: AKS_KEYS,
  aci: ACI_KEYS,
  aks_endpoint: AKS_ENDPOINT_KEYS,
  local: LOCAL_KEYS,
};

/** Keys that a file cannot do without, by its type. */
export const NEEDED: Readonly<Record<DeploymentFileType, readonly string[]>> = {
  online: ['endpoint_name', 'code_configuration'],
  aks: ['name'],
  aci: ['name'],
  aks_endpoint: ['endpoint_name'],
  local: ['name', 'code_configuration'],
};

/** Names of azureml-core for what the file calls otherwise. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  collect_model_data: 'data_collector',
  enable_app_insights: 'app_insights_enabled',
  compute_target_name: 'compute',
  deployment_name: 'name',
  deployment_target: 'compute',
  entry_script: 'code_configuration.scoring_script',
  source_directory: 'code_configuration.code',
  traffic_percentile: 'traffic',
  version_name: 'name',
};

/** Keys of an environment of azure-ai-ml that install Python packages. */
const CONDA: readonly string[] = ['conda_file', 'conda_dependencies', 'conda'];

/**
 * Says that there is no key of a name, and which one was probably meant.
 *
 * @param key The key that is not there.
 * @param keys Those that are.
 * @param type Type of the file; `undefined` below the outermost object.
 */
export function unknownKey(key: string, keys: Keys, type: DeploymentFileType | undefined): string {
  const names = Object.keys(keys);
  if (Object.hasOwn(keys, 'inference_config') && CONDA.includes(key)) {
    return 'is for Python; for Node the image is made from the code and its package-lock.json when environment is left out, or give image or build';
  }
  const other = type === undefined || !Object.hasOwn(OTHER_NAMES, key) ? undefined : OTHER_NAMES[key];
  const meant = other !== undefined && Object.hasOwn(keys, other.split('.')[0] ?? '') ? other : nearestName(key, names);
  const owners = DEPLOYMENT_FILE_TYPES.filter((candidate) => Object.hasOwn(KEYS[candidate], key));
  if (type !== undefined && owners.length > 0) {
    const advice = meant === undefined ? '' : `; did you mean ${meant}?`;
    return `is not a key of the type ${type}, but of ${owners.join(', ')}${advice}`;
  }
  return meant === undefined
    ? `is not a key${type === undefined ? ' here' : ` of the type ${type}`}; there are ${names.join(', ')}`
    : `is not a key${type === undefined ? ' here' : ` of the type ${type}`}; did you mean ${meant}?`;
}
