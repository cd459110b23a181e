import { types } from 'node:util';
import type { Answer, StreamBody } from '../http/answer.ts';

/** Gives the parts of a body one after the other. */
export interface BodyChunks {
  next(): Promise<IteratorResult<Uint8Array, unknown>>;
  cancel(): void;
}

const ignore = (): void => undefined;

/** Whether a value is a stream or another async iterable, or an iterator. */
export function isStreamable(value: unknown): value is ReadableStream | AsyncIterable<unknown> | Iterator<unknown> {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const isIterator = Symbol.iterator in value && typeof (value as { next?: unknown }).next === 'function';
  return Symbol.asyncIterator in value || value instanceof ReadableStream || isIterator;
}

/**
 * Reads a body part by part.
 *
 * @param body A web stream, a stream of Node, a generator or another async iterable; of texts and bytes.
 */
export function bodyChunks(body: ReadableStream | AsyncIterable<unknown> | Iterator<unknown>): BodyChunks {
  if (body instanceof ReadableStream) {
    const reader = body.getReader();
    return {
      async next() {
        const { done, value } = await reader.read();
        return done ? { done: true, value: undefined } : { done: false, value: bytesOf(value) };
      },
      // Unlike the end of an iterator, this does not wait for the part that is on its way.
      cancel: () => void reader.cancel().catch(ignore),
    };
  }
  const iterator = iteratorOf(body);
  return {
    async next() {
      const { done, value } = await iterator.next();
      return done === true ? { done: true, value: undefined } : { done: false, value: bytesOf(value) };
    },
    cancel() {
      // A stream of Node.
      const { destroy, on } = body as { destroy?: unknown; on?: unknown };
      if (typeof destroy === 'function' && typeof on === 'function') {
        on.call(body, 'error', ignore);
        destroy.call(body);
      }
      void Promise.resolve(iterator.return?.()).catch(ignore);
    },
  };
}

function iteratorOf(body: object): AsyncIterator<unknown> | Iterator<unknown> {
  const { [Symbol.asyncIterator]: later } = body as Partial<AsyncIterable<unknown>>;
  return later === undefined ? (body as Iterator<unknown>) : later.call(body);
}

function bytesOf(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') {
    return Buffer.from(chunk);
  }
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  if (types.isAnyArrayBuffer(chunk)) {
    return new Uint8Array(chunk);
  }
  const kind = chunk === null ? 'null' : typeof chunk;
  throw new TypeError(
    `the stream gave a value of the type ${kind}; it must give texts or bytes (jsonLines writes values)`,
  );
}

/**
 * Waits for the first part. When nothing else follows at once, the body is that part; else it goes on as a stream.
 *
 * @param chunks The parts.
 * @param limit Ends the stream.
 */
export async function peek(chunks: BodyChunks, limit: AbortSignal): Promise<Answer['body']> {
  const first = await chunks.next().catch((error: unknown) => {
    chunks.cancel();
    throw error;
  });
  if (first.done === true) {
    return '';
  }
  const second = chunks.next();
  second.catch(ignore);
  const soon = new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)));
  const next = await Promise.race([second, soon]).catch(ignore);
  return next?.done === true ? first.value : stream(first.value, second, chunks, limit);
}

function stream(
  first: Uint8Array,
  second: Promise<IteratorResult<Uint8Array, unknown>>,
  chunks: BodyChunks,
  limit: AbortSignal,
): StreamBody {
  const seen = [Promise.resolve<IteratorResult<Uint8Array, unknown>>({ done: false, value: first }), second];
  const iterator = { next: () => seen.shift() ?? chunks.next() };
  return { chunks: { [Symbol.asyncIterator]: () => iterator }, cancel: () => chunks.cancel(), limit };
}
