import { AzuremlError, type WaitOptions, waitAtMost } from '@azureml-ts/common';
import type { TelemetryItem } from './item.ts';
import type { TelemetryFilter } from './stand-in-types.ts';

const DEFAULT_TIMEOUT_MS = 10_000;

/** The accepted items, and those who wait for more. @internal */
export class ItemStore {
  #items: TelemetryItem[] = [];
  readonly #waiting = new Set<() => void>();

  add(items: readonly TelemetryItem[]): void {
    this.#items.push(...items);
    for (const check of [...this.#waiting]) {
      check();
    }
  }

  items(filter: TelemetryFilter = {}): TelemetryItem[] {
    if (typeof filter === 'function') {
      return this.#items.filter(filter);
    }
    const { baseType, name } = filter;
    return this.#items.filter(
      (item) => (baseType === undefined || item.baseType === baseType) && (name === undefined || item.name === name),
    );
  }

  clear(): void {
    this.#items = [];
  }

  /** @param options `describe` tells what came instead, for the error. */
  async waitFor(
    predicate: (items: readonly TelemetryItem[]) => boolean,
    options: WaitOptions & { readonly describe: () => string },
  ): Promise<TelemetryItem[]> {
    const { abortSignal, timeoutMs = DEFAULT_TIMEOUT_MS, describe } = options;
    let check: () => void = () => undefined;
    const satisfied = new Promise<void>((resolve, reject) => {
      check = () => {
        try {
          if (predicate(this.items())) {
            resolve();
          }
        } catch (error) {
          reject(error);
        }
      };
    });
    this.#waiting.add(check);
    check();
    try {
      await waitAtMost(satisfied, 'The wait for telemetry items', { abortSignal, timeoutMs });
      return this.items();
    } catch (error) {
      if (error instanceof AzuremlError && error.code === 'TIMEOUT') {
        throw new AzuremlError(
          'TIMEOUT',
          `The telemetry items waited for did not come within ${timeoutMs} ms: ${this.#items.length} items are there, ` +
            `${describe()}. Check the condition, or raise timeoutMs.`,
          { cause: error, retryable: true, details: { timeoutMs, items: this.#items.length } },
        );
      }
      throw error;
    } finally {
      this.#waiting.delete(check);
    }
  }
}
