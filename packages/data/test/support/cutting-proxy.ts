import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Passes requests on to a blob store, and cuts or stops the answers to reads of files in the middle. */
export interface CuttingProxy {
  /** Connection string of the store behind the proxy. */
  readonly connectionString: string;
  /** Requests that passed, as `<method> <path and query>`. */
  readonly requests: string[];
  /** How to disturb the next reads of files, one entry each; `undefined` passes. */
  readonly next: ('cut' | 'stall' | undefined)[];
  /** Number of answers that have begun and not ended, neither by us nor by who asked. */
  unfinished(): number;
  /** Called before an answer is cut. */
  onCut: () => Promise<void>;
  /** Ends it. */
  close(): Promise<void>;
}

export async function startCuttingProxy(target: { url: string; connectionString: string }): Promise<CuttingProxy> {
  const requests: string[] = [];
  const next: CuttingProxy['next'] = [];
  const unfinished = new Set<ServerResponse>();
  const server = createServer((incoming, outgoing) => {
    requests.push(`${incoming.method} ${incoming.url}`);
    unfinished.add(outgoing);
    outgoing.once('close', () => unfinished.delete(outgoing));
    const headers = { ...incoming.headers, host: new URL(target.url).host };
    const forwarded = request(`${target.url}${incoming.url}`, { method: incoming.method, headers }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) {
        chunks.push(chunk as Buffer);
      }
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      const isRead = incoming.method === 'GET' && new URL(incoming.url ?? '', target.url).pathname.endsWith('.csv');
      await send(outgoing, Buffer.concat(chunks), isRead ? next.shift() : undefined);
    });
    incoming.pipe(forwarded);
  });
  const proxy: CuttingProxy = {
    connectionString: '',
    requests,
    next,
    unfinished: () => unfinished.size,
    onCut: async () => undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  async function send(outgoing: ServerResponse, body: Buffer, disturbance: 'cut' | 'stall' | undefined): Promise<void> {
    if (disturbance === undefined) {
      outgoing.end(body);
      return;
    }
    await new Promise((resolve) => outgoing.write(body.subarray(0, body.length / 2), resolve));
    if (disturbance === 'cut') {
      await proxy.onCut();
      outgoing.destroy();
    }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(proxy, { connectionString: target.connectionString.replaceAll(target.url, url) });
}
