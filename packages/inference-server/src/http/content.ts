import type { ZlibOptions } from 'node:zlib';

/** Content encodings that are undone. */
export const CONTENT_ENCODINGS = 'gzip, deflate, br, zstd';

type Decoder = (bytes: Buffer, options: ZlibOptions) => Promise<Buffer>;

/** A function of `node:zlib`. */
type Undo = (bytes: Buffer, options: ZlibOptions, then: (error: Error | null, decoded: Buffer) => void) => void;

const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['gzip', undo('gunzip')],
  ['x-gzip', undo('gunzip')],
  ['deflate', (bytes, options) => inflateEither(bytes, options)],
  ['br', undo('brotliDecompress')],
  ['zstd', undo('zstdDecompress')],
]);

/** The module is loaded with the first body that needs it. */
function undo(name: 'gunzip' | 'inflate' | 'inflateRaw' | 'brotliDecompress' | 'zstdDecompress'): Decoder {
  return (bytes, options) =>
    new Promise((resolve, reject) => {
      const decode = process.getBuiltinModule('node:zlib')[name] as Undo;
      decode(bytes, options, (error, decoded) => {
        if (error === null) {
          resolve(decoded);
        } else {
          reject(error);
        }
      });
    });
}

/** Some clients send bare deflate data under this name, without the header that the standard asks for. */
function inflateEither(bytes: Buffer, options: ZlibOptions): Promise<Buffer> {
  const [first = 0, second = 0] = bytes;
  const hasHeader = (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
  return undo(hasHeader ? 'inflate' : 'inflateRaw')(bytes, options);
}

/** Names of UTF-8 and of what is a part of it. */
const UTF8_NAMES = ['utf-8', 'utf8', 'us-ascii', 'ascii'];

/** What a request says of its body. */
export interface ContentHeaders {
  readonly 'content-type'?: string | undefined;
  readonly 'content-encoding'?: string | undefined;
}

/**
 * How to undo the encoding of a body.
 *
 * @returns `undefined` for a body that is sent as it is, `'unknown'` for what cannot be undone here; of several encodings
 *   one after the other, too, because each multiplies what a small body can become.
 */
export function decoderOf(headers: ContentHeaders): Decoder | 'unknown' | undefined {
  const encoding = headers['content-encoding']?.trim().toLowerCase();
  if (encoding === undefined || encoding === '' || encoding === 'identity') {
    return undefined;
  }
  return DECODERS.get(encoding) ?? 'unknown';
}

/** The character set that a content type names, when it is not UTF-8. */
export function foreignCharset(headers: ContentHeaders): string | undefined {
  const type = headers['content-type'];
  if (type === undefined || !type.includes(';')) {
    return undefined;
  }
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(type)?.[1]?.toLowerCase();
  return charset === undefined || charset === '' || UTF8_NAMES.includes(charset) ? undefined : charset.slice(0, 40);
}

/** Whether a content type is JSON; one that is not given may be. */
export function isJson(headers: ContentHeaders): boolean {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  return type === undefined || type === '' || type === 'application/json' || /^[\w.-]+\/[\w.-]+\+json$/.test(type);
}
