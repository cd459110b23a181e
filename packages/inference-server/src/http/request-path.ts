/** The two parts of a request's target. */
export interface RequestTarget {
  readonly path: string;
  /** Without the question mark; empty for none. */
  readonly query: string;
}

/**
 * Splits the target of a request. It may name the whole address too (RFC 9112, section 3.2.2), as clients send it that
 * believe to talk to a proxy.
 *
 * @param target Second word of the request line.
 * @param prefix Path before every route, without slashes at its ends; what does not start with it is taken as it is.
 */
export function requestTarget(target: string, prefix: string): RequestTarget {
  const local = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?#]*/i, '');
  const mark = local.indexOf('?');
  const given = mark === -1 ? local : local.slice(0, mark);
  const query = mark === -1 ? '' : local.slice(mark + 1);
  return { path: withoutPrefix(given === '' && target !== '' ? '/' : given, prefix), query };
}

function withoutPrefix(path: string, prefix: string): string {
  if (prefix === '' || !path.startsWith(`/${prefix}`)) {
    return path;
  }
  const rest = path.slice(prefix.length + 1);
  return rest === '' ? '/' : rest.startsWith('/') ? rest : path;
}
