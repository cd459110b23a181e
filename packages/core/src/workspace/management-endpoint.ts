import { ValidationError } from '@azureml-ts/common';
import type { AzureCloud } from '../azure/cloud.ts';

/**
 * The address of Azure Resource Manager: the option, else the variable `AZUREML_MANAGEMENT_ENDPOINT`, else that of the cloud.
 *
 * @param option `clientOptions.endpoint`.
 * @param cloud The workspace's cloud.
 * @param env Environment variables.
 * @returns The address without a slash at the end.
 * @throws {@link ValidationError} `VALIDATION` when it is no plain https address.
 */
export function managementEndpoint(
  option: string | undefined,
  cloud: AzureCloud,
  env: NodeJS.ProcessEnv = process.env,
): string {
  const variable = env['AZUREML_MANAGEMENT_ENDPOINT'];
  if (option !== undefined) {
    return httpsAddress('clientOptions.endpoint', option);
  }
  return variable ? httpsAddress('AZUREML_MANAGEMENT_ENDPOINT', variable) : cloud.managementEndpoint;
}

/**
 * Takes a text as an address that tokens may be sent to.
 *
 * @param path Where the text comes from, for the error.
 * @param text The text.
 * @returns The address without a slash at the end.
 * @throws {@link ValidationError} `VALIDATION` when it is not https, or holds a user, a query or a fragment.
 */
export function httpsAddress(path: string, text: unknown): string {
  const expected = 'an address such as https://management.azure.com';
  const url = typeof text === 'string' && URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (url === undefined) {
    throw new ValidationError({ path, expected, received: text });
  }
  // What is refused may hold a password: only the host is repeated.
  const refuse = (fault: string) => {
    const host = url.host === '' ? 'it' : `the address of ${url.host}`;
    return new ValidationError({ path, expected, message: `${path} must be ${expected}, but ${host} ${fault}.` });
  };
  if (url.protocol !== 'https:') {
    throw refuse('does not begin with https://, and tokens are sent over nothing else');
  }
  if (url.username !== '' || url.password !== '') {
    throw refuse('holds a user name or a password; give a credential instead');
  }
  if (url.search !== '' || url.hash !== '') {
    throw refuse('holds a query or a fragment');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
