import type { AddedHeaders } from './call-watch.ts';

/** What undici's channels tell of a request. @internal */
export interface UndiciRequest {
  readonly method?: string;
  readonly origin: unknown;
  readonly path: string;
  readonly upgrade?: unknown;
  readonly host?: string | null;
  /** Names and values in turn; one text in undici 5. */
  headers: unknown[] | string;
  addHeader(name: string, value: string): unknown;
}

/** A header of a request. @internal */
export function headerOf(request: UndiciRequest, name: string): string | undefined {
  const { headers, host } = request;
  if (name === 'host' && typeof host === 'string' && host !== '') {
    return host;
  }
  if (typeof headers === 'string') {
    return new RegExp(`^${name}: *(.*)$`, 'im').exec(headers)?.[1]?.trim();
  }
  const at = indexOf(headers, name);
  return at === -1 ? undefined : String(headers[at + 1]);
}

/**
 * Adds the headers of the trace.
 *
 * An instrumentation that hears of the request after us adds its own without looking: that one then takes the place of
 * ours.
 *
 * @param onReplaced Hears of the value that took the place.
 * @internal
 */
export function addTraceHeaders(
  request: UndiciRequest,
  added: AddedHeaders,
  onReplaced: (traceparent: string) => void,
): void {
  request.addHeader('traceparent', added.traceparent);
  if (added.tracestate !== undefined && headerOf(request, 'tracestate') === undefined) {
    request.addHeader('tracestate', added.tracestate);
  }
  const { headers } = request;
  if (!Array.isArray(headers)) {
    return;
  }
  const addHeader = request.addHeader;
  request.addHeader = function add(this: UndiciRequest, name: string, value: string) {
    if (/^trace(?:parent|state)$/i.test(name) && Array.isArray(this.headers)) {
      const at = indexOf(this.headers, name.toLowerCase());
      if (at !== -1) {
        this.headers.splice(at, 2);
      }
      if (name.toLowerCase() === 'traceparent') {
        onReplaced(value);
      }
    }
    return addHeader.call(this, name, value);
  };
}

function indexOf(headers: readonly unknown[], name: string): number {
  for (let index = 0; index < headers.length; index += 2) {
    if (String(headers[index]).toLowerCase() === name) {
      return index;
    }
  }
  return -1;
}
