import type { Outcome } from './figure.ts';

/** What a bench is given. */
export interface BenchContext {
  /** Tells how far it is, for whoever waits. */
  readonly progress: (line: string) => void;
}

/** One topic of figures. */
export interface Bench {
  /** The word for the command line. */
  readonly name: string;
  /** Title of its table. */
  readonly title: string;
  /** What is measured and how, for readers of the table. */
  readonly about: string;
  /** Measures. What it throws is printed as the reason why there are no figures. */
  run(context: BenchContext): Promise<Outcome>;
}
