import { AsyncResource } from 'node:async_hooks';
import { backoffDelayMs, type Clock, sleep, type TimerHandle } from '@azureml-ts/common';
import type { SerializedItem } from '../items/envelope.ts';
import type { InsightsStats } from '../types.ts';
import { Courier, type Delivery } from './delivery.ts';
import { ItemQueue, type QueueBounds } from './queue.ts';

/** A service that says "at once" is not asked in a tight loop either. */
const MIN_WAIT_MS = 100;

/** Options of {@link Sender}. @internal */
export interface SenderOptions {
  readonly url: URL;
  readonly clock: Clock;
  readonly queue: QueueBounds;
  readonly batch: QueueBounds;
  readonly flushIntervalMs: number;
  readonly requestTimeoutMs: number;
  /** Hears of a problem the first time that it comes up. */
  readonly onProblem: (problem: string) => void;
}

/**
 * Sends items in batches, one batch at a time, without ever keeping the process alive on its own account.
 *
 * @internal
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #queue: ItemQueue;
  readonly #courier: Courier;
  readonly #givenUp = new AbortController();
  /** Work for all requests must not run, nor stay, in the context of the one that happened to start it. */
  readonly #scope = new AsyncResource('azureml-ts.telemetry');
  readonly #reported = new Set<string>();
  readonly #dropped = { queueFull: 0, rejected: 0, failed: 0 };
  #tracked = 0;
  #sent = 0;
  #lastSentAt: Date | undefined;
  #lastError: string | undefined;
  #accepting = true;
  #failures = 0;
  #waitUntil = 0;
  /** Whether the wait was the service's wish, rather than our own caution. */
  #waitIsWished = false;
  #timer: { readonly due: number; readonly handle: TimerHandle } | undefined;
  #running: Promise<void> | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#queue = new ItemQueue(options.queue);
    this.#courier = new Courier(options.url, options.requestTimeoutMs);
  }

  /** Takes an item, or counts it as dropped. */
  send(item: SerializedItem): void {
    this.#tracked += 1;
    if (!this.#accepting) {
      this.#dropped.failed += 1;
      return;
    }
    if (!this.#queue.add({ ...item, sequence: this.#tracked })) {
      this.#dropped.queueFull += 1;
      this.#report('queue full', 'the queue is full, newer items are dropped');
      return;
    }
    this.#arm();
  }

  /** Counts an item that could not be made. */
  countFailed(problem: string): void {
    this.#tracked += 1;
    this.#dropped.failed += 1;
    this.#report('item', problem);
  }

  stats(): InsightsStats {
    return {
      tracked: this.#tracked,
      sent: this.#sent,
      pending: this.#queue.size,
      dropped: { ...this.#dropped },
      lastSentAt: this.#lastSentAt,
      lastError: this.#lastError,
    };
  }

  /** Sends what waits now, until all of it is settled, `timeoutMs` passed, or the signal fires. Never rejects. */
  async flush(timeoutMs: number, abortSignal: AbortSignal | undefined): Promise<void> {
    const { clock } = this.#options;
    const newest = this.#tracked;
    const deadline = clock.now() + timeoutMs;
    const ended = new AbortController();
    const limit = abortSignal === undefined ? ended.signal : AbortSignal.any([ended.signal, abortSignal]);
    // This timer alone keeps the process alive meanwhile: connections and other timers do not.
    let isOver = false;
    const over = sleep(timeoutMs, { abortSignal: limit, clock, keepAlive: true })
      .catch(() => undefined)
      .then(() => {
        isOver = true;
      });
    if (!this.#waitIsWished) {
      this.#waitUntil = 0;
    }
    try {
      // By the timer, not by the time of day, which may be set back meanwhile.
      while (this.#queue.oldest <= newest && !isOver && !limit.aborted) {
        const waitMs = this.#waitUntil - clock.now();
        if (waitMs > 0) {
          if (clock.now() + waitMs >= deadline) {
            break;
          }
          await sleep(waitMs, { abortSignal: limit, clock }).catch(() => undefined);
        } else {
          await Promise.race([this.#run(), over]);
        }
      }
    } finally {
      ended.abort();
    }
  }

  /** Flushes, then gives up the rest. Never rejects. */
  async close(timeoutMs: number, abortSignal: AbortSignal | undefined): Promise<void> {
    this.#accepting = false;
    await this.flush(timeoutMs, abortSignal);
    this.#givenUp.abort(new Error('Telemetry was closed'));
    await this.#running;
    this.#disarm();
    const lost = this.#queue.clear();
    this.#dropped.failed += lost;
    if (lost > 0) {
      this.#report(
        'closed',
        `${lost} items could not be sent before the end (last: ${this.#lastError ?? 'no answer'})`,
      );
    }
    this.#courier.close();
    this.#scope.emitDestroy();
  }

  #arm(): void {
    const { clock, flushIntervalMs } = this.#options;
    if (this.#running !== undefined || this.#queue.waiting === 0 || this.#givenUp.signal.aborted) {
      return;
    }
    const now = clock.now();
    const due = Math.max(this.#waitUntil, this.#hasFullBatch() ? now : now + flushIntervalMs);
    if (this.#timer !== undefined && this.#timer.due <= due) {
      return;
    }
    this.#disarm();
    const handle = this.#scope.runInAsyncScope(() =>
      clock.setTimeout(() => {
        this.#timer = undefined;
        void this.#run();
      }, due - now),
    );
    this.#timer = { due, handle };
  }

  #disarm(): void {
    if (this.#timer !== undefined) {
      this.#options.clock.clearTimeout(this.#timer.handle);
      this.#timer = undefined;
    }
  }

  #hasFullBatch(): boolean {
    const { maxItems, maxBytes } = this.#options.batch;
    return this.#queue.waiting >= maxItems || this.#queue.waitingBytes >= maxBytes;
  }

  #run(): Promise<void> {
    this.#running ??= this.#scope
      .runInAsyncScope(() => this.#sendBatch())
      .finally(() => {
        this.#running = undefined;
        this.#arm();
      });
    return this.#running;
  }

  /** One batch a run, so that a flush under steady traffic sees its own items settled. */
  async #sendBatch(): Promise<void> {
    this.#disarm();
    const batch = this.#queue.takeBatch(this.#options.batch);
    if (batch.length === 0) {
      return;
    }
    const delivery = await this.#courier.deliver(batch, this.#options.clock.now(), this.#givenUp.signal);
    const back = batch.filter((_, index) => delivery.retry.has(index));
    this.#queue.settle(back);
    this.#count(batch.length - back.length - delivery.rejected.size, delivery);
  }

  #count(sent: number, delivery: Delivery): void {
    const { clock } = this.#options;
    this.#sent += sent;
    this.#dropped.rejected += delivery.rejected.size;
    if (sent > 0) {
      this.#lastSentAt = new Date(clock.now());
    }
    this.#failures = delivery.retry.size > 0 ? this.#failures + 1 : 0;
    this.#waitIsWished = delivery.retryAfterMs !== undefined && delivery.retry.size > 0;
    this.#waitUntil =
      delivery.retry.size > 0
        ? clock.now() + Math.max(MIN_WAIT_MS, delivery.retryAfterMs ?? backoffDelayMs(this.#failures))
        : 0;
    // What we cut ourselves at the end is told by close().
    if (delivery.problem !== undefined && !this.#givenUp.signal.aborted) {
      this.#report(delivery.cause ?? 'unknown', delivery.problem);
    }
  }

  #report(cause: string, problem: string): void {
    this.#lastError = problem;
    if (!this.#reported.has(cause)) {
      this.#reported.add(cause);
      try {
        this.#options.onProblem(problem);
      } catch {
        // A log that fails must not stop the sending.
      }
    }
  }
}
