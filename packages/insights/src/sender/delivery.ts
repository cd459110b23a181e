import { errorMessage, type HttpAnswer, redactSecrets, retryAfterMs } from '@azureml-ts/common';
import { postAtOnce } from '../uncaught/post-at-once.ts';
import type { ItemList } from './item-list.ts';
import { Packer } from './packer.ts';
import { redirectTarget } from './redirect.ts';
import type { TokenSource } from './token-source.ts';
import { Transport } from './transport.ts';
import { judge, type Verdict } from './verdict.ts';

const MAX_REDIRECTS = 5;
/** A longer wish of the service is not believed. */
const MAX_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;
/** The cap is lifted once a day; asking more often than this changes nothing. */
const DAILY_CAP_WAIT_MS = 15 * 60 * 1000;

/** What became of a batch. @internal */
export interface Delivery extends Verdict {
  /** How long the service wants to be left alone. */
  readonly retryAfterMs?: number | undefined;
}

/** Options of {@link Courier}. @internal */
export interface CourierOptions {
  readonly url: URL;
  readonly requestTimeoutMs: number;
  /** Tokens, for a component that wants them. */
  readonly tokens?: TokenSource | undefined;
}

/** Brings batches to the service and reads what it says. @internal */
export class Courier {
  #url: URL;
  readonly #tokens: TokenSource | undefined;
  readonly #transport: Transport;
  readonly #packer = new Packer();

  constructor({ url, requestTimeoutMs, tokens }: CourierOptions) {
    this.#url = url;
    this.#tokens = tokens;
    this.#transport = new Transport(requestTimeoutMs);
  }

  /** Never rejects: without an answer every item may be sent again. */
  async deliver(batch: ItemList, now: number, abortSignal: AbortSignal): Promise<Delivery> {
    let token: string | undefined;
    try {
      token = await this.#tokens?.get(abortSignal);
    } catch (error) {
      return failure(batch.length, redactSecrets(errorMessage(error)), 'token');
    }
    try {
      const body = await this.#packer.pack(batch.body());
      let answer = await this.#post(body, abortSignal, token);
      if (token !== undefined && isRefusal(answer)) {
        // It may have been taken back before its time: one try with a new one.
        this.#tokens?.refuse(token);
        const renewed = await this.#tokens?.get(abortSignal).catch(() => undefined);
        if (renewed !== undefined && renewed !== token) {
          answer = await this.#post(body, abortSignal, renewed);
        }
      }
      const verdict = judge(answer.status, answer.text, batch.length, token !== undefined);
      return { ...verdict, retryAfterMs: waitOf(answer, verdict, now) };
    } catch (error) {
      return failure(batch.length, `${this.#url.host} could not be reached: ${errorMessage(error)}`, 'network');
    }
  }

  /** As {@link deliver}, standing still: one try, with the token at hand. */
  deliverAtOnce(batch: ItemList, timeoutMs: number): Verdict {
    const token = this.#tokens?.held;
    if (this.#tokens !== undefined && token === undefined) {
      return failure(batch.length, 'no token is at hand', 'token');
    }
    const answer = postAtOnce(this.#url, batch.body(), timeoutMs, token);
    return answer === undefined
      ? failure(batch.length, `${this.#url.host} did not answer within ${Math.round(timeoutMs)} ms`, 'network')
      : judge(answer.status, answer.text, batch.length, token !== undefined);
  }

  async #post(body: Buffer, abortSignal: AbortSignal, token: string | undefined): Promise<HttpAnswer> {
    let url = this.#url;
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#transport.post(url, body, abortSignal, token);
      const isRedirect = answer.status === 307 || answer.status === 308;
      const mayFollow = isRedirect && redirects < MAX_REDIRECTS;
      const target = mayFollow ? redirectTarget(url, answer.location, token !== undefined) : undefined;
      if (target === undefined) {
        return answer;
      }
      url = target;
      if (answer.status === 308) {
        this.#url = target;
      }
    }
  }

  close(): void {
    this.#transport.close();
    this.#packer.close();
  }
}

function isRefusal({ status }: HttpAnswer): boolean {
  return status === 401 || status === 403;
}

function waitOf({ retryAfter }: HttpAnswer, { reason }: Verdict, now: number): number | undefined {
  const wish = retryAfterMs(retryAfter, now);
  if (wish !== undefined) {
    return Math.min(wish, MAX_RETRY_AFTER_MS);
  }
  return reason === 'daily cap' ? DAILY_CAP_WAIT_MS : undefined;
}

function failure(count: number, problem: string, cause: string): Delivery {
  return { retry: new Set(Array.from({ length: count }, (_, index) => index)), rejected: new Set(), problem, cause };
}
