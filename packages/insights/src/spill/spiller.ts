import { type Clock, deadline, errorMessage, redactSecrets, waitAtMost } from '@azureml-ts/common';
import type { ItemDraft } from '../items/item-draft.ts';
import type { PropertyText } from '../items/property-text.ts';
import { cutText } from '../items/shorten.ts';
import { nodeCrypto } from '../node-modules.ts';
import { runOwnWork } from '../own-work.ts';
import type { SpillStats } from '../types.ts';
import { MAX_URL_BYTES, SpilledText, type SpillOutcome } from './spilled-text.ts';
import type { SpilledDocument, TraceSpill } from './trace-spill.ts';

/** Documents that are written at the same time. */
const MAX_WRITES = 4;
/** Bytes of documents that wait or are written. */
export const MAX_PENDING_BYTES = 32 * 1024 * 1024;
const WRITE_TIMEOUT_MS = 30_000;
const MAX_REASON_CHARACTERS = 200;

/** A document on its way. */
interface Pending {
  readonly store: TraceSpill;
  readonly document: SpilledDocument;
  readonly text: SpilledText;
  /** Called once, with the text settled. */
  readonly settled: () => void;
}

/** What a {@link Spiller} needs. @internal */
export interface SpillerOptions {
  readonly clock: Clock;
  readonly onProblem: (problem: string) => void;
}

/** Brings long texts to their store, bounded in bytes, and lets go of an item when all of its texts are settled. @internal */
export class Spiller {
  readonly #options: SpillerOptions;
  readonly #waiting: Pending[] = [];
  readonly #underWay = new Map<Pending, AbortController>();
  #pendingBytes = 0;
  #pendingItems = 0;
  #written = 0;
  #failed = 0;
  /** Woken whenever a document is settled. */
  #settled = Promise.withResolvers<void>();

  constructor(options: SpillerOptions) {
    this.#options = options;
  }

  /** Items that wait for their texts. */
  get pendingItems(): number {
    return this.#pendingItems;
  }

  stats(): SpillStats {
    return { written: this.#written, failed: this.#failed, pending: this.#waiting.length + this.#underWay.size };
  }

  /**
   * Takes the long texts of an item.
   *
   * @param send Gets the item: later, or at once when there is no room for any of its texts.
   */
  take(draft: ItemDraft, store: TraceSpill, send: (item: ItemDraft) => void): void {
    const replacements = new Map<PropertyText, SpilledText>();
    const pending: Pending[] = [];
    let left = 0;
    for (const text of draft.longTexts) {
      const hasRoom = this.#pendingBytes + text.bytes <= MAX_PENDING_BYTES;
      const content = hasRoom ? Buffer.from(text.text) : undefined;
      const spilled = new SpilledText(text, content === undefined ? '' : sha256Of(content));
      replacements.set(text, spilled);
      if (content === undefined) {
        this.#fail(spilled, `no room: ${MAX_PENDING_BYTES} bytes may wait for the store`);
        continue;
      }
      left += 1;
      this.#pendingBytes += content.byteLength;
      pending.push({
        store,
        text: spilled,
        document: {
          content,
          contentType: text.isJson ? 'application/json' : 'text/plain; charset=utf-8',
          kind: text.kind,
          requestId: draft.requestId,
          time: draft.time,
        },
        settled: () => {
          left -= 1;
          if (left === 0) {
            this.#pendingItems -= 1;
            send(item);
          }
        },
      });
    }
    const item = draft.replacing(replacements);
    if (pending.length === 0) {
      send(item);
      return;
    }
    this.#pendingItems += 1;
    this.#waiting.push(...pending);
    this.#start();
  }

  /** Waits for the documents that are pending now, at most so long. Never rejects. */
  async settle(timeoutMs: number, abortSignal: AbortSignal | undefined): Promise<void> {
    const limit = deadline(timeoutMs, abortSignal);
    // A store may work without anything that keeps the process alive.
    limit.keepAlive();
    const asked = new Set([...this.#underWay.keys(), ...this.#waiting]);
    const isPending = () => [...this.#underWay.keys(), ...this.#waiting].some((pending) => asked.has(pending));
    try {
      while (isPending() && !limit.signal.aborted) {
        await waitAtMost(this.#settled.promise, 'Storing long texts', { abortSignal: limit.signal });
      }
    } catch {
      // The time is over.
    } finally {
      limit.clear();
    }
  }

  /** Gives up all that is pending: each item is let go, with a preview in place of each text. */
  giveUp(reason: string): void {
    for (const pending of this.#waiting.splice(0)) {
      this.#settle(pending, { reason });
    }
    for (const [pending, abort] of [...this.#underWay]) {
      this.#underWay.delete(pending);
      this.#settle(pending, { reason });
      abort.abort(new Error(`Given up: ${reason}`));
    }
  }

  #start(): void {
    while (this.#underWay.size < MAX_WRITES) {
      const pending = this.#waiting.shift();
      if (pending === undefined) {
        return;
      }
      const abort = new AbortController();
      this.#underWay.set(pending, abort);
      void runOwnWork(() => this.#write(pending, abort));
    }
  }

  async #write(pending: Pending, abort: AbortController): Promise<void> {
    const outcome = await this.#outcomeOf(pending, abort);
    // Given up meanwhile: settled already.
    if (this.#underWay.delete(pending)) {
      this.#settle(pending, outcome);
      this.#start();
    }
  }

  async #outcomeOf({ store, document }: Pending, abort: AbortController): Promise<SpillOutcome> {
    const timer = this.#options.clock.setTimeout(
      () => abort.abort(new Error(`not written within ${WRITE_TIMEOUT_MS} ms`)),
      WRITE_TIMEOUT_MS,
    );
    try {
      const write = Promise.resolve(store.write(document, { abortSignal: abort.signal }));
      const { url } = await waitAtMost(write, 'The write', { abortSignal: abort.signal });
      if (typeof url !== 'string' || url === '' || Buffer.byteLength(JSON.stringify(url)) > MAX_URL_BYTES) {
        return { reason: `the store gave no address of 1 to ${MAX_URL_BYTES} bytes` };
      }
      return { url };
    } catch (error) {
      return { reason: errorMessage(error) };
    } finally {
      this.#options.clock.clearTimeout(timer);
    }
  }

  #settle({ document, text, settled }: Pending, outcome: SpillOutcome): void {
    this.#pendingBytes -= document.content.byteLength;
    if ('url' in outcome) {
      this.#written += 1;
      text.settle(outcome);
    } else {
      this.#fail(text, outcome.reason);
    }
    settled();
    this.#settled.resolve();
    this.#settled = Promise.withResolvers();
  }

  #fail(text: SpilledText, reason: string): void {
    this.#failed += 1;
    const shown = cutText(redactSecrets(reason), MAX_REASON_CHARACTERS);
    text.settle({ reason: shown });
    this.#options.onProblem(`a long text could not be stored, a preview is sent: ${shown}`);
  }
}

function sha256Of(content: Uint8Array): string {
  return nodeCrypto().createHash('sha256').update(content).digest('hex');
}
