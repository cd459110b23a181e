import { ValidationError } from '@azureml-ts/common';

/** Addresses of one of Azure's clouds. */
export interface AzureCloud {
  /** Name, for example `AzureCloud`. */
  readonly name: string;
  /** Azure Resource Manager, without a slash at the end. */
  readonly managementEndpoint: string;
  /** Where one signs in, without a slash at the end. */
  readonly authorityHost: string;
  /** Scope of tokens for scoring, when an endpoint takes Microsoft Entra tokens. */
  readonly scoringScope: string;
  /** End of the host names of storage, for example `core.windows.net`. */
  readonly storageSuffix: string;
  /** Azure Machine Learning studio. */
  readonly studio: string;
  /** Azure's portal. */
  readonly portal: string;
}

// Source: the cloud table of azure-ai-ml, and the documentation of the national clouds for studio and portal.
const CLOUDS: readonly AzureCloud[] = [
  {
    name: 'AzureCloud',
    managementEndpoint: 'https://management.azure.com',
    authorityHost: 'https://login.microsoftonline.com',
    scoringScope: 'https://ml.azure.com/.default',
    storageSuffix: 'core.windows.net',
    studio: 'https://ml.azure.com',
    portal: 'https://portal.azure.com',
  },
  {
    name: 'AzureChinaCloud',
    managementEndpoint: 'https://management.chinacloudapi.cn',
    authorityHost: 'https://login.chinacloudapi.cn',
    scoringScope: 'https://ml.azure.cn/.default',
    storageSuffix: 'core.chinacloudapi.cn',
    studio: 'https://studio.ml.azure.cn',
    portal: 'https://portal.azure.cn',
  },
  {
    name: 'AzureUSGovernment',
    managementEndpoint: 'https://management.usgovcloudapi.net',
    authorityHost: 'https://login.microsoftonline.us',
    scoringScope: 'https://ml.azure.us/.default',
    storageSuffix: 'core.usgovcloudapi.net',
    studio: 'https://ml.azure.us',
    portal: 'https://portal.azure.us',
  },
];

/** Names of the clouds. */
export const CLOUD_NAMES: readonly string[] = CLOUDS.map(({ name }) => name);

/**
 * Finds a cloud by its name, in any case.
 *
 * @param name Its name; `undefined` for the one that the variable `AZUREML_CURRENT_CLOUD` names, else `AzureCloud`.
 * @param env Environment variables.
 * @throws {@link ValidationError} `VALIDATION` when there is none of that name.
 */
export function findCloud(name: string | undefined, env: NodeJS.ProcessEnv = process.env): AzureCloud {
  const variable = env['AZUREML_CURRENT_CLOUD'];
  const wanted = name ?? (variable ? variable : 'AzureCloud');
  const found = CLOUDS.find((cloud) => cloud.name.toLowerCase() === String(wanted).toLowerCase());
  if (found === undefined) {
    throw new ValidationError({
      path: name === undefined ? 'AZUREML_CURRENT_CLOUD' : 'cloud',
      expected: `one of ${CLOUD_NAMES.join(', ')}`,
      received: wanted,
    });
  }
  return found;
}
