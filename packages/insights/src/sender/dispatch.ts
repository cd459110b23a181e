import { Courier, type CourierOptions, type Delivery } from './delivery.ts';
import type { ItemList } from './item-list.ts';
import { Pace } from './pace.ts';
import type { Verdict } from './verdict.ts';

/** What is told of each delivery. @internal */
export interface DispatchListener {
  /** Whether the service took any of the items; not called when the answer does not tell. */
  onService(isTaking: boolean): void;
  /** @param kind Names the kind of problem. */
  onProblem(kind: string, problem: string): void;
}

/** Sends batches, and learns from the answers how large they may be and when the service may be asked again. @internal */
export class Dispatch {
  readonly pace = new Pace();
  readonly #courier: Courier;
  readonly #mostItems: number;
  readonly #listener: DispatchListener;
  #maxItems: number;
  #isTight = false;

  /** @param mostItems Most items in one request, when the service does not find that too large. */
  constructor(options: CourierOptions, mostItems: number, listener: DispatchListener) {
    this.#courier = new Courier(options);
    this.#mostItems = mostItems;
    this.#maxItems = mostItems;
    this.#listener = listener;
  }

  /** Most items in one request, just now. */
  get maxItems(): number {
    return this.#maxItems;
  }

  /** Whether the last batch was too large: the next goes without company. */
  get isTight(): boolean {
    return this.#isTight;
  }

  /** Never rejects. */
  async send(items: ItemList, now: () => number, abortSignal: AbortSignal): Promise<Delivery> {
    const { era } = this.pace;
    const delivery = await this.#courier.deliver(items, now(), abortSignal);
    const { retry, rejected, reason, problem, cause } = delivery;
    this.pace.note(delivery, era, now());
    this.#isTight = reason === 'too large';
    if (reason === 'too large') {
      this.#maxItems = Math.max(1, Math.floor(items.length / 2));
    } else if (retry.size + rejected.size < items.length) {
      this.#maxItems = Math.min(this.#mostItems, this.#maxItems * 2);
      this.#listener.onService(true);
    } else if (retry.size > 0) {
      this.#listener.onService(false);
    }
    // What was cut from here is told by whoever cut it.
    if (problem !== undefined && !abortSignal.aborted) {
      this.#listener.onProblem(cause ?? 'unknown', problem);
    }
    return delivery;
  }

  /** As {@link send}, standing still: one try, from which nothing is learnt. */
  sendAtOnce(items: ItemList, timeoutMs: number): Verdict {
    return this.#courier.deliverAtOnce(items, timeoutMs);
  }

  /** Ends the connections. */
  close(): void {
    this.#courier.close();
  }
}
