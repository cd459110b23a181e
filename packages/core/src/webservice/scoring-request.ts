import { type Agent, type IncomingMessage, request, validateHeaderName, validateHeaderValue } from 'node:http';
import { ValidationError } from '@azureml-ts/common';
import { readAnswer, type ScoringAnswer, scoringFailed } from './scoring-answer.ts';
import type { RunOptions } from './webservice.ts';

/** Headers that say how the request travels: they follow from the request itself, and another value would break it. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Turns the input of `run()` into a request body.
 *
 * @param input A string or bytes go out as they are, anything else as JSON.
 * @throws {@link ValidationError} `VALIDATION` when it has no JSON form.
 */
export function scoringBody(input: unknown): Buffer {
  if (typeof input === 'string') {
    return Buffer.from(input);
  }
  if (input instanceof Uint8Array) {
    return Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  }
  const expected = 'a string, bytes, or a value with a JSON form';
  let text: string | undefined;
  try {
    text = JSON.stringify(input);
  } catch (cause) {
    throw new ValidationError({ path: 'input', expected, received: input, cause });
  }
  if (text === undefined) {
    throw new ValidationError({ path: 'input', expected, received: input });
  }
  return Buffer.from(text);
}

/**
 * Headers of a scoring request: JSON by default, as the classic client sends, then the caller's.
 *
 * @throws {@link ValidationError} `VALIDATION` when one cannot be sent.
 */
export function scoringHeaders(options: Pick<RunOptions, 'requestId' | 'headers'>): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json', accept: 'application/json' };
  const given = options.requestId === undefined ? {} : { 'x-request-id': options.requestId };
  for (const [name, value] of Object.entries({ ...options.headers, ...given })) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch (cause) {
      // The value is not quoted: it may be a key.
      throw new ValidationError({ path: `headers.${name}`, expected: 'a header that HTTP can carry', cause });
    }
    if (OWN_HEADERS.has(name.toLowerCase())) {
      throw new ValidationError({ path: `headers.${name}`, expected: 'left out: the request itself determines it' });
    }
    headers[name.toLowerCase()] = value;
  }
  return headers;
}

/** One scoring request. */
export interface ScoringRequest {
  /** Name of the service, for messages. */
  readonly name: string;
  /** Where to send it. */
  readonly url: string;
  /** What to send. */
  readonly body: Buffer;
  /** Connections to send it over. */
  readonly agent: Agent;
  /** Headers of the request, as {@link scoringHeaders} made them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Cuts the request off. */
  readonly abortSignal: AbortSignal;
}

/**
 * Sends one scoring request, once.
 *
 * @returns The answer: JSON parsed, other text as text, anything else (an image, for example) as a Buffer.
 * @throws `WebserviceError` `SCORING_FAILED` for a status other than 2xx; whatever the connection threw otherwise.
 */
export async function sendScoringRequest({
  name,
  url,
  body,
  agent,
  headers,
  abortSignal,
}: ScoringRequest): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<{ response: IncomingMessage; content: Buffer }>();
  const outgoing = request(
    url,
    {
      method: 'POST',
      agent,
      signal: abortSignal,
      headers: { ...headers, 'content-length': body.length },
    },
    (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ response, content: Buffer.concat(chunks) }));
      response.on('error', reject);
    },
  );
  outgoing.on('error', reject);
  outgoing.end(body);
  const { response, content } = await promise;
  const answer: ScoringAnswer = {
    status: response.statusCode ?? 0,
    header: (header) => headerOf(response, header),
    content,
  };
  if (answer.status < 200 || answer.status > 299) {
    throw scoringFailed(name, answer);
  }
  return readAnswer(answer);
}

function headerOf(response: IncomingMessage, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
