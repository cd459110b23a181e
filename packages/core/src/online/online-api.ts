import { type AzuremlError, isAzuremlError, ValidationError, type WaitOptions } from '@azureml-ts/common';
import type { AzureAnswer, AzureRequest } from '../azure/azure-client.ts';
import { asJsonObject, isJsonObject, type JsonObject, textAt } from '../azure/json-object.ts';
import { listResources } from '../azure/pages.ts';
import { invalidAnswer } from '../azure/request-failure.ts';
import { WebserviceNotFoundError } from '../errors.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { parseExactly } from './exact-json.ts';
import { secretValues, variablesOf } from './variables.ts';

/** First stable version that knows `dataCollector`. */
export const ONLINE_API_VERSION = '2024-04-01';

// Source: the pattern of `endpointName` and `deploymentName`, 2024-04-01.
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9\-_]{0,254}$/;
/** Codes of a 404 that is about what holds the endpoint, not about the endpoint. */
const MISSING_PARENTS: ReadonlySet<string> = new Set([
  'SubscriptionNotFound',
  'ResourceGroupNotFound',
  'ParentResourceNotFound',
]);

/** Whether an online endpoint or deployment can have a name. */
export function isOnlineName(name: unknown): name is string {
  return typeof name === 'string' && NAME.test(name);
}

/**
 * Checks a name that a caller gave.
 *
 * @throws `VALIDATION` when no online endpoint or deployment can have it.
 */
export function checkOnlineName(path: string, name: unknown): string {
  if (!isOnlineName(name)) {
    throw new ValidationError({
      path,
      expected: 'a name of 1 to 255 letters, digits, hyphens and underscores that starts with a letter or digit',
      received: name,
    });
  }
  return name;
}

/** How a resource is written. */
export interface PutOptions extends WaitOptions {
  /** What is done, for messages. Default `Updating`. */
  readonly verb?: string | undefined;
  /** Texts to mask beside the environment variables. */
  readonly secrets?: readonly string[] | undefined;
}

/** The requests for one online endpoint and its deployments, as raw JSON. */
export class OnlineApi {
  readonly #workspace: Workspace;
  readonly #name: string;

  /**
   * @param workspace Workspace of the endpoint.
   * @param name Name of the endpoint.
   */
  constructor(workspace: Workspace, name: string) {
    this.#workspace = workspace;
    this.#name = name;
  }

  /** Names the endpoint in messages. */
  get subject(): string {
    return `online endpoint "${this.#name}"`;
  }

  /** Reads the endpoint. Numbers stay as they were written. */
  async readEndpoint(options: WaitOptions): Promise<JsonObject> {
    return this.#resource({ method: 'GET', url: this.#url(), what: `Reading ${this.subject}`, ...options });
  }

  /** Reads one deployment. Numbers stay as they were written. */
  async readDeployment(deploymentName: string, options: WaitOptions): Promise<JsonObject> {
    const what = `Reading deployment "${deploymentName}" of ${this.subject}`;
    return this.#resource({ method: 'GET', url: this.#url(deploymentName), what, ...options });
  }

  /** Reads all deployments. */
  async readDeployments(options: WaitOptions): Promise<JsonObject[]> {
    const first = {
      url: `${this.#url()}/deployments`,
      query: { 'api-version': ONLINE_API_VERSION },
      what: `Listing the deployments of ${this.subject}`,
      notFound: this.#notFound(undefined),
    };
    const found: JsonObject[] = [];
    try {
      for await (const resource of listResources(this.#workspace.azure, first, options)) {
        found.push(checkResource(resource, first.what));
      }
    } catch (error) {
      throw asNotFound(error);
    }
    return found;
  }

  /** Id of the endpoint or of one of its deployments, with the service that knows it by that. */
  id(deploymentName: string | undefined): string {
    return `${this.#workspace.azure.endpoint}${this.#url(deploymentName)}`;
  }

  /** Writes the whole endpoint, or the whole deployment. */
  put(deploymentName: string | undefined, body: JsonObject, options: PutOptions): Promise<AzureAnswer> {
    const { verb = 'Updating', secrets = [], ...limits } = options;
    const part = deploymentName === undefined ? '' : `deployment "${deploymentName}" of `;
    return this.send({
      method: 'PUT',
      url: this.#url(deploymentName),
      body,
      what: `${verb} ${part}${this.subject}`,
      notFound: this.#notFound(deploymentName),
      secrets: [...secretValues(variablesOf(body)), ...secrets],
      ...limits,
    });
  }

  /** Begins to make a key anew, or to set it. */
  regenerateKey(keyType: 'Primary' | 'Secondary', keyValue: string | undefined, options: WaitOptions) {
    return this.send({
      method: 'POST',
      url: `${this.#url()}/regenerateKeys`,
      // With the value of before, as azure-ai-ml sends it, the key would stay what it was.
      body: { keyType, ...(keyValue === undefined ? {} : { keyValue }) },
      what: `Making the ${keyType.toLowerCase()} key of ${this.subject} anew`,
      secrets: keyValue === undefined ? undefined : [keyValue],
      ...options,
    });
  }

  /** Begins to delete the endpoint with all its deployments. */
  delete(options: WaitOptions): Promise<AzureAnswer> {
    return this.send({ method: 'DELETE', url: this.#url(), what: `Deleting ${this.subject}`, ...options });
  }

  /** Begins to delete a deployment. */
  deleteDeployment(deploymentName: string, options: WaitOptions): Promise<AzureAnswer> {
    const what = `Deleting deployment "${deploymentName}" of ${this.subject}`;
    return this.send({ method: 'DELETE', url: this.#url(deploymentName), what, ...options });
  }

  /** Sends a request; a 404 is a {@link WebserviceNotFoundError}. */
  async send(request: AzureRequest): Promise<AzureAnswer> {
    try {
      return await this.#workspace.azure.send({
        notFound: this.#notFound(undefined),
        ...request,
        query: { 'api-version': ONLINE_API_VERSION, ...request.query },
      });
    } catch (error) {
      throw asNotFound(error);
    }
  }

  async #resource(request: AzureRequest): Promise<JsonObject> {
    const { text } = await this.send(request);
    return checkResource(asJsonObject(parseExactly(text), `${request.what}: the answer`), request.what);
  }

  #url(deploymentName?: string): string {
    const endpoint = `${onlineEndpointsUrl(this.#workspace)}/${encodeURIComponent(this.#name)}`;
    return deploymentName === undefined ? endpoint : `${endpoint}/deployments/${encodeURIComponent(deploymentName)}`;
  }

  #notFound(deploymentName: string | undefined): AzureRequest['notFound'] {
    return { code: 'WEBSERVICE_NOT_FOUND', hint: notFoundHint(this.#workspace, deploymentName) };
  }
}

/**
 * Checks that an answer is an endpoint or a deployment: what is not must not be written back.
 *
 * @throws `INVALID_ANSWER` when it lacks a name or properties.
 */
export function checkResource(resource: JsonObject, what: string): JsonObject {
  if (!textAt(resource, 'name') || !isJsonObject(resource['properties'])) {
    throw invalidAnswer(what, 'that lacks name or properties');
  }
  return resource;
}

/** Address of the list of online endpoints, below Azure Resource Manager. */
export function onlineEndpointsUrl(workspace: Workspace): string {
  return `${workspace.id}/onlineEndpoints`;
}

/** What to do about an endpoint or a deployment that is not there. */
export function notFoundHint(workspace: Workspace, deploymentName?: string): string {
  return deploymentName === undefined
    ? `Check the name and the workspace "${workspace.workspaceName}"; OnlineEndpoint.list(ws) names those that are there.`
    : 'Check the name; deployments({ refresh: true }) names those that are there.';
}

/** The class of its own for a 404; any other error as it is. */
export function asNotFound(error: unknown): unknown {
  if (!isAzuremlError(error, 'WEBSERVICE_NOT_FOUND') || error instanceof WebserviceNotFoundError) {
    return error;
  }
  const { message, details, statusCode, requestId } = error;
  return new WebserviceNotFoundError(message, { cause: error, details, statusCode, requestId });
}

/** Whether an error says that the endpoint or deployment is not there, although its workspace is. */
export function isMissing(error: unknown): error is AzuremlError {
  return (
    isAzuremlError(error, 'WEBSERVICE_NOT_FOUND') &&
    !MISSING_PARENTS.has(String((error as AzuremlError).details['code']))
  );
}
