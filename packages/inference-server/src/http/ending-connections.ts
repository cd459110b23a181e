import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** How long a body may stand still while the server closes, and how long a head may take. */
const STALL_MS = 1_000;

/**
 * How long a connection must be idle before it ends while the server closes: what its client has sent just before it could
 * hear of that is still answered.
 */
export const GRACE_MS = 100;

/** What is known of one connection. */
interface Seen {
  /** Bytes that it had brought. */
  bytes: number;
  /** When the first of the looks that saw as many was. */
  since: number;
}

/** Ends the connections of a server that closes: each once it is idle, without cutting what is on its way. */
export class EndingConnections {
  readonly #connections: Iterable<Socket>;
  readonly #running: Iterable<IncomingMessage>;
  readonly #seen = new Map<Socket, Seen>();
  readonly #startedAt = performance.now();

  /**
   * @param connections Those that are open.
   * @param running Requests that are not answered yet.
   */
  constructor(connections: Iterable<Socket>, running: Iterable<IncomingMessage>) {
    this.#connections = connections;
    this.#running = running;
  }

  /**
   * Looks at each connection; to be called every {@link GRACE_MS}, after the event loop has read what was ready. The first
   * look only notes where each stands.
   *
   * @returns How many requests it has cut, because their body had stopped coming in.
   */
  look(): number {
    const now = performance.now();
    const busy = new Map<Socket, IncomingMessage>();
    for (const request of this.#running) {
      busy.set(request.socket, request);
    }
    let stalled = 0;
    for (const socket of this.#connections) {
      const quietMs = this.#quietMs(socket, now);
      const request = busy.get(socket);
      if (request === undefined) {
        this.#endIdle(socket, quietMs, now);
      } else if (!request.complete && quietMs !== undefined && quietMs >= STALL_MS) {
        socket.destroy();
        stalled++;
      }
    }
    return stalled;
  }

  /** For how long it has brought nothing; `undefined` when it has since the last look. */
  #quietMs(socket: Socket, now: number): number | undefined {
    const { bytesRead } = socket;
    const seen = this.#seen.get(socket);
    if (seen?.bytes === bytesRead) {
      return now - seen.since;
    }
    this.#seen.set(socket, { bytes: bytesRead, since: now });
    return undefined;
  }

  #endIdle(socket: Socket, quietMs: number | undefined, now: number): void {
    if (quietMs === undefined && now - this.#startedAt < STALL_MS) {
      return;
    }
    if (socket.writableEnded) {
      // Its client has had the time to close it too.
      if (socket.writableFinished) {
        socket.destroy();
      }
    } else {
      socket.end();
    }
  }
}
