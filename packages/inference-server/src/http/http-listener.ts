import type { IncomingMessage, Server } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { AzuremlError, errorMessage, sleep } from '@azureml-ts/common';
import { PortInUseError } from '../errors.ts';
import type { AccessRecord } from '../log/access-log.ts';
import { KEEP_ALIVE_S } from './answer.ts';
import { announcesTooMuch } from './body.ts';
import { answerClientError } from './client-error.ts';
import { EndingConnections, GRACE_MS } from './ending-connections.ts';
import type { CheckedHttpOptions } from './http-options.ts';
import { IdleConnections, LOOK_MS } from './idle-connections.ts';
import { IncomingRequest } from './incoming-request.ts';
import { http } from './node-http.ts';
import { OpenItems } from './open-items.ts';
import { OutgoingAnswer } from './outgoing-answer.ts';
import type { RequestHandler } from './request-handler.ts';

/** How often connections are looked at for timeouts. */
const MAX_CHECK_MS = 5_000;
const MIN_CHECK_MS = 20;

/** How many connections may wait to be accepted: Node's own default. */
const BACKLOG = 511;

/** Requests that closing has cut. */
export interface LeftRequests {
  /** Those whose body had stopped coming in. */
  readonly stalled: number;
  /** Those that were not answered in time. */
  readonly running: number;
}

/** The HTTP side of one server. */
export class HttpListener {
  readonly #server: Server<typeof IncomingRequest, typeof OutgoingAnswer>;
  /** Requests whose answers are not fully handed over yet. */
  readonly #running = new OpenItems<IncomingMessage>();
  readonly #connections = new OpenItems<Socket>();
  readonly #idle = new IdleConnections(this.#connections, this.#running, KEEP_ALIVE_S * 1_000);
  #looks: NodeJS.Timeout | undefined;
  #accepted = 0;
  /** Requests that begin once the port is closed. */
  #held: (() => void)[] | undefined;

  /**
   * @param handler Answers the requests.
   * @param options Limits.
   * @param onMalformed Told of requests that never got to the handler.
   */
  constructor(handler: RequestHandler, options: CheckedHttpOptions, onMalformed: (record: AccessRecord) => void) {
    const { maxBodyBytes, maxHeaderBytes, headersTimeoutMs, requestTimeoutMs, sendServerVersion } = options;
    const firstTimeoutMs = Math.min(headersTimeoutMs, requestTimeoutMs);
    this.#server = http.createServer({
      IncomingMessage: IncomingRequest,
      ServerResponse: OutgoingAnswer,
      // Idle connections are looked after here; the answers say for how long.
      keepAliveTimeout: 0,
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: firstTimeoutMs,
      requestTimeout: requestTimeoutMs,
      // How late a timeout is noticed at most.
      connectionsCheckingInterval: Math.min(MAX_CHECK_MS, Math.max(MIN_CHECK_MS, Math.ceil(firstTimeoutMs / 4))),
      // The handler asks for it, so that its absence is answered like every other error.
      requireHostHeader: false,
    });
    const running = this.#running;
    // One function for all: a closure for each request would be one more thing that it costs.
    function onClose(this: OutgoingAnswer): void {
      running.delete(this.req);
    }
    const connections = this.#connections;
    function onSocketClose(this: Socket): void {
      connections.delete(this);
    }
    this.#server.on('connection', (socket) => {
      this.#accepted++;
      connections.add(socket);
      socket.on('close', onSocketClose);
    });
    this.#server.on('request', (request, response) => {
      if (request.socket.writableEnded) {
        // Its answer could not be sent any more: better not begun, so that the client can safely send it again.
        request.socket.destroy();
        return;
      }
      running.add(request);
      response.on('close', onClose);
      if (this.#held === undefined) {
        handler.handle(request, response);
      } else {
        this.#held.push(() => handler.handle(request, response));
      }
    });
    this.#server.on('checkContinue', (request, response) => {
      if (!announcesTooMuch(request, maxBodyBytes)) {
        response.writeContinue();
      }
      this.#server.emit('request', request, response);
    });
    this.#server.on('checkExpectation', (request, response) => this.#server.emit('request', request, response));
    this.#server.on('connect', (request: IncomingMessage, socket: Socket) => {
      // Node leaves the connection to this listener: it gets its answer, and ends.
      const response = new OutgoingAnswer(request);
      response.shouldKeepAlive = false;
      response.assignSocket(socket);
      response.once('finish', () => socket.end());
      socket.on('error', () => undefined);
      this.#server.emit('request', request, response);
    });
    this.#server.on('clientError', (error, socket) =>
      answerClientError(error, socket, { maxHeaderBytes, sendServerVersion, onAnswered: onMalformed }),
    );
  }

  /**
   * Opens the port.
   *
   * @throws PortInUseError `PORT_IN_USE`
   * @throws AzuremlError `LISTEN_FAILED` for any other reason.
   */
  async listen(port: number, host: string): Promise<AddressInfo> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject);
        this.#server.listen(port, host, BACKLOG, () => {
          this.#server.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      const details = { port, host };
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
        throw new PortInUseError(
          `Port ${port} of ${host} is in use by another process. Stop that process, or choose another port.`,
          { cause: error, details },
        );
      }
      throw new AzuremlError(
        'LISTEN_FAILED',
        `The server cannot listen on port ${port} of ${host}: ${errorMessage(error)}. Choose another port or host.`,
        { cause: error, details },
      );
    }
    this.#looks = setInterval(() => this.#idle.look(), LOOK_MS).unref();
    return this.#server.address() as AddressInfo;
  }

  /**
   * Stops accepting and leaves the open connections to their clients: each ends with its next answer, or when it has been
   * idle for as long as it was promised. So no request runs into a connection that is just being closed.
   *
   * @returns Resolves once no connection is left.
   */
  drain(): Promise<void> {
    return new Promise((resolve) => {
      // Not that of the HTTP server, which cuts idle connections.
      NetServer.prototype.close.call(this.#server, () => resolve());
    });
  }

  /**
   * Answers what has arrived, stops accepting, and ends each connection with its next answer or once it is idle. A request
   * whose body no longer comes in is cut after a second, so that it takes no time from those that run.
   *
   * @param abortSignal Cuts the running requests too.
   * @returns What was cut.
   */
  async close(abortSignal: AbortSignal): Promise<LeftRequests> {
    this.#held = [];
    await this.#acceptWaiting(abortSignal);
    const closed = this.drain();
    const held = this.#held;
    this.#held = undefined;
    for (const begin of held) {
      begin();
    }
    const aborted = new Promise<void>((resolve) => {
      abortSignal.addEventListener('abort', () => resolve(), { once: true });
    });
    const ending = new EndingConnections(this.#connections, this.#running);
    let stalled = 0;
    while (this.#connections.size > 0 && !abortSignal.aborted) {
      stalled += ending.look();
      const pause = sleep(GRACE_MS);
      await Promise.race([closed, aborted, pause]);
      // Whatever came in while the program was busy is read before the next look.
      await turn();
    }
    const running = this.#running.size;
    for (const socket of this.#connections) {
      socket.destroy();
    }
    await closed;
    clearInterval(this.#looks);
    // Ends its timer too.
    this.#server.close();
    return { stalled, running };
  }

  /**
   * Takes the connections that are not accepted yet, since the end of the port would reset them. No request begins meanwhile:
   * each answer would bring another connection of a client that opens one for each request.
   */
  async #acceptWaiting(abortSignal: AbortSignal): Promise<void> {
    // Those that wait now come first. The queue holds one more than it is told to; whatever follows it came after the close.
    const last = this.#accepted + BACKLOG + 1;
    let accepted = -1;
    while (accepted !== this.#accepted && accepted < last && !abortSignal.aborted) {
      accepted = this.#accepted;
      // From one turn to the next everything that is ready has been looked at once; each accepts one connection.
      await turn();
      await turn();
    }
  }
}

/** Resolves once the event loop has read what was ready. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
