import type { IncomingMessage } from 'node:http';
import type { RequestSpan, RequestTracer } from '@azureml-ts/common';
import { isProbePath, routeName } from '../http/routes.ts';
import type { TraceContext } from '../http/trace-context.ts';

/** A request that is about to be answered. */
export interface TracedRequest {
  readonly request: IncomingMessage;
  readonly method: string;
  readonly path: string;
  readonly startedAt: Date;
  /** Whether its item goes to Application Insights anyway. */
  readonly isReported: boolean;
}

/**
 * Starts the OpenTelemetry span of a request, when the application has registered a provider: its ids are then those of
 * the request. Probes and questions for what is allowed have none.
 *
 * @param tracer Makes the span.
 * @param traced The request.
 * @param trace The ids that it has without a span.
 */
export function startRequestSpan(
  tracer: RequestTracer,
  traced: TracedRequest,
  trace: TraceContext,
): RequestSpan | undefined {
  const { request, method, path, startedAt, isReported } = traced;
  if (!tracer.isOn || isProbePath(path) || method === 'OPTIONS') {
    return undefined;
  }
  return tracer.start({
    method,
    route: routeName(path),
    startedAt,
    headers: request.headers,
    attributes: attributesOf(request, path),
    ids: trace,
    isReported,
  });
}

/** Source: OpenTelemetry's semantic conventions for HTTP server spans. */
function attributesOf(request: IncomingMessage, path: string): Record<string, string | number> {
  const { headers, httpVersion, socket } = request;
  const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(headers.host ?? '') ?? [];
  const attributes: Record<string, string | number | undefined> = {
    'url.scheme': 'http',
    'url.path': path,
    'server.address': host === '' ? undefined : host,
    'server.port': port === undefined ? socket.localPort : Number(port),
    'client.address': socket.remoteAddress,
    'network.peer.address': socket.remoteAddress,
    'network.peer.port': socket.remotePort,
    'network.protocol.version': httpVersion,
    'user_agent.original': headers['user-agent'],
  };
  return Object.fromEntries(
    Object.entries(attributes).filter((entry): entry is [string, string | number] => entry[1] !== undefined),
  );
}
