import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** How often connections are looked at, in milliseconds. */
export const LOOK_MS = 5_000;

/** What is known of one connection. */
interface Seen {
  /** Bytes that it had brought. */
  bytes: number;
  /** How many looks ago it was last in use. */
  quietLooks: number;
  /** Whether the system notices when its client vanishes. */
  isProbed: boolean;
}

/**
 * Looks after connections that live longer than a request: the system is asked to notice when their clients vanish, and
 * those that are idle for long are closed. Node does both for each connection and each answer anew, which costs more than
 * the rest of a small request's bookkeeping.
 */
export class IdleConnections {
  readonly #connections: Iterable<Socket>;
  readonly #running: Iterable<IncomingMessage>;
  readonly #mostLooks: number;
  readonly #seen = new WeakMap<Socket, Seen>();

  /**
   * @param connections Those that are open.
   * @param running Requests that are not answered yet.
   * @param idleMs How long a connection may be idle at least; it is closed up to two looks later.
   */
  constructor(connections: Iterable<Socket>, running: Iterable<IncomingMessage>, idleMs: number) {
    this.#connections = connections;
    this.#running = running;
    // The first quiet look may come right after the answer.
    this.#mostLooks = Math.ceil(idleMs / LOOK_MS) + 1;
  }

  /** Looks at each connection; to be called every {@link LOOK_MS}. */
  look(): void {
    const busy = new Set<Socket>();
    for (const { socket } of this.#running) {
      busy.add(socket);
    }
    for (const socket of this.#connections) {
      const seen = this.#seen.get(socket);
      if (seen === undefined) {
        this.#seen.set(socket, { bytes: socket.bytesRead, quietLooks: 0, isProbed: false });
      } else {
        this.#lookAgain(socket, seen, busy.has(socket));
      }
    }
  }

  #lookAgain(socket: Socket, seen: Seen, isBusy: boolean): void {
    if (!seen.isProbed) {
      seen.isProbed = true;
      socket.setKeepAlive(true);
    }
    // Before the first answer, the time for headers holds.
    if (isBusy || seen.bytes !== socket.bytesRead || socket.bytesWritten === 0) {
      seen.bytes = socket.bytesRead;
      seen.quietLooks = 0;
    } else if (++seen.quietLooks >= this.#mostLooks) {
      socket.destroy();
    }
  }
}
