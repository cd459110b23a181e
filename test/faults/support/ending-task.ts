import type { CollectorPlan } from './plan.ts';

/** How {@link EndingTask} ends. */
export type Ending =
  /** Nothing is left to do. */
  | 'natural'
  | 'process.exit(4)'
  | 'uncaught error'
  | 'unhandled rejection'
  /** It lives until somebody ends it. */
  | 'waits'
  /** It lives until SIGTERM, for which it has a handler of its own that ends it with code 9 when it is done. */
  | 'own handler'
  /** A handler of its own for uncaught errors ends it with code 5. */
  | 'own error handler'
  /** The thread or worker is ended by whoever started it, after its rows are in the journal. */
  | 'terminated';

/** A program that collects rows and ends; its only argument, as JSON. */
export interface EndingTask {
  /** Where rows are collected: in the main thread, a worker thread, or a worker of Node's cluster. */
  readonly where: 'main thread' | 'worker thread' | 'cluster worker';
  /** What that thread or process does then. */
  readonly how: Ending;
  /** What the main thread, or the primary of the cluster, does when all rows are collected; waits for its end when left out. */
  readonly mainEnds?: Ending | undefined;
  /** Whether the main thread has loaded the package too. */
  readonly isKnown?: boolean | undefined;
  /** The collector, with the columns `x` and `y`; without it nothing is collected: the program as it is without us. */
  readonly plan?: CollectorPlan | undefined;
  /** Rows to collect, one a call. */
  readonly rows: number;
}

/** What the program says once its rows are collected. */
export interface EndingMessage {
  readonly ready: true;
  /** Process that has collected. */
  readonly pid: number;
}
