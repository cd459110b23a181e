import { ValidationError } from '@azureml-ts/common';
import { type AuthenticationOptions, checkAuthenticationOptions } from './authority.ts';
import { LazyCredential } from './lazy-credential.ts';

/** Options of {@link MsiAuthentication}: at most one of the three ids. Default: the identity assigned by the system. */
export interface MsiAuthenticationOptions extends Pick<AuthenticationOptions, 'cloud'> {
  /** Client id of a user-assigned identity. */
  readonly clientId?: string | undefined;
  /** Object (principal) id of a user-assigned identity. */
  readonly objectId?: string | undefined;
  /** ARM id of a user-assigned identity (`msi_res_id` in Python). */
  readonly resourceId?: string | undefined;
}

/**
 * Signs in as the managed identity of the machine, container or function that the code runs on.
 *
 * Source: `azureml.core.authentication.MsiAuthentication`; `ManagedIdentityCredential` of @azure/identity.
 *
 * @example
 * ```ts
 * import { MsiAuthentication, Workspace } from '@azureml-ts/core';
 *
 * const ws = new Workspace({
 *   subscriptionId: '11111111-2222-3333-4444-555555555555',
 *   resourceGroup: 'rg1',
 *   workspaceName: 'ws1',
 *   credential: new MsiAuthentication({ clientId: '12121212-3434-5656-7878-909090909090' }),
 * });
 * console.log(ws.workspaceName); // ws1
 * ```
 */
export class MsiAuthentication extends LazyCredential {
  /**
   * @param options Which identity.
   * @throws {@link ValidationError} `VALIDATION` when more than one id is given.
   */
  constructor(options: MsiAuthenticationOptions = {}) {
    checkAuthenticationOptions(options, ['clientId', 'objectId', 'resourceId']);
    const { clientId, objectId, resourceId } = options;
    if ([clientId, objectId, resourceId].filter((id) => id !== undefined).length > 1) {
      throw new ValidationError({
        path: 'clientId',
        expected: 'the only id',
        message: 'Give one of clientId, objectId and resourceId, or none for the identity assigned by the system.',
      });
    }
    super(async () => {
      const { ManagedIdentityCredential } = await import('@azure/identity');
      if (objectId !== undefined) {
        return new ManagedIdentityCredential({ objectId });
      }
      if (resourceId !== undefined) {
        return new ManagedIdentityCredential({ resourceId });
      }
      return new ManagedIdentityCredential(clientId === undefined ? {} : { clientId });
    });
  }
}
