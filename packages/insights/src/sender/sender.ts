import { AsyncResource } from 'node:async_hooks';
import { type Clock, runQuietly, sleep } from '@azureml-ts/common';
import type { TelemetryChannel } from '../channel/channel.ts';
import type { TelemetryItem } from '../items/envelope.ts';
import { Alarm } from './alarm.ts';
import type { Delivery } from './delivery.ts';
import { Dispatch } from './dispatch.ts';
import { DropReports, type MakeDropReport } from './drop-reports.ts';
import { type ItemList, withMore } from './item-list.ts';
import { ItemQueue, type QueueBounds } from './queue.ts';
import { Spool } from './spool/spool.ts';
import { Spooling } from './spooling.ts';
import { type DropCause, type SenderStats, Tally } from './tally.ts';
import type { TokenSource } from './token-source.ts';

/** Most batches side by side; more than one only when the queue is long. */
const MAX_LANES = 4;
/** Full batches that must wait for each lane more. */
const BATCHES_PER_LANE = 4;

/** Options of {@link Sender}. @internal */
export interface SenderOptions {
  readonly url: URL;
  readonly clock: Clock;
  readonly queue: QueueBounds;
  readonly batch: QueueBounds;
  readonly flushIntervalMs: number;
  readonly requestTimeoutMs: number;
  readonly tokens?: TokenSource | undefined;
  /** Where items wait that cannot be sent, and for whom: only items of the same destination are sent together. */
  readonly spool?: { readonly directory: string; readonly maxBytes: number; readonly destination: string } | undefined;
  /** Makes the items that tell of losses; without it, they are only counted. */
  readonly makeDropReport?: MakeDropReport | undefined;
  /** Hears of a problem the first time that it comes up. */
  readonly onProblem: (problem: string) => void;
}

/**
 * Sends items in batches, without ever keeping the process alive on its own account.
 *
 * @internal
 */
export class Sender implements TelemetryChannel {
  readonly #options: SenderOptions;
  readonly #queue: ItemQueue;
  readonly #dispatch: Dispatch;
  readonly #tally: Tally;
  readonly #reports: DropReports;
  readonly #spooling: Spooling | undefined;
  readonly #alarm: Alarm;
  readonly #givenUp = new AbortController();
  /** Work for all requests must not run, nor stay, in the context of the one that happened to start it. */
  readonly #scope = new AsyncResource('azureml-ts.telemetry');
  readonly #running = new Set<Promise<void>>();
  /** Full batches when it was last seen to what is due. */
  #seenBatches = 0;
  #accepting = true;
  #takesLastCalls = false;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#queue = new ItemQueue(options.queue, options.batch);
    this.#tally = new Tally(options.onProblem);
    this.#reports = new DropReports(options.makeDropReport);
    this.#dispatch = new Dispatch(options, options.batch.maxItems, {
      onService: (isTaking) => this.#reports.noteService(isTaking),
      onProblem: (kind, problem) => this.#tally.report(kind, problem),
    });
    this.#alarm = new Alarm(options.clock, () => {
      this.#launch(false);
      // For what is due later.
      this.#arm();
    });
    this.#spooling = this.#openSpooling();
    this.#arm();
  }

  send(item: TelemetryItem): void {
    if (!this.#accepting) {
      this.#tally.tracked += 1;
      this.#drop('failed', 1);
      return;
    }
    const isFirst = this.#queue.waiting === 0;
    // Before it is counted here: one that cannot be written is counted by whoever made it.
    const isAdded = this.#queue.add(item);
    this.#tally.tracked += 1;
    if (!isAdded) {
      this.#drop('queueFull', 1);
      this.#tally.report('queue full', 'the queue is full, newer items are dropped');
    }
    this.#spooling?.relieve();
    // Another item changes what is due only when it is the first one, or fills a batch.
    if (isFirst || !isAdded || Math.floor(this.#fullBatches()) !== this.#seenBatches) {
      this.#arm();
    }
  }

  countFailed(problem: string): void {
    this.#tally.tracked += 1;
    this.#drop('failed', 1);
    this.#tally.report('item', problem);
  }

  stats(): SenderStats {
    return this.#tally.stats(this.#queue.size);
  }

  async flush(timeoutMs: number, abortSignal: AbortSignal | undefined): Promise<void> {
    const { clock } = this.#options;
    const { newest } = this.#queue;
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
    this.#dispatch.pace.hurry();
    try {
      // By the timer, not by the time of day, which may be set back meanwhile.
      // After the end there is nobody who would send, not even what tells of losses.
      while (this.#isBehind(newest) && !isOver && !limit.aborted && !this.#givenUp.signal.aborted) {
        const now = clock.now();
        const waitMs = this.#dispatch.pace.untilFrom(now) - now;
        if (waitMs > 0) {
          if (now + waitMs >= deadline) {
            // What is under way may still arrive, and would arrive twice if it were given up now.
            await Promise.race([Promise.all(this.#running), over]);
            break;
          }
          await sleep(waitMs, { abortSignal: limit, clock }).catch(() => undefined);
        } else {
          this.#launch(true);
          await Promise.race([...this.#running, this.#spooling?.relieving ?? over, over]);
        }
      }
    } finally {
      ended.abort();
    }
  }

  async close(timeoutMs: number, abortSignal: AbortSignal | undefined): Promise<void> {
    const { newest } = this.#queue;
    this.#accepting = this.#takesLastCalls;
    await this.flush(timeoutMs, abortSignal);
    this.#givenUp.abort(new Error('Telemetry was closed'));
    await Promise.all([...this.#running, this.#spooling?.relieving]);
    this.#alarm.clear();
    const rest = this.#queue.clear(newest);
    const lost = this.#spooling?.save(rest) ?? rest.length;
    this.#drop('failed', lost);
    if (lost > 0) {
      this.#tally.report(
        'closed',
        `${lost} items could not be sent before the end (last: ${this.#tally.lastError ?? 'no answer'})`,
      );
    }
    this.#dispatch.close();
    this.#scope.emitDestroy();
  }

  takeLastCalls(): void {
    this.#takesLastCalls = true;
  }

  sendAtOnce(timeoutMs: number): void {
    // With a spool, what waits is kept on disk at the exit.
    if (this.#spooling !== undefined) {
      return;
    }
    const until = performance.now() + timeoutMs;
    // Whether what is under way arrives, nobody hears any more: it goes again.
    this.#queue.recall();
    let isTaken = true;
    while (isTaken && this.#queue.waiting > 0 && performance.now() < until) {
      const batch = this.#queue.takeBatch(this.#options.batch);
      const left = Math.max(0, until - performance.now());
      const { retry, rejected, problem, cause } = this.#dispatch.sendAtOnce(batch, left);
      this.#queue.settle(batch, retry);
      this.#tally.sent(batch.length - retry.size - rejected.size, this.#options.clock.now());
      this.#drop('rejected', rejected.size);
      if (problem !== undefined && rejected.size > 0) {
        this.#tally.report(cause ?? 'unknown', problem);
      }
      isTaken = retry.size === 0;
    }
  }

  saveAtExit(): void {
    if (this.#spooling !== undefined) {
      this.#givenUp.abort(new Error('The process ends'));
      // What is under way too: whether it arrives, nobody hears any more.
      this.#drop('failed', this.#spooling.save(this.#queue.clearAll()));
    }
  }

  #drop(cause: DropCause, count: number): void {
    this.#tally.dropped(cause, count);
    this.#reports.dropped(cause, count);
  }

  #isBehind(newest: number): boolean {
    return this.#queue.oldest <= newest || this.#reports.isBehind || this.#spooling?.isBehind === true;
  }

  #arm(): void {
    this.#seenBatches = Math.floor(this.#fullBatches());
    if (!this.#givenUp.signal.aborted) {
      this.#alarm.set(this.#dueAt(this.#options.clock.now()), (work) => this.#quietly(work));
    }
  }

  /** When there is something to begin that the end of nothing under way brings up by itself. */
  #dueAt(now: number): number {
    let due = this.#spooling?.dueAt ?? Number.POSITIVE_INFINITY;
    if (this.#freeLanes() > 0) {
      due = Math.min(due, this.#reports.dueAt(false));
      if (this.#queue.waiting > 0) {
        due = Math.min(due, this.#fullBatches() >= 1 ? now : now + this.#options.flushIntervalMs);
      }
    }
    return Math.max(due, this.#dispatch.pace.untilFrom(now), now);
  }

  #fullBatches(): number {
    const { maxItems, maxBytes } = this.#options.batch;
    return Math.max(this.#queue.waiting / maxItems, this.#queue.waitingBytes / maxBytes);
  }

  /** How many batches may begin beside those under way. A service that fails is asked by one alone. */
  #freeLanes(): number {
    const more = this.#dispatch.pace.failures > 0 ? 0 : Math.floor(this.#fullBatches() / BATCHES_PER_LANE);
    const underWay = this.#running.size - (this.#spooling?.isDraining === true ? 1 : 0);
    return Math.min(MAX_LANES, 1 + more) - underWay;
  }

  /** Begins what may be begun now: one batch a run, so that a flush under steady traffic sees its own items settled. */
  #launch(isUrgent: boolean): void {
    const { clock } = this.#options;
    const now = clock.now();
    if (this.#givenUp.signal.aborted || now < this.#dispatch.pace.untilFrom(now)) {
      return;
    }
    let isFirst = true;
    while (this.#freeLanes() > 0) {
      const hasBatch = this.#queue.waiting > 0 && (isFirst || isUrgent || this.#fullBatches() >= 1);
      if (!hasBatch && this.#reports.dueAt(isUrgent) > clock.now()) {
        break;
      }
      this.#begin(() => this.#sendBatch(isUrgent));
      isFirst = false;
    }
    const spooling = this.#spooling;
    if (spooling !== undefined && spooling.dueAt <= clock.now()) {
      this.#begin(() => spooling.drain());
    }
  }

  #begin(work: () => Promise<void>): void {
    const run = this.#quietly(work).finally(() => {
      this.#running.delete(run);
      this.#arm();
    });
    this.#running.add(run);
  }

  #quietly<T>(work: () => T): T {
    return this.#scope.runInAsyncScope(() => runQuietly(work));
  }

  async #sendBatch(isUrgent: boolean): Promise<void> {
    const { clock, batch: limits } = this.#options;
    const batch = this.#queue.takeBatch({ ...limits, maxItems: this.#dispatch.maxItems });
    const reports = batch.length > 0 && this.#dispatch.isTight ? [] : this.#reports.take(clock.now(), isUrgent);
    const items = withMore(
      batch,
      reports.map(({ item }) => item),
    );
    if (items.length === 0) {
      return;
    }
    const delivery = await this.#deliver(items);
    const back = below(batch.length, delivery.retry);
    const rejected = below(batch.length, delivery.rejected).size;
    this.#queue.settle(batch, back);
    this.#tally.sent(batch.length - back.size - rejected, clock.now());
    this.#drop('rejected', rejected);
    for (const [index, report] of reports.entries()) {
      // Reports that are too large by themselves would never arrive.
      const isHopeless = delivery.reason === 'too large' && batch.length === 0;
      this.#reports.settle(report, delivery.retry.has(batch.length + index) && !isHopeless);
    }
  }

  #deliver(items: ItemList): Promise<Delivery> {
    return this.#dispatch.send(items, () => this.#options.clock.now(), this.#givenUp.signal);
  }

  #openSpooling(): Spooling | undefined {
    const { spool, clock, batch } = this.#options;
    return (
      spool &&
      new Spooling({
        spool: new Spool({
          ...spool,
          now: () => clock.now(),
          onProblem: (kind, problem) => this.#tally.report(kind, problem),
        }),
        queue: this.#queue,
        tally: this.#tally,
        clock,
        batch,
        isFailing: () => this.#dispatch.pace.failures > 0,
        maxBatchItems: () => this.#dispatch.maxItems,
        deliver: (items) => this.#deliver(items),
        drop: (cause, count) => this.#drop(cause, count),
        quietly: (work) => this.#quietly(work),
        onChange: () => {
          if (!this.#givenUp.signal.aborted) {
            this.#spooling?.relieve();
            this.#arm();
          }
        },
      })
    );
  }
}

/** The indices below a limit. */
function below(limit: number, indices: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...indices].filter((index) => index < limit));
}
