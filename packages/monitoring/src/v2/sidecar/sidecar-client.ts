import http from 'node:http';
import { SIDECAR_PATH } from './sidecar-request.ts';

/** What the sidecar answered. */
export interface SidecarAnswer {
  readonly status: number;
  /** When it said how long to wait. */
  readonly retryAfter: string | undefined;
}

/** One kept-alive connection to the sidecar, on which records go one after the other. */
export class SidecarClient {
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  readonly #host: string;
  readonly #port: number;
  readonly #timeoutMs: number;

  /**
   * @param host Where the sidecar listens.
   * @param port Its port.
   * @param timeoutMs Longest time for one answer, in milliseconds.
   */
  constructor(host: string, port: number, timeoutMs: number) {
    this.#host = host;
    this.#port = port;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Sends one record.
   *
   * @returns The answer, whatever its status; rejects when there is none: whether the record arrived is unknown then.
   */
  post(headers: Record<string, string>, body: Buffer, abortSignal: AbortSignal): Promise<SidecarAnswer> {
    const host = this.#host.includes(':') ? `[${this.#host}]` : this.#host;
    return new Promise((resolve, reject) => {
      const request = http.request({
        agent: this.#agent,
        host: this.#host,
        port: this.#port,
        path: SIDECAR_PATH,
        method: 'POST',
        headers: { Host: `${host}:${this.#port}`, ...headers },
      });
      const end = (reason: unknown) => request.destroy(reason instanceof Error ? reason : new Error(String(reason)));
      const timer = setTimeout(
        () => end(Object.assign(new Error(`no answer within ${this.#timeoutMs} ms`), { code: 'ETIMEDOUT' })),
        this.#timeoutMs,
      );
      const onAbort = () => end(abortSignal.reason);
      const settle = () => {
        clearTimeout(timer);
        abortSignal.removeEventListener('abort', onAbort);
      };
      abortSignal.addEventListener('abort', onAbort, { once: true });
      request.on('response', (response) => {
        // What it says beside its status nobody has defined.
        response.resume();
        response.on('end', () => {
          settle();
          resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
        });
        response.on('error', (error) => {
          settle();
          reject(error);
        });
        response.on('close', () => {
          settle();
          reject(new Error('the answer ended early'));
        });
      });
      request.on('error', (error) => {
        settle();
        reject(error);
      });
      request.end(body);
    });
  }

  /** Closes the connection. */
  close(): void {
    this.#agent.destroy();
  }
}
