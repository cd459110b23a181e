import type { Clock } from '@azureml-ts/common';
import type { SerializedItem } from '../items/envelope.ts';
import type { Delivery } from './delivery.ts';
import { type ItemList, indicesOf, itemList } from './item-list.ts';
import type { ItemQueue, QueueBounds } from './queue.ts';
import type { Spool, SpooledBatch } from './spool/spool.ts';
import type { DropCause, Tally } from './tally.ts';

/** How often it is looked what other processes have left. */
const LOOK_MS = 60_000;
/** After the spool was full, or the disk refused. */
const PAUSE_MS = 1000;
/** From here on the queue is relieved: when the service fails, and when it is only slow. */
const RELIEVE_WHEN_FAILING = 0.5;
const RELIEVE_ALWAYS = 0.8;

/** What the sender lends. @internal */
export interface SpoolingParts {
  readonly spool: Spool;
  readonly queue: ItemQueue;
  readonly tally: Tally;
  readonly clock: Clock;
  readonly batch: QueueBounds;
  readonly isFailing: () => boolean;
  /** Most items in one request, just now. */
  readonly maxBatchItems: () => number;
  readonly deliver: (batch: ItemList) => Promise<Delivery>;
  readonly drop: (cause: DropCause, count: number) => void;
  readonly quietly: <T>(work: () => T) => T;
  /** There is something new to do. */
  readonly onChange: () => void;
}

/** Moves items between the queue, the disk and the service. @internal */
export class Spooling {
  readonly #parts: SpoolingParts;
  #mayHold = true;
  #lookAt = 0;
  #noReliefUntil = 0;
  #isDraining = false;
  #relieving: Promise<void> | undefined;

  constructor(parts: SpoolingParts) {
    this.#parts = parts;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Whether something on disk is to be sent, or being sent, by a service that takes items. */
  get isBehind(): boolean {
    return this.#isDraining || (this.#mayHold && !this.#parts.isFailing());
  }

  /** When {@link drain} is next to be called. What waits in memory goes first while the service fails. */
  get dueAt(): number {
    const { queue, isFailing } = this.#parts;
    if (this.#isDraining || (isFailing() && queue.size > 0)) {
      return Number.POSITIVE_INFINITY;
    }
    return this.#mayHold ? 0 : this.#lookAt;
  }

  /** Sends one file. Never rejects. */
  async drain(): Promise<void> {
    const { spool, clock } = this.#parts;
    this.#isDraining = true;
    try {
      const { batch, lost } = await spool.take();
      this.#lost(lost.own, true);
      this.#lost(lost.foreign, false);
      if (batch === undefined) {
        this.#mayHold = false;
        this.#lookAt = clock.now() + LOOK_MS;
        return;
      }
      await spool.release(batch, await this.#send(batch));
    } finally {
      this.#isDraining = false;
    }
  }

  /** Puts the oldest items on disk when the queue fills up, so that newer ones find room. */
  relieve(): void {
    const { queue, batch: limits, clock, spool, isFailing, quietly } = this.#parts;
    const limit = isFailing() ? RELIEVE_WHEN_FAILING : RELIEVE_ALWAYS;
    if (this.#relieving !== undefined || queue.fill < limit || queue.waiting === 0 || this.#isPaused(clock.now())) {
      return;
    }
    const batch = queue.takeBatch(limits);
    this.#relieving = quietly(() => spool.write(batch.items())).then((isWritten) => {
      this.#relieving = undefined;
      queue.settle(batch, isWritten ? new Set() : indicesOf(batch));
      if (isWritten) {
        this.#spooled(batch.length);
      } else {
        this.#noReliefUntil = clock.now() + PAUSE_MS;
      }
      this.#parts.onChange();
    });
  }

  /** A longer pause than there is says that the clock was set back. */
  #isPaused(now: number): boolean {
    const left = this.#noReliefUntil - now;
    return left > 0 && left <= PAUSE_MS;
  }

  /** What is being put on disk just now; never rejects. */
  get relieving(): Promise<void> | undefined {
    return this.#relieving;
  }

  /** Puts items on disk at once. @returns How many could not be kept. */
  save(items: readonly SerializedItem[]): number {
    const { spool, batch } = this.#parts;
    let lost = 0;
    for (const part of inBatches(items, batch)) {
      if (spool.writeNow(part)) {
        this.#spooled(part.length);
      } else {
        lost += part.length;
      }
    }
    return lost;
  }

  /** @returns The items that are to be sent again, when a part of them was refused for now. */
  async #send(batch: SpooledBatch): Promise<readonly SerializedItem[]> {
    const { deliver, maxBatchItems, tally, clock, drop, spool } = this.#parts;
    let waiting = batch.items;
    while (waiting.length > 0) {
      const part = waiting.slice(0, maxBatchItems());
      const { retry, rejected, reason } = await deliver(itemList(part));
      const sent = part.length - retry.size - rejected.size;
      this.#settled(sent + rejected.size, batch.isOwn);
      tally.sent(sent, clock.now());
      drop('rejected', rejected.size);
      waiting = [...part.filter((_, index) => retry.has(index)), ...waiting.slice(part.length)];
      if (retry.size > 0 && reason !== 'too large' && reason !== 'one faulty') {
        break;
      }
      await spool.touch(batch);
    }
    return waiting;
  }

  #spooled(count: number): void {
    this.#parts.tally.spooled += count;
    this.#mayHold = true;
  }

  /** Items of this process stood in `spooled`; those of others are counted from now on. */
  #settled(count: number, isOwn: boolean): void {
    const { tally } = this.#parts;
    if (isOwn) {
      tally.spooled -= count;
    } else {
      tally.tracked += count;
    }
  }

  #lost(count: number, isOwn: boolean): void {
    if (count > 0) {
      this.#settled(count, isOwn);
      this.#parts.drop('failed', count);
      this.#parts.tally.report('spool lost', `${count} items on disk were older than 48 hours or not readable`);
    }
  }
}

/** Parts of items that are one file each. */
function* inBatches(items: readonly SerializedItem[], limits: QueueBounds): Generator<readonly SerializedItem[]> {
  let batch: SerializedItem[] = [];
  let bytes = 0;
  for (const item of items) {
    if (batch.length > 0 && (batch.length >= limits.maxItems || bytes + item.bytes + 1 > limits.maxBytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += item.bytes + 1;
  }
  if (batch.length > 0) {
    yield batch;
  }
}
