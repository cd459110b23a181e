import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { CallWatch } from './call-watch.ts';
import { harmlessly } from './harmlessly.ts';
import type { OutgoingCall } from './outgoing-call.ts';
import { addTraceHeaders, headerOf, type UndiciRequest } from './undici-headers.ts';

/**
 * Watches calls by the global `fetch`, and by the package undici.
 *
 * Source: the channels `undici:request:*` of undici.
 *
 * @returns Ends it.
 * @internal
 */
export function watchUndiciCalls(watch: CallWatch): () => void {
  const calls = new WeakMap<UndiciRequest, OutgoingCall>();

  const created = harmlessly((message: unknown) => {
    const { request } = message as { readonly request: UndiciRequest };
    const { method = 'GET', path, origin, upgrade } = request;
    if (upgrade) {
      // A WebSocket has no end that these channels would tell of.
      return;
    }
    const { protocol, host } = new URL(String(origin));
    const begun = watch.begin({
      method,
      destination: { protocol, host: headerOf(request, 'host') ?? host, path },
      userAgent: headerOf(request, 'user-agent'),
      traceparent: headerOf(request, 'traceparent'),
    });
    if (begun === undefined) {
      return;
    }
    const { call, origin: from, headers } = begun;
    calls.set(request, call);
    if (headers !== undefined) {
      addTraceHeaders(request, headers, (text) => watch.headerSet(call, from, text));
    }
  });

  const answered = harmlessly((message: unknown) => {
    const { request, response } = message as {
      readonly request: UndiciRequest;
      readonly response: { readonly statusCode: number };
    };
    calls.get(request)?.answered(response.statusCode);
  });

  const ended = harmlessly((message: unknown) => {
    calls.get((message as { readonly request: UndiciRequest }).request)?.end();
  });

  const failed = harmlessly((message: unknown) => {
    const { request, error } = message as { readonly request: UndiciRequest; readonly error: unknown };
    calls.get(request)?.fail(error);
  });

  const handlers = {
    'undici:request:create': created,
    'undici:request:headers': answered,
    'undici:request:trailers': ended,
    'undici:request:error': failed,
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
