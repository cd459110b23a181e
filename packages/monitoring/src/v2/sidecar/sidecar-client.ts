import { deadline, type HttpAnswer, HttpConnection } from '@azureml-ts/common';
import { SIDECAR_PATH } from './sidecar-request.ts';

/** One kept-alive connection to the sidecar, on which records go one after the other. */
export class SidecarClient {
  readonly #host: string;
  readonly #port: number;
  readonly #timeoutMs: number;
  #connection: HttpConnection | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param host Where the sidecar listens.
   * @param port Its port.
   * @param timeoutMs Longest time for one answer, in milliseconds; `Infinity` for none.
   */
  constructor(host: string, port: number, timeoutMs: number) {
    this.#host = host;
    this.#port = port;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Sends one record. What the answer says beside its status nobody has defined.
   *
   * @param headers Their values can stand in a header.
   * @returns The answer, whatever its status; rejects when there is none: whether the record arrived is unknown then.
   */
  post(headers: Readonly<Record<string, string>>, body: Buffer, abortSignal: AbortSignal): Promise<HttpAnswer> {
    const answer = this.#last.then(() => this.#post(headers, body, abortSignal));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  /** Closes the connection. */
  close(): void {
    this.#connection?.close();
  }

  async #post(headers: Readonly<Record<string, string>>, body: Buffer, abortSignal: AbortSignal): Promise<HttpAnswer> {
    const limit = deadline(this.#timeoutMs, abortSignal);
    try {
      return await this.#connect().send(this.#headOf(headers), body, limit.signal);
    } catch (error) {
      if (limit.signal.aborted && !abortSignal.aborted) {
        throw Object.assign(new Error(`no answer within ${this.#timeoutMs} ms`), { code: 'ETIMEDOUT' });
      }
      throw error;
    } finally {
      limit.clear();
    }
  }

  #connect(): HttpConnection {
    if (this.#connection?.isUsable !== true) {
      this.#connection?.close();
      this.#connection = new HttpConnection({ host: this.#host, port: this.#port, keepsAlive: true });
    }
    return this.#connection;
  }

  #headOf(headers: Readonly<Record<string, string>>): string {
    const host = this.#host.includes(':') ? `[${this.#host}]` : this.#host;
    let head = `POST ${SIDECAR_PATH} HTTP/1.1\r\nHost: ${host}:${this.#port}\r\n`;
    for (const [name, value] of Object.entries(headers)) {
      head += `${name}: ${value}\r\n`;
    }
    return `${head}\r\n`;
  }
}
