import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A stand-in that answers at once, and counts the rows that it was sent. */
export interface Sidecar extends AsyncDisposable {
  readonly port: number;
  /** Rows since the last call of this. */
  takeCount(): number;
  /** Milliseconds from the first request since the last call of this to the latest. */
  takeSpan(): number;
}

/**
 * Listens on the loopback interface: for the collection sidecar's path, where a body is a JSON array of rows, and for
 * `/lines`, where it is lines.
 */
export async function startSidecar(): Promise<Sidecar> {
  let rows = 0;
  let first: number | undefined;
  let latest = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString();
      latest = performance.now();
      first ??= latest;
      rows += request.url === '/lines' ? body.split('\n').length - 1 : (JSON.parse(body) as unknown[]).length;
      response.writeHead(200).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    takeCount() {
      const count = rows;
      rows = 0;
      return count;
    },
    takeSpan() {
      const span = latest - (first ?? latest);
      first = undefined;
      return span;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
