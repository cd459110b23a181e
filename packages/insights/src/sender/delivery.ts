import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { errorMessage, retryAfterMs } from '@azureml-ts/common';
import type { QueuedItem } from './queue.ts';
import { redirectTarget } from './redirect.ts';
import { Transport } from './transport.ts';
import { judge, type Verdict } from './verdict.ts';

const gzipAsync = promisify(gzip);
const MAX_REDIRECTS = 5;
/** A longer wish of the service is not believed. */
const MAX_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

/** What became of a batch. @internal */
export interface Delivery extends Verdict {
  /** How long the service wants to be left alone. */
  readonly retryAfterMs?: number | undefined;
}

/** Brings batches to the service and reads what it says. @internal */
export class Courier {
  #url: URL;
  readonly #transport: Transport;

  constructor(url: URL, requestTimeoutMs: number) {
    this.#url = url;
    this.#transport = new Transport(requestTimeoutMs);
  }

  /** Never rejects: without an answer every item may be sent again. */
  async deliver(batch: readonly QueuedItem[], now: number, abortSignal: AbortSignal): Promise<Delivery> {
    try {
      const body = await gzipAsync(`[${batch.map(({ json }) => json).join(',')}]`);
      return await this.#post(body, batch.length, now, abortSignal);
    } catch (error) {
      return {
        retry: new Set(batch.keys()),
        rejected: new Set(),
        problem: `${this.#url.host} could not be reached: ${errorMessage(error)}`,
        cause: 'network',
      };
    }
  }

  async #post(body: Buffer, count: number, now: number, abortSignal: AbortSignal): Promise<Delivery> {
    let url = this.#url;
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#transport.post(url, body, abortSignal);
      const isRedirect = answer.status === 307 || answer.status === 308;
      const target = isRedirect && redirects < MAX_REDIRECTS ? redirectTarget(url, answer.location) : undefined;
      if (target === undefined) {
        const wish = retryAfterMs(answer.retryAfter, now);
        const verdict = judge(answer.status, answer.text, count);
        return { ...verdict, retryAfterMs: wish === undefined ? undefined : Math.min(wish, MAX_RETRY_AFTER_MS) };
      }
      url = target;
      if (answer.status === 308) {
        this.#url = target;
      }
    }
  }

  close(): void {
    this.#transport.close();
  }
}
