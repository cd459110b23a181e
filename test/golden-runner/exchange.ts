/** One HTTP request in the form in which recordings and runs are compared. */
export interface Exchange {
  readonly method: string;
  /** Path with placeholders written out, decoded; an address for a host that is none of the recording. */
  readonly path: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Without parameters such as the charset; `undefined` when there is none. */
  readonly contentType: string | undefined;
  readonly authorization: string | undefined;
  /** The body as JSON; `null` when it is empty or something else. */
  readonly json: unknown;
  /** A body that is not JSON. */
  readonly text: string | null;
  /** The answer. */
  readonly answer: Answer;
}

/** An HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
}

/** Whether a request has a body. */
export function hasBody(exchange: Pick<Exchange, 'json' | 'text'>): boolean {
  return exchange.json !== null || (exchange.text !== null && exchange.text !== '');
}

/** A content type without its parameters. */
export function plainType(header: string | undefined): string | undefined {
  return header?.split(';')[0]?.trim().toLowerCase();
}

/** A path without percent signs. */
export function plainPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A request in one line. */
export function requestLine({ method, path, query }: Pick<Exchange, 'method' | 'path' | 'query'>): string {
  const asked = query.map(([name, value]) => `${name}=${value}`).join('&');
  return `${method} ${shortPath(path)}${asked === '' ? '' : `?${asked}`}`;
}

function shortPath(path: string): string {
  return path
    .replace(/^\/modelmanagement\/v1\.0\/subscriptions\/.*?\/workspaces\/[^/]+/, '{mms}')
    .replace(/^\/subscriptions\/.*?\/workspaces\/[^/]+/, '{scope}');
}
