import { constants, isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { BodyFault } from './body-fault.ts';
import { decoderOf } from './content.ts';
import { IncomingRequest, type Unread } from './incoming-request.ts';

/** Largest body of a scoring request unless `maxBodyBytes` says otherwise: 100 MiB. */
export const DEFAULT_MAX_BODY_BYTES = 100 * 1024 * 1024;

/** A number of so many digits is below so many bytes: that needs no look at each digit. */
const SMALL_DIGITS = 6;
const SMALL_BYTES = 1_000_000;

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

/**
 * Tells whoever waits for the rest of a body that it will never come.
 *
 * @returns Whether somebody did, and answers the request.
 */
export function tellFault(request: IncomingMessage, kind: BodyFault['kind']): boolean {
  if (request instanceof IncomingRequest && request.failGathering(kind)) {
    return true;
  }
  return !request.complete && request.listenerCount('error') > 0 && request.emit('error', new BodyFault(kind));
}

/** Whether a request announces more than it may send. */
export function announcesTooMuch(request: IncomingMessage, maxBodyBytes: number): boolean {
  const length = request.headers['content-length'];
  if (length === undefined || (length.length <= SMALL_DIGITS && maxBodyBytes >= SMALL_BYTES)) {
    return false;
  }
  return Number(length) > maxBodyBytes;
}

/**
 * Reads the body as UTF-8 text, without its content encoding. The content type plays no part, so a form content type
 * (curl's default) loses nothing.
 *
 * @param request The request, not read yet.
 * @param maxBodyBytes Above this many bytes reading stops, and decoding too.
 * @param then Gets it; called once, perhaps at once, outside the context of the request. It must not throw.
 */
export function readBody(request: IncomingMessage, maxBodyBytes: number, then: (body: BodyResult) => void): void {
  const decoder = decoderOf(request.headers);
  if (decoder === 'unknown') {
    then({ kind: 'unknownEncoding' });
  } else if (announcesTooMuch(request, maxBodyBytes)) {
    then({ kind: 'tooLarge' });
  } else {
    readBytes(request, maxBodyBytes, (bytes) => {
      if (!Buffer.isBuffer(bytes)) {
        then(bytes);
      } else if (decoder === undefined || bytes.length === 0) {
        then(decode(bytes));
      } else {
        void decoder(bytes, { maxOutputLength: Math.min(maxBodyBytes, constants.MAX_LENGTH) }).then(
          (decoded) => then(decode(decoded)),
          (error: NodeJS.ErrnoException) =>
            then({ kind: error.code === 'ERR_BUFFER_TOO_LARGE' ? 'tooLarge' : 'corrupt' }),
        );
      }
    });
  }
}

function readBytes(request: IncomingMessage, maxBodyBytes: number, then: (bytes: Buffer | Unread) => void): void {
  if (request instanceof IncomingRequest && request.gather(maxBodyBytes, then)) {
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  let isDone = false;
  const finish = (result: Buffer | Unread) => {
    if (!isDone) {
      isDone = true;
      then(result);
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
  request.on('end', () => finish(Buffer.concat(chunks, size)));
  // When the client goes away too early, there is an error; without a listener it would end the process.
  request.on('error', (error) => finish({ kind: error instanceof BodyFault ? error.kind : 'aborted' }));
}

function ignore(): void {}

function decode(bytes: Buffer): BodyResult {
  const text = bytes.toString();
  // What is no UTF-8 becomes this character, which may also stand in the body itself.
  if (text.includes('\ufffd') && !isUtf8(bytes)) {
    return { kind: 'notUtf8' };
  }
  // JSON.parse refuses a byte order mark, which some clients put first.
  return { kind: 'text', text: text.charCodeAt(0) === 0xfeff ? text.slice(1) : text };
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
