import type { InputShape } from '../rows/shape-rows.ts';
import type { PendingCall } from './pending-call.ts';
import type { CollectOptions } from './receipt.ts';

/** The first step of a row: shaped, copied, and given what ties it to other rows. */
export interface Intake {
  /** First part of the ids that the collector gives, or what stands for it in the ledger. */
  readonly writer: string;
  /** Number of the latest call that got an id of its own. */
  readonly lastNumber: number;
  /** Number of features, when it is fixed. */
  readonly width: number | undefined;
  /** Begins a call: finds what it is tied to. */
  begin(options: CollectOptions, now: number): PendingCall;
  /** Whether sampling is decided row by row, because rows bring the ids of their calls along. */
  bringsIds(input: unknown): boolean;
  /**
   * Copies the rows of a call.
   *
   * @param call The call.
   * @param input What `collect` was given.
   * @param shape What the caller says it is.
   * @param hasOwnId Whether the caller gave an id of its own with this very call.
   * @param samplingRate Share of the rows that is kept, where rows bring the ids of their calls along.
   * @throws InvalidRows when the input is not rows, or an id cannot be stored.
   */
  copy(call: PendingCall, input: unknown, shape: InputShape, hasOwnId: boolean, samplingRate: number): void;
}
