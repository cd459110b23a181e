import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { AzuremlError, errorMessage } from '@azureml-ts/common';

/** A started server of this package. @internal */
export interface LoopbackServer {
  readonly port: number;
  /** `http://host:port`, or with `https`, without a slash at the end. */
  readonly url: string;
  /** Ends every connection, also those in use, and frees the port. */
  close(): Promise<void>;
}

/** Where a server listens. @internal */
export interface LoopbackOptions {
  readonly host: string;
  readonly port: number;
  /** What the server is, for error messages. */
  readonly what: string;
  /** Serves https with this certificate. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
}

/**
 * Starts an HTTP server for tests.
 *
 * @throws {@link AzuremlError} `STAND_IN_START_FAILED` when the port is taken or the address is not of this machine.
 * @internal
 */
export async function startLoopbackServer(
  options: LoopbackOptions,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<LoopbackServer> {
  const listener: RequestListener = (request, response) => {
    handle(request, response).catch(() => {
      // A client that went away in the middle of its request; nobody is left to answer.
      response.destroy();
    });
  };
  // Tests may hold a request for as long as they like.
  const limits = { requestTimeout: 0, keepAliveTimeout: 60_000 };
  const server: Server =
    options.tls === undefined
      ? createServer(limits, listener)
      : createTlsServer({ ...limits, ...options.tls }, listener);
  server.on('clientError', (_error, socket) => socket.destroy());
  try {
    server.listen(options.port, options.host);
    await once(server, 'listening');
  } catch (error) {
    throw new AzuremlError(
      'STAND_IN_START_FAILED',
      `${options.what} could not listen on ${options.host}:${options.port}: ${errorMessage(error)}. ` +
        'Use port 0 to take any free port.',
      { cause: error, details: { host: options.host, port: options.port } },
    );
  }
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  let closing: Promise<void> | undefined;
  return {
    port,
    url: `${options.tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    close: () => {
      closing ??= closeServer(server);
      return closing;
    },
  };
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
