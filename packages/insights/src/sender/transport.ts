import type { Agent, IncomingMessage, RequestOptions } from 'node:http';
import { deadline } from '@azureml-ts/common';
import { nodeHttp, nodeHttps } from '../node-modules.ts';

const MAX_ANSWER_BYTES = 1024 * 1024;
/** Most batches that go side by side, and one from the spool. */
const MAX_SOCKETS = 5;

/** An answer, read. @internal */
export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly location: string | undefined;
  readonly text: string;
}

/**
 * Posts bodies over connections of its own, which never keep the process alive.
 *
 * Not `fetch` and not the global agents: the application may watch or replace those, and telemetry does not report on
 * itself.
 *
 * @internal
 */
export class Transport {
  readonly #timeoutMs: number;
  readonly #agents = new Map<string, Agent>();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Sends a gzip body, with a bearer token if there is one; rejects when no whole answer came. */
  async post(url: URL, body: Buffer, abortSignal: AbortSignal, token?: string): Promise<Answer> {
    try {
      return await this.#try(url, body, abortSignal, token);
    } catch (error) {
      // The service closed an idle connection at the moment of its reuse: the request was never looked at.
      if ((error as { reusedSocket?: boolean }).reusedSocket === true && !abortSignal.aborted) {
        return await this.#try(url, body, abortSignal, token);
      }
      throw error;
    }
  }

  #try(url: URL, body: Buffer, abortSignal: AbortSignal, token: string | undefined): Promise<Answer> {
    const { request } = url.protocol === 'https:' ? nodeHttps() : nodeHttp();
    const limit = deadline(this.#timeoutMs, abortSignal);
    const options: RequestOptions = {
      method: 'POST',
      agent: this.#agentFor(url.protocol),
      signal: limit.signal,
      headers: {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
        'content-length': body.byteLength,
        accept: 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    };
    const answer = new Promise<Answer>((resolve, reject) => {
      const outgoing = request(url, options, (response) => {
        readAnswer(response).then(resolve, reject);
      });
      // The agent gives a reused socket its hold on the process back, so each request lets go of it again.
      outgoing.on('socket', (socket) => socket.unref());
      outgoing.on('error', (error: NodeJS.ErrnoException & { reusedSocket?: boolean }) => {
        if (outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) {
          error.reusedSocket = true;
        }
        reject(error);
      });
      outgoing.end(body);
    });
    return answer.finally(limit.clear);
  }

  /** Ends the connections. */
  close(): void {
    for (const agent of this.#agents.values()) {
      agent.destroy();
    }
  }

  #agentFor(protocol: string): Agent {
    let agent = this.#agents.get(protocol);
    if (agent === undefined) {
      const { Agent } = protocol === 'https:' ? nodeHttps() : nodeHttp();
      agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
      this.#agents.set(protocol, agent);
    }
    return agent;
  }
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).byteLength;
    if (bytes <= MAX_ANSWER_BYTES) {
      chunks.push(chunk as Buffer);
    }
  }
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers['retry-after'],
    location: response.headers.location,
    text: Buffer.concat(chunks).toString('utf8'),
  };
}
