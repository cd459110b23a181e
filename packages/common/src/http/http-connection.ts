import type { Socket } from 'node:net';
import { AnswerReader } from './answer-reader.ts';
import type { HttpAnswer } from './http-answer.ts';

/** A load balancer of Azure forgets connections that rest for four minutes, and tells nobody. */
const MAX_REST_MS = 60_000;
/** What the other side says it waits may end while a request is on its way. */
const MARGIN_MS = 1_000;
const TCP_PROBE_MS = 30_000;

interface Exchange {
  readonly reader: AnswerReader;
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (reason: unknown) => void;
  /** Ends listening to the signal. */
  readonly stop: () => void;
  hasHeard: boolean;
}

/** Where a connection leads, and how it is held. */
export interface HttpConnectionOptions {
  /** Name or address, without brackets. */
  readonly host: string;
  /** From 1 to 65535. */
  readonly port: number;
  /** Whether it is encrypted. Default `false`. */
  readonly isSecure?: boolean | undefined;
  /** Whether the process stays alive while a request is under way. Default `false`. */
  readonly keepsAlive?: boolean | undefined;
}

/**
 * A connection to one server, for one request of HTTP/1.1 after the other.
 *
 * For what goes out all the time beside the requests that a process serves: `node:http` has much code for both, which V8 has
 * run slower as soon as it meets both. With 200 requests a second sent, each request that was served took 2 µs more.
 *
 * @internal
 */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #keepsAlive: boolean;
  #exchange: Exchange | undefined;
  #isUsed = false;
  #failure: unknown;
  #isOpen = true;
  /** Until when it may be used, by `performance.now()`. */
  #usableUntil = Number.POSITIVE_INFINITY;
  #wasStale = false;

  /** @param options Where it leads. It is opened at once. */
  constructor(options: HttpConnectionOptions) {
    const socket = openSocket(options);
    this.#socket = socket;
    this.#keepsAlive = options.keepsAlive ?? false;
    // Not as options: `tls.connect` passes over them.
    socket.setNoDelay(true);
    socket.setKeepAlive(true, TCP_PROBE_MS);
    const hold = () => this.#hold();
    hold();
    // What it is made of is another one after a look at the addresses of the host.
    socket.on('connect', hold);
    socket.on('data', (bytes: Buffer) => this.#hear(bytes));
    socket.on('end', () => this.#ended());
    socket.on('error', (error) => {
      this.#failure ??= error;
    });
    socket.on('close', () => this.#closed());
  }

  /** Whether another request may be sent. */
  get isUsable(): boolean {
    return this.#isOpen && this.#exchange === undefined && performance.now() < this.#usableUntil;
  }

  /** Whether it was closed while it rested, so that the request was never looked at. */
  get wasStale(): boolean {
    return this.#wasStale;
  }

  /**
   * Sends a request.
   *
   * @param head Its lines, the empty one at the end too; in Latin-1.
   * @param body Must stay as it is until there is an answer.
   * @returns The answer, whatever its status; rejects when no whole one came, with the reason of the signal once that is
   *   aborted.
   */
  send(head: string, body: Buffer, abortSignal: AbortSignal): Promise<HttpAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
    const onAbort = () => this.#fail(abortSignal.reason);
    this.#exchange = {
      reader: new AnswerReader(),
      hasHeard: false,
      resolve,
      reject,
      stop: () => abortSignal.removeEventListener('abort', onAbort),
    };
    this.#hold();
    if (abortSignal.aborted) {
      onAbort();
    } else if (this.#isOpen) {
      abortSignal.addEventListener('abort', onAbort);
      this.#socket.cork();
      this.#socket.write(head, 'latin1');
      this.#socket.write(body);
      this.#socket.uncork();
    } else {
      this.#closed();
    }
    return promise;
  }

  /** Ends it, and a request that is under way. */
  close(): void {
    this.#isOpen = false;
    this.#socket.destroy();
  }

  #hear(bytes: Buffer): void {
    const exchange = this.#exchange;
    if (exchange === undefined) {
      // Nobody asked.
      this.close();
      return;
    }
    exchange.hasHeard = true;
    try {
      if (exchange.reader.read(bytes)) {
        this.#answered(exchange.reader);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #ended(): void {
    const { reader } = this.#exchange ?? {};
    if (reader?.end() === true) {
      this.#answered(reader);
    }
    // What was under way is told of by the close.
    this.close();
  }

  #answered({ answer, keptMs }: AnswerReader): void {
    // A server may answer before it has all of a request, and not wait for the rest.
    const restMs = this.#socket.writableLength > 0 ? 0 : Math.min(keptMs - MARGIN_MS, MAX_REST_MS);
    this.#isUsed = true;
    this.#usableUntil = performance.now() + restMs;
    this.#endExchange()?.resolve(answer);
    if (restMs <= 0) {
      this.close();
    }
  }

  #closed(): void {
    this.#isOpen = false;
    const exchange = this.#exchange;
    if (exchange !== undefined) {
      this.#wasStale = this.#isUsed && !exchange.hasHeard;
      this.#fail(this.#failure ?? new Error('the connection ended before the answer'));
    }
  }

  #fail(reason: unknown): void {
    const exchange = this.#endExchange();
    this.close();
    exchange?.reject(reason);
  }

  #endExchange(): Exchange | undefined {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#hold();
    exchange?.stop();
    return exchange;
  }

  /** Whether the process stays alive for it. */
  #hold(): void {
    if (this.#keepsAlive && this.#exchange !== undefined) {
      this.#socket.ref();
    } else {
      this.#socket.unref();
    }
  }
}

function openSocket({ host, port, isSecure = false }: HttpConnectionOptions): Socket {
  // Loaded where it is first used: whoever imports this package may never need it.
  const net = process.getBuiltinModule('node:net');
  if (!isSecure) {
    return net.connect({ host, port });
  }
  return process.getBuiltinModule('node:tls').connect({
    host,
    port,
    // Addresses have no place there. Source: RFC 6066, 3.
    servername: net.isIP(host) === 0 ? host : '',
    ALPNProtocols: ['http/1.1'],
  });
}
