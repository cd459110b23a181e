import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';

/** Largest body of a scoring request unless `maxBodyBytes` says otherwise: 100 MiB. */
export const DEFAULT_MAX_BODY_BYTES = 100 * 1024 * 1024;

/** The text of a request, or why there is none. */
export type BodyResult =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'notUtf8' }
  /** The client went away before the end. */
  | { readonly kind: 'aborted' };

/** Whether a request announces more than it may send. */
export function announcesTooMuch(request: IncomingMessage, maxBodyBytes: number): boolean {
  const length = request.headers['content-length'];
  return length !== undefined && Number(length) > maxBodyBytes;
}

/**
 * Reads the body as UTF-8 text. The content type plays no part, so a form content type (curl's default) loses nothing.
 *
 * @param request The request, not read yet.
 * @param maxBodyBytes Above this many bytes reading stops.
 */
export function readBody(request: IncomingMessage, maxBodyBytes: number): Promise<BodyResult> {
  if (announcesTooMuch(request, maxBodyBytes)) {
    return Promise.resolve({ kind: 'tooLarge' });
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (result: BodyResult) => {
      request.off('data', onData).off('end', onEnd).off('close', onGone);
      resolve(result);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBodyBytes) {
        request.pause();
        finish({ kind: 'tooLarge' });
        return;
      }
      chunks.push(chunk);
    };
    const onEnd = () => finish(decode(Buffer.concat(chunks, size)));
    const onGone = () => finish({ kind: 'aborted' });
    // An error is always followed by close; without a listener it would end the process.
    request.on('error', () => undefined);
    request.on('data', onData).on('end', onEnd).on('close', onGone);
  });
}

function decode(bytes: Buffer): BodyResult {
  if (!isUtf8(bytes)) {
    return { kind: 'notUtf8' };
  }
  // JSON.parse refuses a byte order mark, which some clients put first.
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  return { kind: 'text', text: bytes.toString('utf8', start) };
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
