import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** An item of telemetry, as far as the benches look at it. */
export interface SentItem {
  readonly tags: Readonly<Record<string, string>>;
  readonly data: {
    readonly baseType: string;
    readonly baseData: {
      readonly id?: string;
      readonly message?: string;
      readonly metrics?: readonly { readonly name: string; readonly value: number }[];
      readonly properties?: Readonly<Record<string, string>>;
    };
  };
}

/** How many items came. */
export interface ItemCounts {
  readonly requests: number;
  readonly messages: number;
  /** Items that a sender of ours says it has lost. */
  readonly lost: number;
  /** When the last of them came, by `performance.now()`. */
  readonly lastAt: number;
}

/** A stand-in for the ingestion of Application Insights that answers at once, and counts later. */
export interface Ingestion extends AsyncDisposable {
  /** Root, `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly connectionString: string;
  counts(): ItemCounts;
  /** The items themselves, when they are kept. */
  items(): readonly SentItem[];
  clear(): void;
  /** Cuts every connection, old and new ones, until it is up again. */
  setDown(isDown: boolean): void;
}

const KEY = '5ca1ab1e-0000-4000-8000-0000c0ffee00';
const REQUEST = Buffer.from('"baseType":"RequestData"');
const REQUEST_PYTHON = Buffer.from('"baseType": "RequestData"');
const MESSAGE = Buffer.from('"baseType":"MessageData"');
const MESSAGE_PYTHON = Buffer.from('"baseType": "MessageData"');
const LOST = 'Telemetry items lost';

/** A body, as it came. */
interface Arrival {
  readonly raw: Buffer;
  readonly isPacked: boolean;
  /** By `performance.now()`. */
  readonly at: number;
}

/**
 * Starts it in this process. Bodies are unpacked and read when somebody asks for what is in them, and not as they come:
 * the service has machines of its own, and what a stand-in does meanwhile is taken from the servers that are measured.
 *
 * @param options `keep`: whether the items are kept.
 */
export async function startIngestion({ keep = false }: { readonly keep?: boolean } = {}): Promise<Ingestion> {
  let [requests, messages, lost, lastAt] = [0, 0, 0, 0];
  let kept: SentItem[] = [];
  let unread: Arrival[] = [];
  let isDown = false;
  const take = (body: Buffer, at: number): void => {
    const [newRequests, newMessages] = [
      countOf(body, REQUEST) + countOf(body, REQUEST_PYTHON),
      countOf(body, MESSAGE) + countOf(body, MESSAGE_PYTHON),
    ];
    requests += newRequests;
    messages += newMessages;
    if (newRequests + newMessages > 0) {
      lastAt = Math.max(lastAt, at);
    }
    if (keep || body.includes(LOST)) {
      const items = itemsOf(body.toString());
      lost += lostOf(items);
      if (keep) {
        kept.push(...items);
      }
    }
  };
  const read = (): void => {
    const arrivals = unread;
    unread = [];
    for (const { raw, isPacked, at } of arrivals) {
      take(isPacked ? gunzipSync(raw) : raw, at);
    }
  };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const isPacked = request.headers['content-encoding'] === 'gzip';
      unread.push({ raw: Buffer.concat(parts), isPacked, at: performance.now() });
      // Without a count of items, all that were sent are taken.
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"errors":[]}');
    });
  });
  server.on('connection', (socket: Socket) => {
    if (isDown) {
      socket.destroy();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    connectionString: `InstrumentationKey=${KEY};IngestionEndpoint=${url}/`,
    counts() {
      read();
      return { requests, messages, lost, lastAt };
    },
    items() {
      read();
      return kept;
    },
    clear() {
      unread = [];
      [requests, messages, lost, lastAt] = [0, 0, 0, 0];
      kept = [];
    },
    setDown(down) {
      isDown = down;
      if (down) {
        server.closeAllConnections();
      }
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** A list, or an item a line. */
function itemsOf(body: string): SentItem[] {
  return body.startsWith('[')
    ? JSON.parse(body)
    : body
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line));
}

function lostOf(items: readonly SentItem[]): number {
  const metrics = items.flatMap(({ data }) => data.baseData.metrics ?? []);
  return metrics.filter(({ name }) => name === LOST).reduce((sum, { value }) => sum + value, 0);
}

function countOf(body: Buffer, mark: Buffer): number {
  let count = 0;
  for (let at = body.indexOf(mark); at !== -1; at = body.indexOf(mark, at + mark.length)) {
    count += 1;
  }
  return count;
}
