import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AzuremlError, errorMessage } from '@azureml-ts/common';
import { PortInUseError } from '../errors.ts';
import { announcesTooMuch } from './body.ts';
import { answerClientError } from './client-error.ts';
import type { RequestHandler } from './request-handler.ts';

/**
 * How long an idle connection stays open: longer than the 60 s for which proxies usually keep theirs, so that a proxy
 * never sends a request into a connection that is just being closed here.
 */
const KEEP_ALIVE_MS = 65_000;

/** The HTTP side of one server. */
export class HttpListener {
  readonly #server: Server;
  /** Answers that are not fully handed over yet. */
  #running = 0;
  #idle: (() => void) | undefined;

  /**
   * @param handler Answers the requests.
   * @param maxBodyBytes A body that announces more is not asked for.
   */
  constructor(handler: RequestHandler, maxBodyBytes: number) {
    this.#server = createServer({ keepAlive: true, keepAliveTimeout: KEEP_ALIVE_MS });
    this.#server.on('request', (request, response) => {
      this.#running++;
      response.once('close', () => this.#onAnswered());
      void handler.handle(request, response);
    });
    this.#server.on('checkContinue', (request, response) => {
      if (!announcesTooMuch(request, maxBodyBytes)) {
        response.writeContinue();
      }
      this.#server.emit('request', request, response);
    });
    this.#server.on('clientError', answerClientError);
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
   * Stops accepting, waits for the running requests, and cuts what is left.
   *
   * @param abortSignal Cuts the running requests too.
   */
  async close(abortSignal: AbortSignal): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    if (this.#running > 0 && !abortSignal.aborted) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
        abortSignal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    this.#server.closeAllConnections();
    await closed;
  }

  #onAnswered(): void {
    this.#running--;
    if (this.#running === 0) {
      this.#idle?.();
    }
  }
}
