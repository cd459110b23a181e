import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Values of `comp` of the requests that write. */
const WRITES = ['appendblock', 'block', 'blocklist'];

/** A request on its way to the store. */
export interface TappedRequest {
  readonly method: string;
  /** Path as sent, still encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
  /** Number among the requests that write rows (append, stage, commit, record; not the ledger), from 1; 0 for all others. */
  readonly write: number;
}

/** What happens to a request; nothing unusual when a field is left out. */
export interface Fate {
  /** Before it is sent on. */
  readonly before?: () => unknown;
  /** `lost`: the store never sees it, and the connection is cut. */
  readonly request?: 'lost';
  /** When the store has answered, before the client hears of it. */
  readonly after?: () => unknown;
  /**
   * `lost`: the connection is cut; `half`: it is cut in the middle of the answer; else the client gets this status, as of a
   * call that took too long.
   */
  readonly answer?: 'lost' | 'half' | 408 | 500;
}

/** A place where a request is held until it is let go. */
export interface Hold {
  /** To be put before or after a request. */
  readonly wait: () => Promise<void>;
  /** Resolves when a request is there. */
  readonly reached: Promise<void>;
  readonly release: () => void;
}

/** Makes a {@link Hold}. */
export function hold(): Hold {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const wait = () => {
    reached.resolve();
    return released.promise;
  };
  return { wait, reached: reached.promise, release: released.resolve };
}

/** A proxy before a store that does something at a counted request: it always happens at the same one. */
export interface Tap {
  /** What to pass to a client of a store; for the same port always the same. */
  readonly connectionString: string;
  /** Its address. */
  readonly url: string;
  /** Decides about each request. */
  decide: (request: TappedRequest) => Fate | undefined;
  /** Requests so far. */
  readonly requests: TappedRequest[];
  close(): Promise<void>;
}

/** Whether a request writes rows to a file, or gives a record to the sidecar. */
function isWriteOf(method: string | undefined, path: string, query: URLSearchParams): boolean {
  if (method === 'POST') {
    return path === '/modeldata/log';
  }
  const isFile = /\.(csv|jsonl)$/.test(path) && !path.endsWith('_ledger.jsonl');
  return method === 'PUT' && isFile && WRITES.includes(query.get('comp') ?? '');
}

/** Starts a {@link Tap} before a store, a sidecar or another proxy: `BlobEndpoint=<address>` names it. */
export async function startTap(target: string): Promise<Tap> {
  const endpoint = new URL(/BlobEndpoint=([^;]+)/.exec(target)?.[1] ?? '');
  const agent = new Agent({ keepAlive: true });
  const requests: TappedRequest[] = [];
  let writes = 0;
  const tap = { decide: (): Fate | undefined => undefined } as { decide: Tap['decide'] };

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await incoming.toArray());
    const [path = '/', search = ''] = (incoming.url ?? '/').split('?');
    const query = new URLSearchParams(search);
    const isWrite = isWriteOf(incoming.method, path, query);
    writes += isWrite ? 1 : 0;
    const tapped = { method: incoming.method ?? 'GET', path, query, body, write: isWrite ? writes : 0 };
    requests.push(tapped);
    const fate = tap.decide(tapped) ?? {};
    await fate.before?.();
    if (fate.request === 'lost') {
      incoming.socket.destroy();
      return;
    }
    const answer = await forward(incoming, body, endpoint, agent);
    const content = Buffer.concat(await answer.toArray());
    await fate.after?.();
    if (fate.answer === 'lost') {
      incoming.socket.destroy();
      return;
    }
    if (fate.answer === 'half') {
      cutInside(incoming, answer, content);
      return;
    }
    if (fate.answer !== undefined) {
      response.writeHead(fate.answer, { 'x-ms-error-code': 'OperationTimedOut', 'content-length': '0' }).end();
      return;
    }
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer.rawHeaders));
    response.end(content);
  };

  const server = createServer((incoming, response) => {
    // As without a proxy: no answer at all.
    handle(incoming, response).catch(() => incoming.socket.destroy());
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}${endpoint.pathname}`;
  return Object.assign(tap, {
    url: own,
    connectionString: target.replace(/BlobEndpoint=[^;]+/, `BlobEndpoint=${own}`),
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      agent.destroy();
    },
  });
}

function forward(incoming: IncomingMessage, body: Buffer, { hostname, port, host }: URL, agent: Agent) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = ['Host', host, ...endToEnd(incoming.rawHeaders)];
  const outgoing = request({ agent, hostname, port, method: incoming.method, path: incoming.url, headers }, resolve);
  outgoing.once('error', reject);
  outgoing.end(body);
  return promise;
}

/** Names and values one after the other, without those of one connection. */
function endToEnd(raw: readonly string[]): string[] {
  return raw.filter((_, index) => !/^(host|connection|keep-alive|transfer-encoding)$/i.test(raw[index & ~1] ?? ''));
}

function cutInside(incoming: IncomingMessage, answer: IncomingMessage, content: Buffer): void {
  const { socket } = incoming;
  const head = `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n`;
  const half = content.subarray(0, Math.floor(content.length / 2));
  socket.write(
    content.length === 0
      ? head.slice(0, 12)
      : `${head}${pairs(answer.rawHeaders)}content-length: ${content.length}\r\n\r\n`,
  );
  socket.write(half, () => socket.destroy());
}

function pairs(raw: readonly string[]): string {
  const lines: string[] = [];
  const kept = endToEnd(raw);
  for (let index = 0; index + 1 < kept.length; index += 2) {
    if (!/^content-length$/i.test(kept[index] ?? '')) {
      lines.push(`${kept[index]}: ${kept[index + 1]}\r\n`);
    }
  }
  return lines.join('');
}
