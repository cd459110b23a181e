import type { Clock } from '@azureml-ts/common';
import {
  type CloseOptions,
  Collector,
  type CollectorIssue,
  type CollectorOptions,
  type CollectorStats,
  type FlushOptions,
  ModelDataCollector,
  type ModelDataCollectorOptions,
} from '@azureml-ts/monitoring';

/** Value of a cell. */
export type Cell = string | number;

/** What all plans may say; the same for both kinds of collectors. */
export interface PlanOptions {
  readonly flushIntervalMs?: number;
  readonly maxBatchBytes?: number;
  readonly maxBufferBytes?: number;
  readonly onFull?: 'dropNewest' | 'dropOldest';
  readonly journal?: { readonly directory: string; readonly maxBytes?: number } | false;
}

/** A collector of either kind, in a form that can be sent to another process. */
export type CollectorPlan = { readonly columns: readonly string[] } & (
  | { readonly rows: Omit<RowsOptions, 'featureNames'> }
  | { readonly records: Omit<CollectorOptions, 'onError' | 'clock' | 'columns'> }
);

/** Options of a collector of rows, in a form that can be sent to another process. */
export type RowsOptions = Omit<ModelDataCollectorOptions, 'sink' | 'onError' | 'clock' | 'featureNames'> & {
  readonly featureNames: readonly string[];
};

/** The plan of a collector of rows. */
export function rowsPlan({ featureNames, ...rows }: RowsOptions): CollectorPlan {
  return { columns: featureNames, rows };
}

/** What a plan cannot say to another process. */
export interface PlanParts {
  readonly onError?: ((issue: Pick<CollectorIssue, 'code' | 'message'>) => void) | undefined;
  readonly clock?: Clock | undefined;
}

/** What the tests ask of a collector of either kind. */
export interface PlannedCollector {
  /**
   * Gives rows as one call.
   *
   * @returns How many are taken, as the collector counts: rows, or one record.
   */
  give(...rows: readonly (readonly Cell[])[]): number;
  /** Gives rows, each as a call of its own; tells how many are taken. */
  giveEach(rows: readonly (readonly Cell[])[]): number;
  /** Gives something that is no row. */
  giveInvalid(): void;
  flush(options?: FlushOptions): Promise<void>;
  close(options?: CloseOptions): Promise<void>;
  stats(): CollectorStats;
}

/** Makes the collector of a plan. */
export function openPlan(plan: CollectorPlan, { onError, clock }: PlanParts = {}): PlannedCollector {
  const { columns } = plan;
  if ('rows' in plan) {
    const collector = new ModelDataCollector('best_model', { ...plan.rows, featureNames: columns, onError, clock });
    return planned(
      collector,
      (rows) => collector.collectRows(rows).accepted,
      () => collector.collectRows([['of one cell']]),
    );
  }
  const collector = new Collector({ ...plan.records, columns, onError, clock });
  return planned(
    collector,
    (rows) => (collector.collect(rows).isSuccess() ? 1 : 0),
    () => collector.collect('no row' as never),
  );
}

function planned(
  collector: Collector | ModelDataCollector,
  give: (rows: readonly (readonly Cell[])[]) => number,
  giveInvalid: () => unknown,
): PlannedCollector {
  return {
    give: (...rows) => give(rows),
    giveEach: (rows) => rows.reduce((sum, row) => sum + give([row]), 0),
    giveInvalid: () => void giveInvalid(),
    flush: (options) => collector.flush(options),
    close: (options) => collector.close(options),
    stats: () => collector.stats(),
  };
}
