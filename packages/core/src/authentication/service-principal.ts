import { ValidationError } from '@azureml-ts/common';
import { type AuthenticationOptions, checkAuthenticationOptions, identityOptions, requiredText } from './authority.ts';
import { LazyCredential } from './lazy-credential.ts';

/** Options of {@link ServicePrincipalAuthentication}. */
export interface ServicePrincipalAuthenticationOptions extends AuthenticationOptions {
  /** Id of the Microsoft Entra tenant. */
  readonly tenantId: string;
  /** Application (client) id of the service principal. */
  readonly servicePrincipalId: string;
  /** Its secret. Either this or `certificatePath`. */
  readonly servicePrincipalPassword?: string | undefined;
  /** Its certificate with the private key, a PEM file. */
  readonly certificatePath?: string | undefined;
  /** Password of the certificate's key. Default: none. */
  readonly certificatePassword?: string | undefined;
}

/**
 * Signs in as a service principal, with a secret or a certificate. Nothing happens before the first token is asked for.
 *
 * Source: `azureml.core.authentication.ServicePrincipalAuthentication`; `ClientSecretCredential` and
 * `ClientCertificateCredential` of @azure/identity.
 *
 * @example
 * ```ts
 * import { ServicePrincipalAuthentication, Workspace } from '@azureml-ts/core';
 *
 * const ws = new Workspace({
 *   subscriptionId: '11111111-2222-3333-4444-555555555555',
 *   resourceGroup: 'rg1',
 *   workspaceName: 'ws1',
 *   credential: new ServicePrincipalAuthentication({
 *     tenantId: '99999999-8888-7777-6666-555555555555',
 *     servicePrincipalId: '12121212-3434-5656-7878-909090909090',
 *     servicePrincipalPassword: process.env.DEPLOYER_PASSWORD ?? 'from a secret store',
 *   }),
 * });
 * console.log(ws.workspaceName); // ws1
 * ```
 */
export class ServicePrincipalAuthentication extends LazyCredential {
  /**
   * @param options Who signs in.
   * @throws {@link ValidationError} `VALIDATION` when an id is missing, or not exactly one of secret and certificate is given.
   */
  constructor(options: ServicePrincipalAuthenticationOptions) {
    checkAuthenticationOptions(options, [
      'tenantId',
      'servicePrincipalId',
      'servicePrincipalPassword',
      'certificatePath',
      'certificatePassword',
    ]);
    const tenantId = requiredText('tenantId', options.tenantId);
    const clientId = requiredText('servicePrincipalId', options.servicePrincipalId);
    const { servicePrincipalPassword, certificatePath, certificatePassword } = options;
    if ((servicePrincipalPassword === undefined) === (certificatePath === undefined)) {
      throw new ValidationError({
        path: 'servicePrincipalPassword',
        expected: 'given',
        message: 'Give either servicePrincipalPassword or certificatePath: one of them, and not both.',
      });
    }
    super(async () => {
      const { ClientCertificateCredential, ClientSecretCredential } = await import('@azure/identity');
      if (servicePrincipalPassword !== undefined) {
        return new ClientSecretCredential(tenantId, clientId, servicePrincipalPassword, identityOptions(options));
      }
      const certificate = {
        certificatePath: certificatePath as string,
        ...(certificatePassword === undefined ? {} : { certificatePassword }),
      };
      return new ClientCertificateCredential(tenantId, clientId, certificate, identityOptions(options));
    });
  }
}
