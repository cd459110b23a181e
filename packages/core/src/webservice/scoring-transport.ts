import type { HttpClient, PipelineResponse } from '@azure/core-rest-pipeline';
import type { WorkspaceClientOptions } from '../workspace/client-options.ts';
import type { ScoringAnswer } from './scoring-answer.ts';

/** One scoring request as it goes out. */
export interface OutgoingScoring {
  readonly url: string;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly abortSignal: AbortSignal;
}

/** Sends one scoring request, once. Rejects with whatever the connection gave. */
export type SendScoring = (request: OutgoingScoring) => Promise<ScoringAnswer>;

/** Each one keeps connections of its own, so that all services share one. */
let sharedClient: HttpClient | undefined;

/**
 * Makes the way for scoring requests: kept-alive connections, the proxy of the environment, the caller's own policies, and
 * nothing else; above all nothing that sends a request again or follows a redirect with the key.
 *
 * @param clientOptions Another HTTP client, further policies.
 */
export async function scoringTransport(
  clientOptions: Pick<WorkspaceClientOptions, 'httpClient' | 'additionalPolicies'>,
): Promise<SendScoring> {
  const rest = await import('@azure/core-rest-pipeline');
  const pipeline = rest.createEmptyPipeline();
  pipeline.addPolicy(rest.proxyPolicy());
  for (const { policy, position } of clientOptions.additionalPolicies ?? []) {
    pipeline.addPolicy(policy, position === 'perRetry' ? { afterPhase: 'Sign' } : {});
  }
  let { httpClient } = clientOptions;
  if (httpClient === undefined) {
    sharedClient ??= rest.createDefaultHttpClient();
    httpClient = sharedClient;
  }
  const sender = httpClient;
  return async ({ url, body, headers, abortSignal }) => {
    const response = await pipeline.sendRequest(
      sender,
      rest.createPipelineRequest({
        url,
        method: 'POST',
        body,
        headers: rest.createHttpHeaders(headers),
        abortSignal,
        // Classic services without TLS have addresses with http.
        allowInsecureConnection: url.startsWith('http:'),
        // As a stream, since the answer may be an image, which would not survive as text.
        streamResponseStatusCodes: new Set([Number.POSITIVE_INFINITY]),
      }),
    );
    return {
      status: response.status,
      header: (name) => response.headers.get(name),
      content: await contentOf(response),
    };
  };
}

async function contentOf({ readableStreamBody, bodyAsText }: PipelineResponse): Promise<Buffer> {
  if (readableStreamBody === undefined) {
    return Buffer.from(bodyAsText ?? '');
  }
  const chunks: Buffer[] = [];
  for await (const chunk of readableStreamBody) {
    chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  }
  return Buffer.concat(chunks);
}
