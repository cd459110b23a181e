import { createHmac } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';

/** An answer of the store. */
export interface BlobAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** What a shared access signature allows. */
export interface SasOptions {
  /** `s`, `c`, `o`: the account, containers, blobs. */
  readonly resources?: string;
  /** Letters of the permissions. */
  readonly permissions?: string;
}

const VERSION = '2021-12-02';

/**
 * A storage account as somebody else than the collector uses it: plain requests with a signature in their address. So
 * what the tests see of the store does not come from the client that the collector uses.
 */
export class BlobAccount {
  readonly #endpoint: URL;
  readonly #key: Buffer;
  readonly #agent = new Agent({ keepAlive: true });

  /** @param connectionString Of an emulator: with `BlobEndpoint` and `AccountKey`. */
  constructor(connectionString: string) {
    const value = (name: string) => new RegExp(`${name}=([^;]+)`).exec(connectionString)?.[1] ?? '';
    this.#endpoint = new URL(value('BlobEndpoint'));
    this.#key = Buffer.from(value('AccountKey'), 'base64');
  }

  /** Query that allows what it says until the end of the century. */
  sas({ resources = 'sco', permissions = 'rwdlac' }: SasOptions = {}): string {
    const fields = { sv: VERSION, ss: 'b', srt: resources, sp: permissions, se: '2099-01-01T00:00:00Z' };
    const account = this.#endpoint.pathname.split('/')[1];
    const text = [account, fields.sp, fields.ss, fields.srt, '', fields.se, '', '', fields.sv, '', ''].join('\n');
    const sig = createHmac('sha256', this.#key).update(text).digest('base64');
    return new URLSearchParams({ ...fields, sig }).toString();
  }

  /**
   * Sends one request.
   *
   * @param method For example `PUT`.
   * @param path Container and blob, not encoded.
   * @param query For example `comp=appendblock`; may be empty.
   */
  send(
    method: string,
    path: string,
    query = '',
    headers: Record<string, string> = {},
    body: Buffer | string = '',
  ): Promise<BlobAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<BlobAnswer>();
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    const asked = request(
      {
        agent: this.#agent,
        hostname: this.#endpoint.hostname,
        port: this.#endpoint.port,
        method,
        path: `${this.#endpoint.pathname}/${encoded}?${query === '' ? '' : `${query}&`}${this.sas()}`,
        headers: { 'x-ms-version': VERSION, 'content-length': String(Buffer.byteLength(body)), ...headers },
      },
      (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece));
        answer.once('error', reject);
        answer.once('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(pieces) }),
        );
      },
    );
    asked.once('error', (error: NodeJS.ErrnoException) => {
      if (asked.reusedSocket && error.code === 'ECONNRESET' && query !== 'comp=appendblock') {
        // The store has closed the idle connection in this moment.
        this.send(method, path, query, headers, body).then(resolve, reject);
      } else {
        reject(error);
      }
    });
    asked.end(body);
    return promise;
  }

  /** As {@link send}, and throws when the store does not answer with success. */
  async must(...request: Parameters<BlobAccount['send']>): Promise<BlobAnswer> {
    const answer = await this.send(...request);
    if (answer.status >= 300) {
      throw new Error(`${request[0]} ${request[1]}: ${answer.status} ${answer.body.toString().slice(0, 300)}`);
    }
    return answer;
  }

  /** Makes a blob, or puts an empty one in the place of the one there. */
  async putBlob(path: string, type: 'AppendBlob' | 'BlockBlob' | 'PageBlob', content = ''): Promise<void> {
    const size: Record<string, string> = type === 'PageBlob' ? { 'x-ms-blob-content-length': '512' } : {};
    await this.must('PUT', path, '', { 'x-ms-blob-type': type, ...size }, type === 'BlockBlob' ? content : '');
    if (type === 'AppendBlob' && content !== '') {
      await this.append(path, content);
    }
  }

  /** Appends a block. */
  async append(path: string, content: string): Promise<void> {
    await this.must('PUT', path, 'comp=appendblock', {}, content);
  }

  /** Names of the blobs of a container, sorted; none when there is no such container. */
  async list(container: string): Promise<string[]> {
    const { status, body } = await this.send('GET', container, 'restype=container&comp=list');
    if (status === 404) {
      return [];
    }
    return [...body.toString().matchAll(/<Name>([^<]*)<\/Name>/g)].map(([, name = '']) => decodeXml(name)).sort();
  }

  /** Text of a blob. */
  async read(path: string): Promise<string> {
    return (await this.must('GET', path)).body.toString();
  }

  /** Ends the lease of a blob, as time does when its holder is gone. */
  async endLease(path: string): Promise<void> {
    const { status } = await this.send('PUT', path, 'comp=lease', {
      'x-ms-lease-action': 'break',
      'x-ms-lease-break-period': '0',
    });
    // 409: there is none.
    if (status >= 300 && status !== 409) {
      throw new Error(`The lease of ${path} was not ended: ${status}.`);
    }
  }

  /** Ends its connections. */
  close(): void {
    this.#agent.destroy();
  }
}

function decodeXml(text: string): string {
  const named: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(#x?[0-9a-f]+|\w+);/gi, (_, name: string) =>
    name.startsWith('#')
      ? String.fromCodePoint(/^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1)))
      : (named[name] ?? ''),
  );
}
