import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { CallWatch } from './call-watch.ts';
import { harmlessly } from './harmlessly.ts';
import type { OutgoingCall } from './outgoing-call.ts';

/**
 * Watches calls by `node:http` and `node:https`, however and whenever they were loaded.
 *
 * Source: the built-in channels of `diagnostics_channel`; Node has them all since 22.12.
 *
 * @returns Ends it.
 * @internal
 */
export function watchHttpCalls(watch: CallWatch): () => void {
  const calls = new WeakMap<ClientRequest, OutgoingCall>();

  const created = harmlessly((message: unknown) => {
    const { request } = message as { readonly request: ClientRequest };
    const { method, path, protocol, host } = request;
    const begun = watch.begin({
      method,
      destination: { protocol, host: String(request.getHeader('host') ?? host), path },
      userAgent: request.getHeader('user-agent'),
      traceparent: request.getHeader('traceparent'),
    });
    if (begun === undefined) {
      return;
    }
    calls.set(request, begun.call);
    // Not a listener to errors: that would catch those that nobody else does.
    request.once('close', () => closed(request));
    const { headers } = begun;
    if (headers !== undefined && !request.headersSent) {
      request.setHeader('traceparent', headers.traceparent);
      if (headers.tracestate !== undefined && !request.hasHeader('tracestate')) {
        request.setHeader('tracestate', headers.tracestate);
      }
    }
  });

  const answered = harmlessly((message: unknown) => {
    const { request, response } = message as { readonly request: ClientRequest; readonly response: IncomingMessage };
    calls.get(request)?.answered(response.statusCode ?? 0);
  });

  const failed = harmlessly((message: unknown) => {
    const { request, error } = message as { readonly request: ClientRequest; readonly error: unknown };
    calls.get(request)?.fail(error);
  });

  const closed = harmlessly((request: ClientRequest) => {
    const call = calls.get(request);
    // Node's own field for the answer; a protocol switch is told of nowhere else.
    const { res: response } = request as { readonly res?: IncomingMessage | null };
    if (response) {
      call?.answered(response.statusCode ?? 0);
    }
    if (response?.errored) {
      call?.fail(response.errored);
    } else if (response) {
      call?.end();
    } else {
      call?.fail(undefined);
    }
  });

  const handlers = {
    'http.client.request.created': created,
    'http.client.request.error': failed,
    'http.client.response.finish': answered,
  };
  for (const [channel, handler] of Object.entries(handlers)) {
    subscribe(channel, handler);
  }
  return () => {
    for (const [channel, handler] of Object.entries(handlers)) {
      unsubscribe(channel, handler);
    }
  };
}
