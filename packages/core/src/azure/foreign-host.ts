import { AzuremlError } from '@azureml-ts/common';

/** The error of a link that leads away from Azure's own hosts. Code `FOREIGN_HOST`. */
export function foreignHost(host: string, what: string): AzuremlError {
  return new AzuremlError(
    'FOREIGN_HOST',
    `${what} leads to ${host}, which is none of the hosts of this workspace, so it was not followed and no token was sent there. ` +
      'Check for a proxy that changes answers; if the host is right, give it as clientOptions.endpoint.',
    { details: { host } },
  );
}
