import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { nodeNet, nodeTls } from '../../node-modules.ts';
import type { Answer } from './answer.ts';
import { AnswerReader } from './answer-reader.ts';

/** A load balancer of Azure forgets connections that rest for four minutes, and tells nobody. */
const MAX_REST_MS = 60_000;
/** What the other side says it waits may end while a request is on its way. */
const MARGIN_MS = 1_000;
const TCP_PROBE_MS = 30_000;

interface Exchange {
  readonly reader: AnswerReader;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
  /** Ends listening to the signal. */
  readonly stop: () => void;
  hasHeard: boolean;
}

/** A connection to one server, for one request after the other. It never keeps the process alive. @internal */
export class Connection {
  readonly #socket: Socket;
  #exchange: Exchange | undefined;
  #isUsed = false;
  #failure: unknown;
  #isOpen = true;
  /** Until when it may be used, by `performance.now()`. */
  #usableUntil = Number.POSITIVE_INFINITY;
  #wasStale = false;

  /** @param url Of any path of the server. */
  constructor(url: URL) {
    const socket = openSocket(url);
    this.#socket = socket;
    const letGo = () => socket.unref();
    letGo();
    // Those it is made of after a look at the names of the server are new ones.
    socket.on('connect', letGo);
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

  /** Sends a request; rejects when no whole answer came, with the reason of the signal once that is aborted. */
  post(head: string, body: Buffer, abortSignal: AbortSignal): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const onAbort = () => this.#fail(abortSignal.reason);
    this.#exchange = {
      reader: new AnswerReader(),
      hasHeard: false,
      resolve,
      reject,
      stop: () => abortSignal.removeEventListener('abort', onAbort),
    };
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
    exchange?.stop();
    return exchange;
  }
}

function openSocket({ protocol, hostname, port }: URL): Socket | TLSSocket {
  // An address of IPv6 has brackets in a URL.
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const net = nodeNet();
  const common = { host, noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_PROBE_MS };
  if (protocol !== 'https:') {
    return net.connect({ ...common, port: Number(port || 80) });
  }
  return nodeTls().connect({
    ...common,
    port: Number(port || 443),
    // Addresses have no place there. Source: RFC 6066, 3.
    servername: net.isIP(host) === 0 ? host : '',
    ALPNProtocols: ['http/1.1'],
  });
}
