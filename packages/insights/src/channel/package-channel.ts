import { errorMessage, sleep } from '@azureml-ts/common';
import { type TelemetryItem, writtenItem } from '../items/envelope.ts';
import { runOwnWork } from '../own-work.ts';
import { ItemQueue, type QueueBounds } from '../sender/queue.ts';
import { type SenderStats, Tally } from '../sender/tally.ts';
import type { TelemetryChannel } from './channel.ts';
import { samplerOf, startedPackage } from './detect-package.ts';
import { readItem } from './handed-item.ts';
import type { OpenTelemetry } from './open-telemetry.ts';
import { PackageItems } from './package-items.ts';

const KEEPS_ALL = /^(ApplicationInsightsSampler\{1\}|AlwaysOnSampler|ParentBased\{root=AlwaysOnSampler.*)$/;

/** Options of {@link PackageChannel}. @internal */
export interface PackageChannelOptions {
  readonly queue: QueueBounds;
  readonly now: () => number;
  readonly onProblem: (problem: string) => void;
  /** Loads and starts the package, when the application has not. @returns What ends it. */
  readonly start: () => Promise<() => Promise<void>>;
  /** Takes over when the package cannot be loaded or started. */
  readonly openFallback: () => TelemetryChannel;
}

/**
 * Hands items to the package `applicationinsights`, which sends them. Nothing is sent from here; what becomes of an item
 * in the package is not known, so that `sent` counts those that were handed over.
 *
 * @internal
 */
export class PackageChannel implements TelemetryChannel {
  readonly #options: PackageChannelOptions;
  readonly #tally: Tally;
  /** Items that came while the package is being loaded. */
  readonly #early: ItemQueue;
  readonly #opened: Promise<void>;
  #package: { readonly api: OpenTelemetry; readonly items: PackageItems } | undefined;
  #stop: (() => Promise<void>) | undefined;
  #fallback: TelemetryChannel | undefined;
  #isClosed = false;

  constructor(options: PackageChannelOptions) {
    this.#options = options;
    this.#tally = new Tally(options.onProblem);
    this.#early = new ItemQueue(options.queue, options.queue);
    const started = startedPackage();
    if (started === undefined) {
      this.#opened = runOwnWork(() => this.#open());
    } else {
      this.#opened = Promise.resolve();
      this.#use(started);
    }
  }

  send(item: TelemetryItem): void {
    if (this.#fallback !== undefined) {
      this.#fallback.send(item);
      return;
    }
    const isEarly = !this.#isClosed && this.#package === undefined;
    // Before it is counted here: one that cannot be written is counted by whoever made it.
    const hasRoom = !isEarly || this.#early.add(item);
    this.#tally.tracked += 1;
    if (this.#isClosed) {
      this.#tally.dropped('failed', 1);
    } else if (!isEarly) {
      this.#hand(item);
    } else if (!hasRoom) {
      this.#tally.dropped('queueFull', 1);
      this.#tally.report('queue full', 'the queue is full, newer items are dropped');
    }
  }

  countFailed(problem: string): void {
    this.#tally.tracked += 1;
    this.#tally.dropped('failed', 1);
    this.#tally.report('item', problem);
  }

  stats(): SenderStats {
    return addStats(this.#tally.stats(this.#early.size), this.#fallback?.stats());
  }

  async flush(timeoutMs: number, abortSignal: AbortSignal | undefined): Promise<void> {
    await this.#within(timeoutMs, abortSignal, async (left) => {
      await this.#opened;
      if (this.#fallback === undefined) {
        await this.#flushPackage();
      } else {
        await this.#fallback.flush(left(), abortSignal);
      }
    });
  }

  async close(timeoutMs: number, abortSignal: AbortSignal | undefined): Promise<void> {
    await this.#within(timeoutMs, abortSignal, async (left) => {
      await this.#opened;
      this.#isClosed = true;
      if (this.#fallback === undefined) {
        await this.#flushPackage();
        await this.#stop?.();
      } else {
        await this.#fallback.close(left(), abortSignal);
      }
    });
    this.#isClosed = true;
    const lost = this.#early.clear().length;
    this.#tally.dropped('failed', lost);
    if (lost > 0) {
      this.#tally.report('closed', `${lost} items could not be handed to applicationinsights before the end`);
    }
  }

  takeLastCalls(): void {
    this.#fallback?.takeLastCalls();
  }

  /** The package has its own ways when the process dies. */
  sendAtOnce(timeoutMs: number): void {
    this.#fallback?.sendAtOnce(timeoutMs);
  }

  saveAtExit(): void {
    this.#fallback?.saveAtExit();
  }

  async #open(): Promise<void> {
    const { start, openFallback } = this.#options;
    try {
      this.#stop = await start();
      const started = startedPackage();
      if (started === undefined) {
        throw new Error('it was started, but has registered nothing');
      }
      this.#use(started);
    } catch (error) {
      this.#tally.report(
        'package',
        `the package applicationinsights cannot be used, items are sent directly: ${errorMessage(error)}`,
      );
      this.#fallback = openFallback();
      for (const item of this.#early.clear()) {
        this.#tally.tracked -= 1;
        this.#fallback.send(writtenItem(item));
      }
    }
  }

  #use(api: OpenTelemetry): void {
    const sampler = samplerOf(api);
    if (!KEEPS_ALL.test(sampler)) {
      this.#tally.report(
        'sampler',
        `applicationinsights was started with ${sampler}, which leaves out a part of the requests and dependencies; ` +
          'start it with tracesPerSecond: 0 to keep all',
      );
    }
    this.#package = { api, items: new PackageItems(api) };
    for (const item of this.#early.clear()) {
      this.#hand(writtenItem(item));
    }
  }

  #hand(item: TelemetryItem): void {
    try {
      this.#package?.items.hand(readItem(item.serialize()));
      this.#tally.sent(1, this.#options.now());
    } catch (error) {
      this.#tally.dropped('failed', 1);
      this.#tally.report('hand', `an item could not be handed to applicationinsights: ${errorMessage(error)}`);
    }
  }

  async #flushPackage(): Promise<void> {
    const { api } = this.#package ?? {};
    const results = await Promise.allSettled([
      api?.traces.forceFlush?.(),
      api?.logs.forceFlush?.(),
      api?.metrics?.forceFlush?.(),
    ]);
    for (const result of results) {
      if (result.status === 'rejected') {
        const [reason] = [result.reason].flat();
        this.#tally.report('flush', `applicationinsights could not send: ${errorMessage(reason)}`);
      }
    }
  }

  /** The timer keeps the process alive meanwhile, as the package need not. */
  async #within(
    timeoutMs: number,
    abortSignal: AbortSignal | undefined,
    work: (left: () => number) => Promise<void>,
  ): Promise<void> {
    const ended = new AbortController();
    const limit = abortSignal === undefined ? ended.signal : AbortSignal.any([ended.signal, abortSignal]);
    const begun = performance.now();
    const over = sleep(timeoutMs, { abortSignal: limit, keepAlive: true }).catch(() => undefined);
    const left = () => Math.max(0, timeoutMs - (performance.now() - begun));
    try {
      await Promise.race([runOwnWork(() => work(left)), over]);
    } catch (error) {
      this.#tally.report('flush', `applicationinsights could not send: ${errorMessage(error)}`);
    } finally {
      ended.abort();
    }
  }
}

/** Counts of two channels that stand for one. @internal */
export function addStats(one: SenderStats, other: SenderStats | undefined): SenderStats {
  if (other === undefined) {
    return one;
  }
  const times = [one.lastSentAt, other.lastSentAt].filter((time) => time !== undefined);
  return {
    tracked: one.tracked + other.tracked,
    sent: one.sent + other.sent,
    pending: one.pending + other.pending,
    spooled: one.spooled + other.spooled,
    dropped: {
      queueFull: one.dropped.queueFull + other.dropped.queueFull,
      rejected: one.dropped.rejected + other.dropped.rejected,
      failed: one.dropped.failed + other.dropped.failed,
    },
    lastSentAt: times.length === 0 ? undefined : new Date(Math.max(...times.map(Number))),
    lastError: other.lastError ?? one.lastError,
  };
}
