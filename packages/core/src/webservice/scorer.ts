import { createLogger, errorMessage, isAzuremlError, waitAtMost } from '@azureml-ts/common';
import { WebserviceError } from '../errors.ts';
import type { WorkspaceClientOptions } from '../workspace/client-options.ts';
import { isFromScript, readAnswer, type ScoringAnswer, scoringFailed } from './scoring-answer.ts';
import { scoringBody, scoringHeaders } from './scoring-request.ts';
import { ScoringSecrets } from './scoring-secrets.ts';
import { type OutgoingScoring, type SendScoring, scoringTransport } from './scoring-transport.ts';
import type { RunOptions } from './webservice.ts';

const log = createLogger('core');

/** Longest time for one call of `run()`, with everything, when the caller gives none. */
export const SCORING_TIMEOUT_MS = 60_000;

/** A secret for scoring requests. */
export interface ScoringSecret {
  /** The key or token. */
  readonly value: string;
  /** When to fetch another, in milliseconds since 1970. Default: when the service refuses it. */
  readonly refreshAfter?: number | undefined;
}

/** What a {@link Scorer} is made from. */
export interface ScorerInit {
  /** Name of the service, for messages. */
  readonly name: string;
  readonly clientOptions: Pick<WorkspaceClientOptions, 'httpClient' | 'additionalPolicies'>;
  /** Fetches the secret; `undefined` when the service asks for none. Called once for many requests. */
  readonly fetchSecret: (abortSignal: AbortSignal) => Promise<ScoringSecret | undefined>;
}

/**
 * Sends scoring requests of one service over kept-alive connections, with a secret that is fetched once.
 *
 * Source: `run` of azureml-core, which fetches the keys for each call and opens a connection for it.
 */
export class Scorer {
  readonly #init: ScorerInit;
  readonly #secrets: ScoringSecrets;
  #transport: Promise<SendScoring> | undefined;
  #hasWarned = false;

  /** @param init Whose requests. */
  constructor(init: ScorerInit) {
    this.#init = init;
    this.#secrets = new ScoringSecrets(init.name, init.fetchSecret);
  }

  /** Fetches the secret again before the next request, because it was changed. */
  forgetSecret(): void {
    this.#secrets.forget();
  }

  /**
   * Scores. Sent once; a second time only when the service refuses the key or token (401), with one that was fetched anew.
   *
   * @param url Where to.
   * @param input A string or bytes go out as they are, anything else as JSON.
   * @param options As for `Webservice.run`; `headers` here may hold what the caller must not set. An `authorization` among
   *   them takes the place of the secret.
   * @throws {@link WebserviceError} `SCORING_FAILED`, `AUTHENTICATION_FAILED`, `PERMISSION_DENIED`, see `scoringFailed`;
   *   `WEBSERVICE_UNREACHABLE` when no answer came, or only a part of it.
   * @throws `VALIDATION`; `TIMEOUT` after `timeoutMs` (default 60,000); the signal's reason; what fetching the secret threw.
   */
  async run(url: string, input: unknown, options: RunOptions = {}): Promise<unknown> {
    const { abortSignal, timeoutMs = SCORING_TIMEOUT_MS } = options;
    abortSignal?.throwIfAborted();
    const cut = new AbortController();
    const request = { url, body: scoringBody(input), headers: scoringHeaders(options), abortSignal: cut.signal };
    const work = this.#score(request);
    try {
      return await waitAtMost(work, `Scoring with service "${this.#init.name}"`, { timeoutMs, abortSignal });
    } catch (error) {
      work.catch(() => undefined);
      cut.abort();
      throw error;
    }
  }

  async #score(request: OutgoingScoring): Promise<unknown> {
    const given = request.headers['authorization'];
    if (given !== undefined) {
      return this.#result(await this.#send(request), given.replace(/^\S+\s+/, ''));
    }
    const secret = await this.#secrets.get(request.abortSignal);
    const answer = await this.#send(request, secret.value);
    if (answer.status !== 401 || isFromScript(answer)) {
      return this.#result(answer, secret.value);
    }
    const { value } = await this.#secrets.replace(secret, request.abortSignal);
    return this.#result(value === undefined ? answer : await this.#send(request, value), value ?? secret.value);
  }

  async #send(request: OutgoingScoring, secret?: string): Promise<ScoringAnswer> {
    const { url, headers, abortSignal } = request;
    this.#transport ??= scoringTransport(this.#init.clientOptions);
    const send = await this.#transport;
    abortSignal.throwIfAborted();
    this.#warnOfPlainHttp(url, secret ?? headers['authorization']);
    try {
      return await send(
        secret === undefined ? request : { ...request, headers: { ...headers, authorization: `Bearer ${secret}` } },
      );
    } catch (error) {
      throw isAzuremlError(error) ? error : unreachable(this.#init.name, url, error);
    }
  }

  #result(answer: ScoringAnswer, secret: string | undefined): unknown {
    if (answer.status < 200 || answer.status > 299) {
      throw scoringFailed(this.#init.name, answer, secret === undefined || secret === '' ? [] : [secret]);
    }
    return readAnswer(answer);
  }

  #warnOfPlainHttp(url: string, secret: string | undefined): void {
    if (this.#hasWarned || secret === undefined || !url.startsWith('http:')) {
      return;
    }
    this.#hasWarned = true;
    const { hostname } = new URL(url);
    if (!/^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname)) {
      log.warning(
        `the key of service "${this.#init.name}" goes to ${hostname} over http, readable for everybody in between; ` +
          'switch on TLS for the service',
      );
    }
  }
}

function unreachable(name: string, url: string, error: unknown): WebserviceError {
  const { code, name: kind } = error as { code?: unknown; name?: unknown };
  const reason = errorMessage(error);
  // The client's own error holds the whole request, with the key.
  const cause = Object.assign(new Error(reason), { name: String(kind), ...(typeof code === 'string' ? { code } : {}) });
  return new WebserviceError(
    'WEBSERVICE_UNREACHABLE',
    `Service "${name}" at ${new URL(url).host} gave no whole answer: ${reason.replace(/\.$/, '')}. ` +
      'It may have scored all the same, so the request was not sent again; call run() again if scoring twice does no harm. ' +
      'If it lasts, check the state of the service, the network and the proxy (HTTPS_PROXY).',
    { cause, retryable: true, details: typeof code === 'string' ? { code } : {} },
  );
}
