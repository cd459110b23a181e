import { type Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** Headers that belong to one connection, not to the message. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade', 'expect']);

/**
 * Sends a request on to the store, body streamed and headers as they came.
 *
 * Only `Host` is the store's: the signature of a storage request covers the account, the path and the `x-ms-` headers,
 * and stays valid.
 *
 * @returns The store's answer, not read yet.
 * @internal
 */
export function forward(
  incoming: IncomingMessage,
  root: URL,
  agent: Agent,
  abortSignal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = root.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = send({
      protocol: root.protocol,
      hostname: root.hostname.replace(/^\[|\]$/g, ''),
      port: root.port === '' ? undefined : Number(root.port),
      method: incoming.method,
      path: incoming.url,
      headers: forwardedHeaders(incoming.rawHeaders, root.host),
      agent,
      signal: abortSignal,
    });
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
    incoming.once('error', () => outgoing.destroy());
    incoming.pipe(outgoing);
  });
}

/** Names and values one after the other, as Node gives and takes them: case and repeated headers stay. */
function forwardedHeaders(raw: readonly string[], host: string): string[] {
  const kept = ['Host', host];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (name.toLowerCase() !== 'host' && !HOP_BY_HOP.has(name.toLowerCase())) {
      kept.push(name, raw[i + 1] ?? '');
    }
  }
  return kept;
}

/** Headers of an answer, without those of the connection. @internal */
export function answerHeaders(answer: IncomingMessage): string[] {
  const kept: string[] = [];
  for (let i = 0; i + 1 < answer.rawHeaders.length; i += 2) {
    const name = answer.rawHeaders[i] ?? '';
    if (!HOP_BY_HOP.has(name.toLowerCase())) {
      kept.push(name, answer.rawHeaders[i + 1] ?? '');
    }
  }
  return kept;
}
