import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { StreamBody } from './answer.ts';

/** What became of a body that was sent as it came. */
export interface StreamOutcome {
  /** Bytes that were handed over. */
  readonly bytes: number;
  readonly isWhole: boolean;
  /** Why it is not whole; `undefined` also when the client went away. */
  readonly error?: unknown;
}

/**
 * Sends a body as it comes, no faster than the client takes it. When it fails, the connection is cut: the client must see
 * that the answer is not whole.
 *
 * @param response Its head is written.
 * @param body What to send.
 */
export async function writeStream(response: ServerResponse, body: StreamBody): Promise<StreamOutcome> {
  const { limit } = body;
  let bytes = 0;
  const gone = new AbortController();
  const onClose = () => gone.abort();
  response.once('close', onClose);
  const end = Promise.withResolvers<never>();
  end.promise.catch(() => undefined);
  const stop = AbortSignal.any([gone.signal, limit]);
  const onStop = () => end.reject(stop.reason);
  stop.addEventListener('abort', onStop, { once: true });
  const iterator = body.chunks[Symbol.asyncIterator]();
  try {
    stop.throwIfAborted();
    for (;;) {
      const next = await Promise.race([iterator.next(), end.promise]);
      if (next.done === true) {
        break;
      }
      bytes += next.value.length;
      if (next.value.length > 0 && !response.write(next.value)) {
        await once(response, 'drain', { signal: stop });
      }
    }
    response.end();
    return { bytes, isWhole: true };
  } catch (error) {
    body.cancel();
    response.destroy();
    return gone.signal.aborted
      ? { bytes, isWhole: false }
      : { bytes, isWhole: false, error: limit.aborted ? new Error('it took longer than scoring may take') : error };
  } finally {
    response.off('close', onClose);
    stop.removeEventListener('abort', onStop);
  }
}
