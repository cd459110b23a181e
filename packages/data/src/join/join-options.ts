import { ValidationError } from '@azureml-ts/common';
import { checkRowsOptions, type RowsOptions } from '../rows/rows-options.ts';
import type { JoinDuplicate, JoinOrphan } from './join-summary.ts';

/** What to read of one side of a join. Bad records always end a join: leaving one out would shift the pairs behind it. */
export type JoinSideOptions = Pick<RowsOptions, 'columns' | 'types' | 'onProgress'>;

/**
 * The order of joined rows.
 *
 * | value | order |
 * |---|---|
 * | `stored` | as both sides of a call have been read: that of the files where both sides have the same; rows without a partner come once it is certain, up to two days of data later |
 * | `time` | by scoring time; rows of one time by correlation id, then by position |
 * | `requestId` | by request id (rows without one first), then as `time` |
 *
 * `stored` needs no memory beyond that of the join. The others sort all rows of the range: up to about 32 MiB of them in
 * memory, more in sorted runs in the system's temporary folder that are merged at the end and removed. The folder needs
 * room for the rows of the range, twice for more than 32 runs; it is readable by its owner alone.
 *
 * Rows that come late, such as labels, belong to the day of their scoring, in the files and in this order.
 */
export type RowOrder = 'stored' | 'time' | 'requestId';

/** What each way of reading joined rows can be told. */
export interface RowOrderOptions {
  /** Ends the work: the iteration rejects with the signal's reason. */
  readonly abortSignal?: AbortSignal | undefined;
  /** See {@link RowOrder}. Default `stored`. */
  readonly orderBy?: RowOrder | undefined;
}

/**
 * Options of {@link CollectedData.join}.
 *
 * Both sides are read at the same time; in memory are only the calls whose other side has not come yet, of at most two
 * days, and what tells that a call was read before: a bit for each, its id for those of the Python collector (two days).
 *
 * @example
 * ```ts no-run
 * import { CollectedData } from '@azureml-ts/data';
 *
 * const workspace = { subscriptionId: 'sub', resourceGroup: 'rg', workspaceName: 'ws' };
 * const model = { workspace, webserviceName: 'svc', modelName: 'best_model', modelVersion: '1', from: '2026-01-01' };
 * const inputs = await CollectedData.open({ ...model, designation: 'inputs' });
 * const predictions = await CollectedData.open({ ...model, designation: 'predictions' });
 * const joined = inputs.join(predictions, { orderBy: 'time' });
 * for await (const { left, right } of joined) console.log(left, right);
 * console.log(joined.summary.matched, joined.summary.leftOnly);
 * ```
 */
export interface JoinOptions extends RowOrderOptions {
  /**
   * Which rows to give. `inner` (default): pairs. `left`: also rows of the left side without a right one, whose `right` is
   * `null`. `outer`: also those of the right side, whose `left` is `null`. Duplicates are never given.
   */
  readonly how?: 'inner' | 'left' | 'outer' | undefined;
  /** What to read of the data that `join` is called on. Default: every feature, inferred. */
  readonly left?: JoinSideOptions | undefined;
  /** What to read of the data that is passed to `join`. Default: every feature, inferred. */
  readonly right?: JoinSideOptions | undefined;
  /** Told of all rows without other side, call by call; the summary names only the first 100 calls. */
  readonly onOrphan?: ((orphan: JoinOrphan) => void) | undefined;
  /** Told of all rows that carry the id of a call that was read before. */
  readonly onDuplicate?: ((duplicate: JoinDuplicate) => void) | undefined;
}

const HOW = ['inner', 'left', 'outer'];
const ORDERS = ['stored', 'time', 'requestId'];

/**
 * Checks options.
 *
 * @throws ValidationError (`VALIDATION`).
 */
export function checkJoinOptions(options: JoinOptions): void {
  checkChoice('how', options.how, HOW);
  checkChoice('orderBy', options.orderBy, ORDERS);
  checkFunction('onOrphan', options.onOrphan);
  checkFunction('onDuplicate', options.onDuplicate);
  checkRowsOptions(options.left ?? {}, 'left.');
  checkRowsOptions(options.right ?? {}, 'right.');
}

/** @throws ValidationError (`VALIDATION`) when a value is none of the choices. */
export function checkChoice(path: string, value: unknown, choices: readonly string[]): void {
  if (value !== undefined && !choices.includes(value as string)) {
    throw new ValidationError({
      path,
      expected: `one of ${choices.map((choice) => `'${choice}'`).join(', ')}`,
      received: value,
    });
  }
}

/** @throws ValidationError (`VALIDATION`) when a value is no function. */
export function checkFunction(path: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') {
    throw new ValidationError({ path, expected: 'a function', received: value });
  }
}
