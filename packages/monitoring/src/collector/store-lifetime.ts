import { onShutdown } from '@azureml-ts/common';
import { FlushError } from '../errors.ts';
import type { CloseOptions, FlushOptions } from './flush-options.ts';
import { limitOf, type RowStore } from './row-store.ts';

/** Time that `flush()` takes at most, in milliseconds, unless the call says otherwise. */
const FLUSH_TIMEOUT_MS = 30_000;
/** Time that `close()` takes at most, in milliseconds, unless the call says otherwise. */
const CLOSE_TIMEOUT_MS = 10_000;

const NOTHING_WAITS: ReturnType<RowStore['waiting']> = {
  pending: 0,
  pendingBytes: 0,
  recovered: { stored: 0, pending: 0 },
  journal: 'off',
};

/** Flushing and closing of what a collector stores in: on demand, and when the process ends. */
export class StoreLifetime {
  readonly #store: RowStore | undefined;
  readonly #onClosed: (() => void) | undefined;
  readonly #unregister: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  /**
   * @param store `undefined` where nothing is collected.
   * @param onClosed Called once the store is closed.
   */
  constructor(store: RowStore | undefined, onClosed?: () => void) {
    this.#store = store;
    this.#onClosed = onClosed;
    if (store !== undefined) {
      this.#unregister = onShutdown('collectors', {
        // The shutdown order has the time limit.
        close: (abortSignal) => this.close({ abortSignal, timeoutMs: Number.POSITIVE_INFINITY }),
        onExit: () => store.exit(),
      });
    }
  }

  /** Whether `close` has been called. */
  get isClosing(): boolean {
    return this.#closing !== undefined;
  }

  /** Delivers what waits, or makes it durable; after `close` it waits for that. */
  async flush(options: FlushOptions): Promise<void> {
    const store = this.#store;
    if (store === undefined || this.#closing !== undefined) {
      return this.#closing;
    }
    const limit = limitOf(options, FLUSH_TIMEOUT_MS);
    try {
      if (options?.until !== 'journal') {
        await store.flush(limit.signal);
      } else if (!store.makeDurable()) {
        const { pending } = store.waiting();
        const cause = new Error('the journal is off, full or cannot be written');
        throw new FlushError({ keptRows: pending, lostRows: 0, causes: [cause], storage: 'the journal' });
      }
    } finally {
      limit.clear();
    }
  }

  /** Delivers what waits and stops. A second call waits for the first. */
  async close(options: CloseOptions): Promise<void> {
    if (this.#closing === undefined) {
      const limit = limitOf(options, CLOSE_TIMEOUT_MS);
      this.#closing = (this.#store?.close(limit) ?? Promise.resolve()).finally(() => {
        limit.clear();
        this.#onClosed?.();
        this.#unregister?.();
      });
    }
    await this.#closing;
  }

  /** What waits. */
  waiting(): ReturnType<RowStore['waiting']> {
    return this.#store?.waiting() ?? NOTHING_WAITS;
  }
}
