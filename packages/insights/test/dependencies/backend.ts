import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a service saw it. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
}

/** A service on the loopback address that scoring scripts call. */
export class Backend {
  readonly seen: Seen[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const { method = '', url = '', headers, rawHeaders } = request;
      this.seen.push({ method, url, headers, rawHeaders });
      const path = url.replace(/\?.*/, '');
      request.resume();
      if (path === '/silent') {
        return;
      }
      if (path === '/cut') {
        response.writeHead(200, { 'content-length': 10 });
        response.write('abc', () => response.destroy());
        return;
      }
      if (path === '/part') {
        response.write('abc');
        return;
      }
      if (path === '/moved') {
        response.writeHead(302, { location: '/here' }).end();
        return;
      }
      response.writeHead(path === '/missing' ? 404 : 200, { 'content-type': 'text/plain' }).end('answer');
    });
  }

  static async start(): Promise<Backend> {
    const backend = new Backend();
    backend.#server.listen(0, '127.0.0.1');
    await once(backend.#server, 'listening');
    return backend;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  /** Resolves once a request has come in. */
  async asked(): Promise<void> {
    if (this.seen.length === 0) {
      await once(this.#server, 'request');
    }
  }

  /** Cuts its connections and ends. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
