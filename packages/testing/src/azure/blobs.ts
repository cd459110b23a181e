import { createHmac } from 'node:crypto';
import { parseBlobTarget } from '../blob/connection-string.ts';
import type { AzureRequest } from './answer.ts';
import { challenge } from './credential.ts';
import { type WrittenAnswer, written } from './exchange.ts';
import { recordIn } from './json.ts';
import type { World } from './world.ts';

/** Headers that belong to one connection. */
const OF_CONNECTION = new Set(['connection', 'keep-alive', 'transfer-encoding']);
/** Those, and headers that the emulator would check against another account. */
const LEFT_OUT = new Set([...OF_CONNECTION, 'authorization', 'host', 'content-length']);
/** Query parameters of a shared access signature. */
const SIGNATURE = 'sv ss srt sp se st spr sig sr skoid sktid skt ske sks skv'.split(' ');
const VERSION = '2020-08-04';

/**
 * Answers a request to a blob store that shows a token that was handed out, a key or a signature. The containers of
 * datastores are there, as in every workspace.
 *
 * @internal
 */
export async function answerBlobs(world: World, request: AzureRequest): Promise<WrittenAnswer> {
  const { authorization } = request.headers;
  const isSigned = authorization?.startsWith('SharedKey ') === true || request.url.searchParams.has('sig');
  const blobs = world.blobs as BlobsBehind;
  if (!isSigned && world.tokens.audienceOf(authorization) === undefined) {
    return written(request, {
      status: 401,
      headers: { ...challenge('The token is missing or wrong.'), 'x-ms-error-code': 'NoAuthenticationInformation' },
      body: '',
    });
  }
  const [, container = ''] = request.url.pathname.split('/');
  if (
    [...world.datastores.values()].some(
      ({ resource }) => recordIn(resource, 'properties')['containerName'] === container,
    )
  ) {
    await blobs.ensure(container);
  }
  return blobs.forward(request);
}

/** A blob store behind the stand-in: whatever account a request is meant for, it goes to that of an emulator. @internal */
export class BlobsBehind {
  readonly #root: string;
  readonly #signature: string;
  readonly #made = new Map<string, Promise<void>>();

  /** @param connectionString Of the emulator. */
  constructor(connectionString: string) {
    this.#root = parseBlobTarget(connectionString).endpoint.href.replace(/\/$/, '');
    const [, account = ''] = /AccountName=([^;]+)/.exec(connectionString) ?? [];
    const [, key = ''] = /AccountKey=([^;]+)/.exec(connectionString) ?? [];
    this.#signature = accountSignature(account, key);
  }

  /** Makes a container unless it is there: that of a datastore is, in every workspace. */
  ensure(container: string): Promise<void> {
    let made = this.#made.get(container);
    if (made === undefined) {
      made = this.#make(container);
      this.#made.set(container, made);
    }
    return made;
  }

  async #make(container: string): Promise<void> {
    const answer = await fetch(`${this.#root}/${container}?restype=container&${this.#signature}`, { method: 'PUT' });
    const text = await answer.text();
    // 409: it is there already.
    if (answer.status !== 201 && answer.status !== 409) {
      throw new Error(`The container ${container} could not be made: ${answer.status} ${text}`);
    }
  }

  /** Passes a request on, signed for the emulator, and gives its answer. */
  async forward({ method, url, headers, wire }: AzureRequest): Promise<WrittenAnswer> {
    const query = new URLSearchParams(url.searchParams);
    // A signature of the client's own is for another account.
    for (const name of SIGNATURE) {
      query.delete(name);
    }
    const own = query.size === 0 ? '' : `${query.toString()}&`;
    const answer = await fetch(`${this.#root}${url.pathname}?${own}${this.#signature}`, {
      method,
      headers: Object.entries(headers).filter(([name]) => !LEFT_OUT.has(name)),
      ...(wire.length > 0 || method === 'PUT' ? { body: wire } : {}),
      redirect: 'manual',
    });
    return {
      status: answer.status,
      headers: Object.fromEntries([...answer.headers].filter(([name]) => !OF_CONNECTION.has(name))),
      text: Buffer.from(await answer.arrayBuffer()),
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
