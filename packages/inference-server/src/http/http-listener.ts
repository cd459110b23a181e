import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { AzuremlError, errorMessage } from '@azureml-ts/common';
import { PortInUseError } from '../errors.ts';
import type { AccessRecord } from '../log/access-log.ts';
import { announcesTooMuch } from './body.ts';
import { answerClientError } from './client-error.ts';
import type { CheckedHttpOptions } from './http-options.ts';
import type { RequestHandler } from './request-handler.ts';

/**
 * How long an idle connection stays open: longer than the 60 s for which proxies usually keep theirs, so that a proxy
 * never sends a request into a connection that is just being closed here.
 */
const KEEP_ALIVE_MS = 65_000;

/** How often connections are looked at for timeouts. */
const MAX_CHECK_MS = 5_000;
const MIN_CHECK_MS = 20;

/** How long a body may stand still while the server closes. */
const STALL_MS = 1_000;

/** Requests that closing has cut. */
export interface LeftRequests {
  /** Those whose body had stopped coming in. */
  readonly stalled: number;
  /** Those that were not answered in time. */
  readonly running: number;
}

/** The HTTP side of one server. */
export class HttpListener {
  readonly #server: Server;
  /** Requests whose answers are not fully handed over yet. */
  readonly #running = new Set<IncomingMessage>();
  #idle: (() => void) | undefined;

  /**
   * @param handler Answers the requests.
   * @param options Limits.
   * @param onMalformed Told of requests that never got to the handler.
   */
  constructor(handler: RequestHandler, options: CheckedHttpOptions, onMalformed: (record: AccessRecord) => void) {
    const { maxBodyBytes, maxHeaderBytes, headersTimeoutMs, requestTimeoutMs, sendServerVersion } = options;
    const firstTimeoutMs = Math.min(headersTimeoutMs, requestTimeoutMs);
    this.#server = createServer({
      keepAlive: true,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: firstTimeoutMs,
      requestTimeout: requestTimeoutMs,
      // How late a timeout is noticed at most.
      connectionsCheckingInterval: Math.min(MAX_CHECK_MS, Math.max(MIN_CHECK_MS, Math.ceil(firstTimeoutMs / 4))),
      // The handler asks for it, so that its absence is answered like every other error.
      requireHostHeader: false,
    });
    const onAnswered = (request: IncomingMessage) => this.#onAnswered(request);
    // One function for all: a closure for each request would be one more thing that it costs.
    function onClose(this: ServerResponse): void {
      onAnswered(this.req);
    }
    this.#server.on('request', (request, response) => {
      this.#running.add(request);
      response.on('close', onClose);
      void handler.handle(request, response);
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
      const response = new ServerResponse(request);
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
        this.#server.listen(port, host, () => {
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
   * Stops accepting, waits for the running requests, and cuts what is left. A request whose body no longer comes in is cut
   * after a second, so that it takes no time from those that run.
   *
   * @param abortSignal Cuts the running requests too.
   * @returns What was cut.
   */
  async close(abortSignal: AbortSignal): Promise<LeftRequests> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    let stalled = 0;
    if (this.#running.size > 0 && !abortSignal.aborted) {
      // The first look only notes where each connection stands.
      const seen = new Map<IncomingMessage, number>();
      this.#cutStalled(seen);
      const timer = setInterval(() => {
        stalled += this.#cutStalled(seen);
      }, STALL_MS);
      timer.unref();
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
        abortSignal.addEventListener('abort', () => resolve(), { once: true });
      });
      clearInterval(timer);
    }
    const running = this.#running.size;
    this.#server.closeAllConnections();
    await closed;
    return { stalled, running };
  }

  /**
   * Cuts the requests whose body is not whole and whose connection has brought nothing since the last look.
   *
   * @param seen How many bytes each connection had brought then.
   */
  #cutStalled(seen: Map<IncomingMessage, number>): number {
    let count = 0;
    for (const request of this.#running) {
      const { bytesRead } = request.socket;
      if (!request.complete && bytesRead === seen.get(request)) {
        request.socket.destroy();
        count++;
      }
      seen.set(request, bytesRead);
    }
    return count;
  }

  #onAnswered(request: IncomingMessage): void {
    this.#running.delete(request);
    if (this.#running.size === 0) {
      this.#idle?.();
    }
  }
}
