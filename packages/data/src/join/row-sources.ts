import { CallReader } from './call-reader.ts';
import { joinCalls, joinedRow } from './join-calls.ts';
import type { JoinOptions, JoinSideOptions, RowOrderOptions } from './join-options.ts';
import { type JoinSide, readSide } from './join-side.ts';
import { JoinCounts, type JoinedRow, type JoinSummary } from './join-summary.ts';
import type { JoinLabelsOptions, LabelSource } from './labels/label-options.ts';
import { type LabelledRow, labelRows } from './labels/label-rows.ts';
import { LabelCounts, type LabelSummary } from './labels/label-summary.ts';
import type { RowSource } from './row-source.ts';
import { sortRows } from './sort-rows.ts';
import type { SourceRole, SourceWatch } from './source-watch.ts';

/** Rows of two streams side by side. */
export function pairedRows<T extends object, U extends object>(
  left: JoinSide,
  right: JoinSide,
  options: JoinOptions,
): RowSource<JoinedRow<T | null, U | null>, JoinSummary> {
  const { abortSignal, how = 'inner', orderBy = 'stored' } = options;
  const sideOf =
    <V extends object>(side: JoinSide, read: JoinSideOptions | undefined, role: SourceRole, watch?: SourceWatch) =>
    () =>
      readSide<V>(side, { ...pick(read), abortSignal }, watch, role);
  return {
    description: { how, orderBy },
    start(watch) {
      const counts = new JoinCounts();
      const rows = joinCalls<T, U>(
        sideOf<T>(left, options.left, 'left', watch),
        sideOf<U>(right, options.right, 'right', watch),
        counts,
        options,
      );
      return { rows: ordered(rows, options), summary: () => counts.snapshot() };
    },
  };
}

/** What a side may be told; callers without types pass more. */
function pick({ columns, types, onProgress }: JoinSideOptions = {}): JoinSideOptions {
  return { columns, types, onProgress };
}

/** Rows of one stream, as pairs without a right side. */
export function singleRows<T extends object>(
  side: JoinSide,
  options: RowOrderOptions & { readonly left?: JoinSideOptions | undefined },
): RowSource<JoinedRow<T, null>, null> {
  const { abortSignal, orderBy = 'stored', left } = options;
  return {
    description: { orderBy },
    start: (watch) => ({
      rows: ordered(
        singleCalls<T>(new CallReader(readSide<T>(side, { ...pick(left), abortSignal }, watch, 'left'))),
        options,
      ),
      summary: () => null,
    }),
  };
}

/** Rows with their labels. */
export function labelledRows<T extends object | null, U extends object | null, L extends object>(
  source: RowSource<JoinedRow<T, U>, JoinSummary | null>,
  labels: LabelSource<L>,
  options: JoinLabelsOptions,
): RowSource<LabelledRow<T, U, L>, LabelSummary> {
  const { on = 'userCorrelationId', rowId = null, how = 'inner', duplicates = 'last' } = options;
  return {
    description: {
      ...source.description,
      labelsOn: on,
      labelsRowId: rowId,
      labelsHow: how,
      labelDuplicates: duplicates,
    },
    start(watch) {
      const counts = new LabelCounts();
      const run = source.start(watch);
      // The rows keep the types that their source gave them.
      const rows = labelRows(run.rows, labels, options, counts, watch) as AsyncGenerator<LabelledRow<T, U, L>, void>;
      return { rows, summary: () => counts.snapshot(run.summary()) };
    },
  };
}

function ordered<R extends JoinedRow<object | null, object | null>>(
  rows: AsyncGenerator<R, void, undefined>,
  { orderBy = 'stored', abortSignal }: RowOrderOptions,
): AsyncGenerator<R, void, undefined> {
  return orderBy === 'stored' ? rows : sortRows(rows, orderBy, { abortSignal });
}

async function* singleCalls<T extends object>(
  calls: CallReader<T>,
): AsyncGenerator<JoinedRow<T, null>, void, undefined> {
  try {
    for (let call = await calls.next(); call !== undefined; call = await calls.next()) {
      for (const [position, row] of call.rows.entries()) {
        yield joinedRow<T, never>(call, position, row, undefined) as JoinedRow<T, null>;
      }
    }
  } finally {
    await calls.close();
  }
}
