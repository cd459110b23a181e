import type { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
import type { TokenCredential } from '@azure/core-auth';
import type { HttpMethods, Pipeline, PipelineResponse, SendRequest } from '@azure/core-rest-pipeline';
import { AzuremlError, isAzuremlError, type WaitOptions } from '@azureml-ts/common';
import { TokenCache } from '../authentication/token-cache.ts';
import type { WorkspaceClientOptions } from '../workspace/client-options.ts';
import type { AzureCloud } from './cloud.ts';
import { foreignHost } from './foreign-host.ts';
import { isTooDeep } from './json-depth.ts';
import { limited } from './limited.ts';
import {
  answerFailure,
  type FailureWords,
  INVALID_HINT,
  invalidAnswer,
  requestFailure,
  requestIdOf,
} from './request-failure.ts';
import { resendPolicy, sendOnce } from './resend-policy.ts';
import { signPolicy } from './sign-policy.ts';

/** Longest time for one request with all its retries, when the caller gives none. */
export const REQUEST_TIMEOUT_MS = 120_000;

/** What an {@link AzureClient} needs to know. */
export interface AzureClientInit {
  readonly subscriptionId: string;
  readonly credential: TokenCredential;
  readonly clientOptions: WorkspaceClientOptions;
  readonly cloud: AzureCloud;
  /** Azure Resource Manager, without a slash at the end. */
  readonly endpoint: string;
  /** Is told when a host other than Azure Resource Manager gave no answer. */
  readonly onUnreachable?: ((origin: string) => void) | undefined;
}

/** One request with the workspace's token. */
export interface AzureRequest extends WaitOptions, FailureWords {
  readonly method: HttpMethods;
  /** Absolute URL, or a path below Azure Resource Manager. */
  readonly url: string;
  /** Query parameters, added to those in the URL; `undefined` is left out. */
  readonly query?: Readonly<Record<string, string | undefined>> | undefined;
  /** Sent as JSON. `undefined` sends no body. */
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. */
  readonly bytes?: Uint8Array | undefined;
  /** Content type of the body. Default `application/json`. */
  readonly contentType?: string | undefined;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sends it once only, whatever happens. Default `false`. */
  readonly isSentOnce?: boolean | undefined;
  /** Sends it without a token. Default `false`. */
  readonly isAnonymous?: boolean | undefined;
  /** Statuses that are no failure. Default: every 2xx. */
  readonly accept?: readonly number[] | undefined;
}

/** An answer with a status that was asked for. */
export interface AzureAnswer {
  readonly status: number;
  /** Value of a header, whatever its case. */
  header(name: string): string | undefined;
  readonly text: string;
  /** The body as JSON; `undefined` when it is empty. */
  readonly json: unknown;
  /** The id to quote to support. */
  readonly requestId: string | undefined;
}

/**
 * Sends requests to the services of one workspace: the named client for what it carries whole, raw requests over the same
 * pipeline (token, retries, hosts) for what it would cut down.
 *
 * Everything is loaded and made with the first request.
 */
export class AzureClient {
  readonly #init: AzureClientInit;
  readonly #origins = new Set<string>();
  readonly #tokens: TokenCache;
  #parts: Promise<Parts> | undefined;

  /** @param init Whose requests, and how they are sent. */
  constructor(init: AzureClientInit) {
    this.#init = init;
    this.#origins.add(new URL(init.endpoint).origin);
    this.#tokens = new TokenCache(init.credential);
  }

  /** Azure Resource Manager, without a slash at the end. */
  get endpoint(): string {
    return this.#init.endpoint;
  }

  /** Lets the workspace's token go to a host that Azure itself named. Only https, as tokens travel to no other. */
  trust(url: string): void {
    const { protocol, origin, host } = new URL(url);
    if (protocol !== 'https:') {
      throw foreignHost(host, 'An address without https in the discovery of the workspace');
    }
    this.#origins.add(origin);
  }

  /**
   * Calls the named management client.
   *
   * @param words What is tried, for errors, and how long it may take.
   * @param call What to call; pass on the options.
   * @throws Errors of the request, see `answerFailure` and `requestFailure`; `TIMEOUT`; the signal's reason.
   */
  async call<T>(
    words: FailureWords & WaitOptions,
    call: (client: AzureMachineLearningWorkspaces, options: { abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const { timeoutMs = REQUEST_TIMEOUT_MS, abortSignal } = words;
    return limited(words.what, { timeoutMs, abortSignal }, async (signal) => {
      const { client } = await this.#load();
      try {
        return await call(client, { abortSignal: signal });
      } catch (error) {
        throw requestFailure(error, words);
      }
    });
  }

  /**
   * Sends one request.
   *
   * @throws Errors of the request, see `answerFailure` and `requestFailure`; `FOREIGN_HOST`; `TIMEOUT`; the signal's reason.
   */
  async send(request: AzureRequest): Promise<AzureAnswer> {
    const { timeoutMs = REQUEST_TIMEOUT_MS, abortSignal } = request;
    return limited(request.what, { timeoutMs, abortSignal }, async (signal) => {
      const url = this.#absolute(request.url);
      const parts = await this.#load();
      let response: PipelineResponse;
      try {
        response = await this.#send(parts, request, url, signal);
      } catch (error) {
        const failure = requestFailure(error, request);
        this.#tellUnreachable(failure, url);
        throw failure;
      }
      return checked(response, request);
    });
  }

  #tellUnreachable(failure: unknown, { origin }: URL): void {
    if (isAzuremlError(failure, 'SERVICE_UNREACHABLE') && origin !== new URL(this.#init.endpoint).origin) {
      this.#init.onUnreachable?.(origin);
    }
  }

  /** A path is meant below the endpoint, which may have a path of its own. */
  #absolute(url: string): URL {
    const absolute = url.startsWith('/') ? `${this.#init.endpoint}${url}` : url;
    if (!URL.canParse(absolute)) {
      throw new AzuremlError(
        'INVALID_ANSWER',
        `A link in an answer is no address: "${url.slice(0, 200)}". ${INVALID_HINT}`,
      );
    }
    return new URL(absolute);
  }

  async #send(parts: Parts, request: AzureRequest, url: URL, abortSignal: AbortSignal): Promise<PipelineResponse> {
    const { rest, sendSigned, sendAnonymous } = parts;
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) {
        url.searchParams.set(name, value);
      }
    }
    const hasBody = request.body !== undefined || request.bytes !== undefined;
    const outgoing = rest.createPipelineRequest({
      url: url.toString(),
      method: request.method,
      abortSignal,
      headers: rest.createHttpHeaders({
        accept: 'application/json',
        ...(hasBody ? { 'content-type': request.contentType ?? 'application/json' } : {}),
        ...request.headers,
      }),
      ...(hasBody ? { body: request.bytes ?? JSON.stringify(request.body) } : {}),
    });
    if (request.isSentOnce === true) {
      sendOnce(outgoing);
    }
    return request.isAnonymous === true ? sendAnonymous(outgoing) : sendSigned(outgoing);
  }

  #load(): Promise<Parts> {
    if (this.#parts === undefined) {
      this.#parts = this.#make();
      // Asked again after a failure.
      this.#parts.catch(() => {
        this.#parts = undefined;
      });
    }
    return this.#parts;
  }

  async #make(): Promise<Parts> {
    // One after the other, the pipeline first: the named client requires a module that the pipeline imports, and Node refuses
    // that (ERR_REQUIRE_ESM_RACE_CONDITION) while the import is under way.
    const rest = await import('@azure/core-rest-pipeline');
    const { AzureMachineLearningWorkspaces: Client } = await import('@azure/arm-machinelearning');
    const { subscriptionId, clientOptions, endpoint } = this.#init;
    const { httpClient, additionalPolicies, retryOptions, credentialScopes = `${endpoint}/.default` } = clientOptions;
    const client = new Client(this.#tokens, subscriptionId, {
      endpoint,
      userAgentOptions: { userAgentPrefix: 'azureml-ts' },
      ...(httpClient === undefined ? {} : { httpClient }),
      ...(additionalPolicies === undefined ? {} : { additionalPolicies: [...additionalPolicies] }),
    });
    const { pipeline } = client;
    pipeline.removePolicy({ name: 'defaultRetryPolicy' });
    pipeline.addPolicy(resendPolicy(rest.retryPolicy, retryOptions), { phase: 'Retry' });
    // The client's own policy would take one token for all tries, and add it whatever the host.
    pipeline.removePolicy({ name: rest.bearerTokenAuthenticationPolicyName });
    const anonymous = pipeline.clone();
    pipeline.addPolicy(
      signPolicy({
        tokens: this.#tokens,
        scopes: typeof credentialScopes === 'string' ? [credentialScopes] : [...credentialScopes],
        isTrusted: (origin) => this.#origins.has(origin),
      }),
      { phase: 'Sign' },
    );
    const sender = httpClient ?? rest.createDefaultHttpClient();
    const through =
      (line: Pipeline): SendRequest =>
      (request) =>
        line.sendRequest(sender, request);
    return { client, rest, sendSigned: through(pipeline), sendAnonymous: through(anonymous) };
  }
}

interface Parts {
  readonly client: AzureMachineLearningWorkspaces;
  readonly rest: typeof import('@azure/core-rest-pipeline');
  readonly sendSigned: SendRequest;
  readonly sendAnonymous: SendRequest;
}

function checked(response: PipelineResponse, request: AzureRequest): AzureAnswer {
  const { status, headers, bodyAsText } = response;
  const text = bodyAsText ?? '';
  const header = (name: string) => headers.get(name);
  const isAccepted = request.accept === undefined ? status >= 200 && status <= 299 : request.accept.includes(status);
  if (!isAccepted) {
    throw answerFailure({ status, header, text, url: response.request.url }, request);
  }
  let json: unknown;
  try {
    json = text.trim() === '' ? undefined : JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    // The parser's error quotes a piece of the text.
    throw invalidAnswer(request.what, 'that is not JSON', { status, header });
  }
  if (isTooDeep(json)) {
    throw invalidAnswer(request.what, 'that is nested too deeply', { status, header });
  }
  return { status, header, text, json, requestId: requestIdOf({ header }) };
}
