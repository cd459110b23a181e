import type { LogsQueryClient, LogsQueryClientOptions } from '@azure/monitor-query-logs';
import { isAzuremlError, ValidationError, type WaitOptions, waitAtMost } from '@azureml-ts/common';
import { nodeCrypto } from '../node-modules.ts';
import { type RawAnswer, readAnswer } from './answer.ts';
import { endpointOf } from './endpoint.ts';
import { DEFAULT_TIMEOUT_MS, MAX_SERVER_SECONDS } from './limits.ts';
import { loadQueryPackage } from './load-client.ts';
import type { LogsAccess, LogsTimespan } from './options.ts';
import { answerFailure, type FailedAnswer, requestFailure } from './query-failure.ts';
import { type LogsTarget, parseTarget } from './target.ts';
import { intervalOf } from './timespan.ts';

type Policy = NonNullable<LogsQueryClientOptions['additionalPolicies']>[number]['policy'];
type PolicyRequest = Parameters<Policy['sendRequest']>[0];
type PolicyResponse = Awaited<ReturnType<Policy['sendRequest']>>;

const ID_HEADER = 'x-ms-client-request-id';
/** What the client gets to read in place of rows. */
const NO_TABLES = '{"tables":[]}';

/** A query under way. */
interface Call {
  readonly abortSignal: AbortSignal;
  /** The last answer. */
  answer?: FailedAnswer;
}

/**
 * Queries to one target through one client, which signs in once.
 *
 * The client gives rows whose long numbers have lost digits, and drops the abort signal. So it only sends: answers are read
 * here, from their text.
 *
 * @internal
 */
export class LogsSession {
  readonly target: LogsTarget;
  readonly #access: LogsAccess;
  readonly #calls = new Map<string, Call>();
  #client: Promise<LogsQueryClient> | undefined;

  /**
   * @param target Id of what is queried.
   * @param access How it is reached.
   * @throws {@link ValidationError} `VALIDATION` when either cannot be used.
   */
  constructor(target: string, access: LogsAccess) {
    this.target = parseTarget(target);
    if (typeof access?.credential?.getToken !== 'function') {
      throw new ValidationError({
        path: 'credential',
        expected: 'a credential, for example new DefaultAzureCredential() of @azure/identity',
        received: access?.credential,
      });
    }
    endpointOf(access);
    this.#access = access;
  }

  /** Sends a query and gives its answer as it came. */
  async query(kql: string, timespan: LogsTimespan | undefined, wait: WaitOptions): Promise<RawAnswer> {
    if (typeof kql !== 'string' || kql.trim() === '') {
      throw new ValidationError({ path: 'kql', expected: 'a query in the Kusto Query Language', received: kql });
    }
    const { abortSignal, timeoutMs = DEFAULT_TIMEOUT_MS } = wait;
    const interval = intervalOf(timespan);
    abortSignal?.throwIfAborted();
    const ended = new AbortController();
    const call: Call = { abortSignal: ended.signal };
    const id = nodeCrypto().randomUUID();
    this.#calls.set(id, call);
    const sent = this.#send(kql, interval, id, timeoutMs);
    try {
      await waitAtMost(sent, 'The query', { abortSignal, timeoutMs });
    } catch (error) {
      throw this.#failure(error, call);
    } finally {
      sent.catch(() => undefined);
      ended.abort();
      this.#calls.delete(id);
    }
    return readAnswer(call.answer?.text ?? '', call.answer?.requestId);
  }

  async #send(kql: string, interval: ReturnType<typeof intervalOf>, id: string, timeoutMs: number): Promise<void> {
    this.#client ??= this.#open();
    const client = await this.#client;
    const seconds = Math.min(MAX_SERVER_SECONDS, Math.max(1, Math.ceil(timeoutMs / 1000)));
    const options = { serverTimeoutInSeconds: seconds, requestOptions: { headers: { [ID_HEADER]: id } } };
    await (this.target.kind === 'workspace'
      ? client.queryWorkspace(this.target.id, kql, interval, options)
      : client.queryResource(this.target.id, kql, interval, options));
  }

  async #open(): Promise<LogsQueryClient> {
    const { LogsQueryClient: Client } = await loadQueryPackage();
    const { credential, clientOptions = {} } = this.#access;
    const { url, scope } = endpointOf(this.#access);
    const { httpClient, additionalPolicies = [], retryOptions } = clientOptions;
    const options = {
      endpoint: url,
      credentials: { scopes: [scope] },
      userAgentOptions: { userAgentPrefix: 'azureml-ts' },
      additionalPolicies: [
        { policy: this.#abortPolicy(), position: 'perCall' },
        { policy: this.#answerPolicy(), position: 'perRetry' },
        ...additionalPolicies,
      ],
      ...(httpClient === undefined ? {} : { httpClient }),
      ...(retryOptions === undefined ? {} : { retryOptions }),
    };
    return new Client(credential, options as unknown as LogsQueryClientOptions);
  }

  #abortPolicy(): Policy {
    return {
      name: 'azuremlLogsAbort',
      sendRequest: (request, next) => {
        const call = this.#callOf(request);
        if (call !== undefined) {
          request.abortSignal = call.abortSignal;
        }
        return next(request);
      },
    };
  }

  #answerPolicy(): Policy {
    return {
      name: 'azuremlLogsAnswer',
      sendRequest: async (request, next) => {
        const call = this.#callOf(request);
        if (call !== undefined) {
          delete call.answer;
        }
        const response = await next(request);
        if (call !== undefined) {
          call.answer = answerOf(response);
          if (response.status === 200) {
            response.bodyAsText = NO_TABLES;
          }
        }
        return response;
      },
    };
  }

  #callOf(request: PolicyRequest): Call | undefined {
    return this.#calls.get(request.headers.get(ID_HEADER) ?? '');
  }

  #failure(error: unknown, { answer }: Call): unknown {
    const isOver = isAzuremlError(error, 'TIMEOUT');
    const isAborted = (error as { name?: unknown } | null)?.name === 'AbortError';
    // Waiting as the service asked took too long: that is what there is to say.
    const isAnswered = answer !== undefined && answer.status !== 200 && (!isOver || answer.status === 429);
    if (isAnswered && !isAborted && (isOver || !isAzuremlError(error))) {
      return answerFailure(answer, this.#schemaHint());
    }
    return requestFailure(error);
  }

  #schemaHint(): string {
    return this.target.schema === 'workspace'
      ? 'A workspace has the tables AppTraces, AppRequests, AppDependencies and AppExceptions: give the ready queries the same target.'
      : 'A component has the tables traces, requests, dependencies and exceptions: give the ready queries the same target.';
  }
}

function answerOf({ status, bodyAsText, headers }: PolicyResponse): FailedAnswer {
  return { status, text: bodyAsText ?? '', requestId: headers.get('x-ms-request-id') ?? headers.get(ID_HEADER) };
}
