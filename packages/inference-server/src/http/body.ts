import { constants, isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { decoderOf } from './content.ts';

/** Largest body of a scoring request unless `maxBodyBytes` says otherwise: 100 MiB. */
export const DEFAULT_MAX_BODY_BYTES = 100 * 1024 * 1024;

/** The text of a request, or why there is none. */
export type BodyResult =
  | { readonly kind: 'text'; readonly text: string }
  /** More bytes than allowed, as sent or once decoded. */
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'notUtf8' }
  /** The content encoding is not one that can be undone here. */
  | { readonly kind: 'unknownEncoding' }
  /** The body is not what its content encoding says. */
  | { readonly kind: 'corrupt' }
  /** It did not arrive in time. */
  | { readonly kind: 'late' }
  /** It ended before it was whole. */
  | { readonly kind: 'truncated' }
  /** It is not HTTP. */
  | { readonly kind: 'malformed' }
  /** The client went away before the end. */
  | { readonly kind: 'aborted' };

/** Why the bytes of a body are not there. */
type Unread = Exclude<BodyResult, { readonly kind: 'text' | 'unknownEncoding' | 'corrupt' }>;

const FAULTS = {
  late: 'The request did not arrive in time.',
  truncated: 'The request ended before it was whole.',
  malformed: 'The body of the request is not valid HTTP.',
} as const;

/** Why the rest of a body will never come. */
export class BodyFault extends Error {
  override readonly name = 'BodyFault';
  readonly kind: keyof typeof FAULTS;

  /** @param kind Its time is over, it has ended too early, or it is not HTTP. */
  constructor(kind: BodyFault['kind']) {
    super(FAULTS[kind]);
    this.kind = kind;
  }
}

/**
 * Tells whoever waits for the rest of a body that it will never come.
 *
 * @returns Whether somebody did, and answers the request.
 */
export function tellFault(request: IncomingMessage, kind: BodyFault['kind']): boolean {
  return !request.complete && request.listenerCount('error') > 0 && request.emit('error', new BodyFault(kind));
}

/** Whether a request announces more than it may send. */
export function announcesTooMuch(request: IncomingMessage, maxBodyBytes: number): boolean {
  const length = request.headers['content-length'];
  return length !== undefined && Number(length) > maxBodyBytes;
}

/**
 * Reads the body as UTF-8 text, without its content encoding. The content type plays no part, so a form content type
 * (curl's default) loses nothing.
 *
 * @param request The request, not read yet.
 * @param maxBodyBytes Above this many bytes reading stops, and decoding too.
 * @param then Makes of it what the returned promise gives; called once, outside the context of the request.
 */
export function readBody<T>(
  request: IncomingMessage,
  maxBodyBytes: number,
  then: (result: BodyResult) => T,
): T | Promise<T> {
  const decoder = decoderOf(request.headers);
  if (decoder === 'unknown') {
    return then({ kind: 'unknownEncoding' });
  }
  if (announcesTooMuch(request, maxBodyBytes)) {
    return then({ kind: 'tooLarge' });
  }
  return readBytes(request, maxBodyBytes, (bytes) => {
    if (!Buffer.isBuffer(bytes)) {
      return then(bytes);
    }
    if (decoder === undefined || bytes.length === 0) {
      return then(decode(bytes));
    }
    return decoder(bytes, { maxOutputLength: Math.min(maxBodyBytes, constants.MAX_LENGTH) }).then(
      (decoded) => then(decode(decoded)),
      (error: NodeJS.ErrnoException) => then({ kind: error.code === 'ERR_BUFFER_TOO_LARGE' ? 'tooLarge' : 'corrupt' }),
    );
  });
}

function readBytes<T>(
  request: IncomingMessage,
  maxBodyBytes: number,
  then: (bytes: Buffer | Unread) => T | Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let isDone = false;
    const finish = (result: Buffer | Unread) => {
      if (isDone) {
        return;
      }
      isDone = true;
      try {
        resolve(then(result));
      } catch (error) {
        reject(error);
      }
    };
    request.on('data', (chunk: Buffer) => {
      if (isDone) {
        return;
      }
      size += chunk.length;
      if (size <= maxBodyBytes) {
        chunks.push(chunk);
      } else {
        request.pause();
        finish({ kind: 'tooLarge' });
      }
    });
    request.on('end', () => finish(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)));
    // When the client goes away too early, there is an error; without a listener it would end the process.
    request.on('error', (error) => finish({ kind: error instanceof BodyFault ? error.kind : 'aborted' }));
  });
}

function ignore(): void {}

function decode(bytes: Buffer): BodyResult {
  if (!isUtf8(bytes)) {
    return { kind: 'notUtf8' };
  }
  // JSON.parse refuses a byte order mark, which some clients put first.
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  return { kind: 'text', text: bytes.toString('utf8', start) };
}

/** A body that is larger than allowed. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';

  /** @param maxBodyBytes The limit. */
  constructor(maxBodyBytes: number) {
    super(`The body is larger than ${maxBodyBytes} bytes.`);
  }
}

/**
 * Gives the body as it comes, up to the limit.
 *
 * @param request The request, not read yet. It stays open when reading ends early.
 * @param maxBodyBytes Above this many bytes it fails.
 * @throws BodyTooLargeError
 */
export async function* streamBody(request: IncomingMessage, maxBodyBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  request.on('error', ignore);
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) {
      throw new BodyTooLargeError(maxBodyBytes);
    }
    yield new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
  }
}

/**
 * Reads on and forgets, for a short while: a connection that is closed on unread bytes is reset, and the client may lose
 * the answer it was about to read.
 *
 * @param request A request that has been answered already.
 * @param limitMs How long at most.
 */
export function drain(request: IncomingMessage, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (request.readableEnded || request.destroyed) {
      resolve();
      return;
    }
    const timer = setTimeout(resolve, limitMs);
    timer.unref();
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    request
      .once('end', done)
      .once('close', done)
      .on('error', () => undefined);
    request.resume();
  });
}
