import { deadline, type HttpAnswer, HttpConnection } from '@azureml-ts/common';

/** What may stand in a header. Source: RFC 9110, 5.5. */
const HEADER_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Posts bodies over connections of its own, which never keep the process alive. There are as many as there are requests
 * side by side.
 *
 * Not `fetch` and not `node:http`: the application may watch or replace those, and telemetry does not report on itself.
 *
 * @internal
 */
export class Transport {
  readonly #timeoutMs: number;
  /** Connections that rest, by the origin they lead to. */
  readonly #resting = new Map<string, HttpConnection[]>();
  #isClosed = false;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Sends a gzip body, with a bearer token if there is one; rejects when no whole answer came. */
  async post(url: URL, body: Buffer, abortSignal: AbortSignal, token?: string): Promise<HttpAnswer> {
    const head = headOf(url, body, token);
    const limit = deadline(this.#timeoutMs, abortSignal);
    try {
      const rested = this.#takeRested(url);
      if (rested !== undefined) {
        try {
          return await this.#postOver(rested, url, head, body, limit.signal);
        } catch (error) {
          if (!rested.wasStale || limit.signal.aborted) {
            throw error;
          }
          // The service closed it at the moment of its use: the request was never looked at.
        }
      }
      return await this.#postOver(connect(url), url, head, body, limit.signal);
    } finally {
      limit.clear();
    }
  }

  /** Ends the connections. */
  close(): void {
    this.#isClosed = true;
    for (const connection of [...this.#resting.values()].flat()) {
      connection.close();
    }
    this.#resting.clear();
  }

  async #postOver(
    connection: HttpConnection,
    { origin }: URL,
    head: string,
    body: Buffer,
    abortSignal: AbortSignal,
  ): Promise<HttpAnswer> {
    const answer = await connection.send(head, body, abortSignal);
    if (this.#isClosed) {
      connection.close();
    } else if (connection.isUsable) {
      const resting = this.#resting.get(origin);
      if (resting === undefined) {
        this.#resting.set(origin, [connection]);
      } else {
        resting.push(connection);
      }
    }
    return answer;
  }

  /** The one that was used last: others may be closed meanwhile. */
  #takeRested({ origin }: URL): HttpConnection | undefined {
    const resting = this.#resting.get(origin) ?? [];
    for (let connection = resting.pop(); connection !== undefined; connection = resting.pop()) {
      if (connection.isUsable) {
        return connection;
      }
      connection.close();
    }
    return undefined;
  }
}

function connect({ protocol, hostname, port }: URL): HttpConnection {
  const isSecure = protocol === 'https:';
  // An address of IPv6 has brackets in a URL.
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return new HttpConnection({ host, port: Number(port || (isSecure ? 443 : 80)), isSecure });
}

function headOf({ host, pathname, search }: URL, body: Buffer, token: string | undefined): string {
  if (token !== undefined && !HEADER_TEXT.test(token)) {
    throw new Error('the token has characters that no header may have');
  }
  const lines = [
    `POST ${pathname}${search} HTTP/1.1`,
    `host: ${host}`,
    'content-type: application/json',
    'content-encoding: gzip',
    `content-length: ${body.byteLength}`,
    'accept: application/json',
    'connection: keep-alive',
    ...(token === undefined ? [] : [`authorization: Bearer ${token}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
