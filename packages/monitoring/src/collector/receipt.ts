import { inspect } from 'node:util';
import type { Correlations } from './correlations.ts';
import type { PendingCall } from './pending-call.ts';
import type { DroppedRows } from './statistics.ts';

/** Options of one `collect` call. */
export interface CollectOptions {
  /** The caller's own id: one for all rows, or one for each row. At most 256 characters, no control characters. */
  readonly correlationId?: string | readonly string[] | undefined;
  /** What another collector's call returned, to tie these rows to those. */
  readonly correlations?: Correlations | undefined;
}

/** What became of one `collect` call; a call is taken or dropped as a whole. */
export interface CollectReceipt {
  /** Rows that were taken: copied, in memory, on their way to the store. */
  readonly accepted: number;
  /** Rows that were not. */
  readonly rejected: number;
  /** Why not. */
  readonly reason?: keyof DroppedRows | undefined;
  /** Hand this to the call that collects the other side. Also there for rows that were not taken. */
  readonly correlations: Correlations;
}

/** A receipt whose correlations become text when somebody reads them: few callers do. @internal */
export class Receipt implements CollectReceipt {
  readonly accepted: number;
  readonly rejected: number;
  readonly reason: keyof DroppedRows | undefined;
  readonly #call: PendingCall;

  /**
   * @param accepted Rows that were taken.
   * @param rejected Rows that were not.
   * @param reason Why not.
   * @param call The call.
   */
  constructor(accepted: number, rejected: number, reason: keyof DroppedRows | undefined, call: PendingCall) {
    this.accepted = accepted;
    this.rejected = rejected;
    this.reason = reason;
    this.#call = call;
  }

  get correlations(): Correlations {
    return this.#call.given;
  }

  /** As JSON, with the correlations. */
  toJSON(): CollectReceipt {
    const { accepted, rejected, reason, correlations } = this;
    return { accepted, rejected, ...(reason === undefined ? {} : { reason }), correlations };
  }

  [inspect.custom](): unknown {
    return this.toJSON();
  }
}
