import { errorMessage } from '@azureml-ts/common';
import type { TelemetryChannel } from './channel/channel.ts';
import { silently } from './console/registry.ts';
import type { TelemetryItem } from './items/envelope.ts';
import type { ItemDraft } from './items/item-draft.ts';
import { runOwnWork } from './own-work.ts';
import { joinedTraceSpill } from './spill/joined-spill.ts';
import type { Spiller } from './spill/spiller.ts';
import type { TraceSpill } from './spill/trace-spill.ts';
import type { InsightsStats } from './types.ts';

/** Share of the time of a flush or close that long texts may take to be stored; the rest is for sending. */
const SPILL_SHARE = 0.5;

/** What an {@link Intake} needs. @internal */
export interface IntakeOptions {
  readonly channel: TelemetryChannel;
  readonly spiller: Spiller;
  /** Where long texts go, when not to the store that the application joined. */
  readonly store: TraceSpill | undefined;
}

/** Takes items on their way to the channel: those with long texts by way of the store. Nothing here throws. @internal */
export class Intake {
  readonly #options: IntakeOptions;
  #sampledOut = 0;
  #isReading = false;
  #isClosed = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /**
   * Takes an item.
   *
   * Reading a value may run its own code (`toJSON`, getters), and what that prints or tracks would be read again, without
   * end: it is counted as failed.
   *
   * @param make Makes the item; `undefined` when its operation is left out.
   */
  track(make: () => ItemDraft | undefined): void {
    if (this.#isReading) {
      this.#options.channel.countFailed('something was printed or tracked while the value of an item was read');
      return;
    }
    try {
      this.#read(() => this.#take(make()));
    } catch (error) {
      this.#countFailed(error);
    }
  }

  /**
   * Takes items of which nothing is left to be read once they are made; none has a long text.
   *
   * @param make Makes them; each is `undefined` when its operation is left out.
   * @returns Whether it did; else what they would be made of is to be tracked.
   */
  take(make: () => readonly (TelemetryItem | undefined)[] | undefined): boolean {
    const isTaken = this.#tryToRead(() => {
      const items = make();
      for (const item of items ?? []) {
        if (item === undefined) {
          this.#sampledOut += 1;
        } else {
          // Within the reading: what an item is handed to may run code of the program.
          this.#send(item);
        }
      }
      return items !== undefined;
    });
    return isTaken === true;
  }

  async flush(timeoutMs: number, abortSignal: AbortSignal | undefined): Promise<void> {
    const left = await this.#settleSpills(timeoutMs, abortSignal);
    await this.#options.channel.flush(left, abortSignal);
  }

  async close(timeoutMs: number, abortSignal: AbortSignal | undefined): Promise<void> {
    this.#isClosed = true;
    const { channel, spiller } = this.#options;
    const left = await this.#settleSpills(timeoutMs, abortSignal);
    spiller.giveUp('telemetry was closed before it was written');
    await channel.close(left, abortSignal);
  }

  /** Before the end of the process closes it: what comes from then on waits for {@link sendAtOnce} or {@link saveAtExit}. */
  takeLastCalls(): void {
    this.#options.channel.takeLastCalls();
  }

  /** Right before the process dies: what waits is sent while it stands still. What it does otherwise stays as it is. */
  sendAtOnce(timeoutMs: number): void {
    const { channel, spiller } = this.#options;
    try {
      spiller.giveUp('the process ended before it was written');
      runOwnWork(() => channel.sendAtOnce(timeoutMs));
    } catch {
      // What is lost is counted at the exit.
    }
  }

  /** At the exit: what waits is kept on disk, if it may be. */
  saveAtExit(): void {
    this.#options.channel.saveAtExit();
  }

  stats(): Omit<InsightsStats, 'redactFailed'> {
    const { channel, spiller } = this.#options;
    const stats = channel.stats();
    const waiting = spiller.pendingItems;
    return {
      ...stats,
      tracked: stats.tracked + waiting + this.#sampledOut,
      pending: stats.pending + waiting,
      sampledOut: this.#sampledOut,
      spilled: spiller.stats(),
    };
  }

  #tryToRead<T>(read: () => T): T | undefined {
    if (this.#isReading) {
      return undefined;
    }
    try {
      return this.#read(read);
    } catch {
      return undefined;
    }
  }

  #read<T>(read: () => T): T {
    this.#isReading = true;
    try {
      return silently(read);
    } finally {
      this.#isReading = false;
    }
  }

  #take(draft: ItemDraft | undefined): void {
    if (draft === undefined) {
      this.#sampledOut += 1;
      return;
    }
    const { channel, spiller } = this.#options;
    const store = this.#isClosed ? undefined : (this.#options.store ?? joinedTraceSpill());
    if (store === undefined || draft.longTexts.length === 0) {
      channel.send(draft);
    } else {
      spiller.take(draft, store, (item) => this.#send(item));
    }
  }

  /** Sends an item whose texts are settled. */
  #send(item: TelemetryItem): void {
    try {
      this.#options.channel.send(item);
    } catch (error) {
      this.#countFailed(error);
    }
  }

  #countFailed(error: unknown): void {
    this.#options.channel.countFailed(`an item could not be made: ${errorMessage(error)}`);
  }

  /** @returns Milliseconds that are left for sending. */
  async #settleSpills(timeoutMs: number, abortSignal: AbortSignal | undefined): Promise<number> {
    const { spiller } = this.#options;
    if (spiller.pendingItems === 0) {
      return timeoutMs;
    }
    const startedAt = performance.now();
    await spiller.settle(timeoutMs * SPILL_SHARE, abortSignal);
    return Math.max(0, timeoutMs - (performance.now() - startedAt));
  }
}
