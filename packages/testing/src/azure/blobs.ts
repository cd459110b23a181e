import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { parseBlobTarget } from '../blob/connection-string.ts';
import type { WrittenAnswer } from './exchange.ts';
import { ORIGIN_HEADER } from './rewriting-policy.ts';

const BLOB_HOST = /^https?:\/\/[^/]+\.blob\.[^/]+$/i;
/** Headers that belong to one connection, or that the emulator would check against another account. */
const LEFT_OUT = new Set(['authorization', 'host', 'connection', 'content-length', 'transfer-encoding', ORIGIN_HEADER]);
const VERSION = '2020-08-04';

/** Whether a request was meant for a blob store. @internal */
export function isForBlobs(request: IncomingMessage): boolean {
  const origin = request.headers[ORIGIN_HEADER];
  return typeof origin === 'string' && BLOB_HOST.test(origin);
}

/** A blob store behind the stand-in: whatever account a request is meant for, it goes to that of an emulator. @internal */
export class BlobsBehind {
  readonly #root: string;
  readonly #signature: string;

  /** @param connectionString Of the emulator. */
  constructor(connectionString: string) {
    this.#root = parseBlobTarget(connectionString).endpoint.href.replace(/\/$/, '');
    const [, account = ''] = /AccountName=([^;]+)/.exec(connectionString) ?? [];
    const [, key = ''] = /AccountKey=([^;]+)/.exec(connectionString) ?? [];
    this.#signature = accountSignature(account, key);
  }

  /** Passes a request on, signed for the emulator, and gives its answer. */
  async forward(request: IncomingMessage, body: Buffer): Promise<WrittenAnswer & { readonly bytes: Buffer }> {
    const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
      value === undefined || LEFT_OUT.has(name) ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    );
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://blob.invalid');
    // A signature of the client's own is for another account.
    for (const name of [
      'sv',
      'ss',
      'srt',
      'sp',
      'se',
      'st',
      'spr',
      'sig',
      'sr',
      'skoid',
      'sktid',
      'skt',
      'ske',
      'sks',
      'skv',
    ]) {
      searchParams.delete(name);
    }
    const query = searchParams.size === 0 ? '' : `${searchParams.toString()}&`;
    const answer = await fetch(`${this.#root}${pathname}?${query}${this.#signature}`, {
      method: request.method ?? 'GET',
      headers,
      ...(body.length > 0 || request.method === 'PUT' ? { body } : {}),
      redirect: 'manual',
    });
    const answered = [...answer.headers].filter(
      ([name]) => !['connection', 'keep-alive', 'transfer-encoding'].includes(name),
    );
    return {
      status: answer.status,
      headers: Object.fromEntries(answered),
      text: undefined,
      bytes: Buffer.from(await answer.arrayBuffer()),
    };
  }
}

/** A signature for everything in an account. Source: "Create an account SAS" of Azure Storage. */
function accountSignature(account: string, key: string): string {
  const expiry = new Date(Date.now() + 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');
  const text = [account, 'rwdlac', 'b', 'sco', '', expiry, '', 'https,http', VERSION, ''].join('\n');
  const sig = createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest('base64');
  return new URLSearchParams({
    sv: VERSION,
    ss: 'b',
    srt: 'sco',
    sp: 'rwdlac',
    se: expiry,
    spr: 'https,http',
    sig,
  }).toString();
}
