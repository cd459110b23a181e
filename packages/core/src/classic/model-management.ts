import { randomUUID } from 'node:crypto';
import { isAzuremlError, processSingleton, type WaitOptions } from '@azureml-ts/common';
import type { AzureAnswer, AzureRequest } from '../azure/azure-client.ts';
import { WebserviceNotFoundError } from '../errors.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** One request to the service that manages classic web services. */
export interface ModelManagementRequest extends Omit<AzureRequest, 'url'> {
  /** Path below the workspace, for example `services/svc`; parts of it are encoded already. */
  readonly path: string;
  /** Sends the content type also without a body, as the Python client does for some calls. Default `false`. */
  readonly hasContentType?: boolean | undefined;
}

/** Tells the service which requests come from one process, as the Python client does. */
const session = processSingleton('classic-session', 1, () => ({ id: randomUUID() }));

/**
 * Where the classic web services of a workspace are managed.
 *
 * Source: discovery of the workspace, key `modelmanagement`; `v1.0` is the version, there is no `api-version`.
 *
 * @param workspace Whose services.
 * @param options `abortSignal`, `timeoutMs`.
 * @returns Address without a slash at the end.
 */
export async function modelManagementUrl(workspace: Workspace, options: WaitOptions = {}): Promise<string> {
  const { modelManagement } = await workspace.discover(options);
  return modelManagement.replace(/\/+$/, '');
}

/** The headers of every request to the classic service. */
export function sessionHeaders(): Record<string, string> {
  return { 'x-ms-client-session-id': session.id };
}

/**
 * Sends one request to the classic service.
 *
 * @throws {@link WebserviceNotFoundError} when the request says that 404 means that; other errors of `AzureClient.send`.
 */
export async function callModelManagement(workspace: Workspace, request: ModelManagementRequest): Promise<AzureAnswer> {
  const { path, hasContentType, headers, ...rest } = request;
  const { abortSignal, timeoutMs } = request;
  const base = await modelManagementUrl(workspace, { abortSignal, timeoutMs });
  try {
    return await workspace.azure.send({
      ...rest,
      url: `${base}/${path}`,
      headers: {
        ...(hasContentType === true ? { 'content-type': 'application/json' } : {}),
        ...sessionHeaders(),
        ...headers,
      },
    });
  } catch (error) {
    throw isAzuremlError(error, 'WEBSERVICE_NOT_FOUND') ? notFound(error) : error;
  }
}

/** Path of a service, or of something below it. */
export function servicePath(name: string, action?: string): string {
  return `services/${encodeURIComponent(name)}${action === undefined ? '' : `/${action}`}`;
}

/** What an answer 404 means for a request about one service. */
export function noSuchService(workspace: Workspace): { readonly code: string; readonly hint: string } {
  return {
    code: 'WEBSERVICE_NOT_FOUND',
    hint: `Check the name, and that it is a service of the workspace "${workspace.workspaceName}"; Webservice.list() shows all.`,
  };
}

function notFound(error: {
  readonly message: string;
  readonly details: WebserviceNotFoundError['details'];
  readonly statusCode: number | undefined;
  readonly requestId: string | undefined;
}): WebserviceNotFoundError {
  const { message, details, statusCode, requestId } = error;
  return new WebserviceNotFoundError(message, { details, statusCode, requestId });
}
