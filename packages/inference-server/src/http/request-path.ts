/**
 * The path of a request, without the query. A target may name the whole address too (RFC 9112, section 3.2.2), as clients
 * send it that believe to talk to a proxy.
 *
 * @param target Second word of the request line.
 */
export function requestPath(target: string): string {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '').split('?', 1)[0] ?? '';
  return path === '' && target !== '' ? '/' : path;
}
