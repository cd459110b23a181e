import type { Bench } from './bench.ts';
import { isMet, type Outcome, ratioOf } from './figure.ts';
import { markdownTable, textTable } from './format.ts';
import { machine } from './machine.ts';

/** What became of a bench. */
export type Result = {
  readonly bench: Bench;
  /** How long it took. */
  readonly seconds: number;
} & ({ readonly outcome: Outcome } | { readonly failure: string });

/** A bench for the terminal. */
export function textReport(result: Result): string {
  const { bench, seconds } = result;
  const title = `${bench.title} (${bench.name}, ${seconds} s)`;
  const lines = [title, '-'.repeat(title.length)];
  if ('failure' in result) {
    lines.push(`not run: ${result.failure}`);
  } else {
    const { figures, remarks } = result.outcome;
    lines.push(...(figures.length > 0 ? [textTable(figures)] : []), ...remarks);
  }
  return `${lines.join('\n').replaceAll('`', '')}\n`;
}

/** A bench for the page, without its title; `undefined` when there is nothing new to say. */
export function markdownReport(result: Result): string | undefined {
  if ('failure' in result) {
    return undefined;
  }
  const { figures, remarks } = result.outcome;
  const parts = [result.bench.about, ...(figures.length > 0 ? [markdownTable(figures)] : [])];
  return [...parts, ...remarks].join('\n\n');
}

/** All results for a machine. */
export function jsonReport(results: readonly Result[]): string {
  const benches = results.map((result) => {
    const { bench, seconds } = result;
    const head = { name: bench.name, title: bench.title, seconds };
    if ('failure' in result) {
      return { ...head, failure: result.failure };
    }
    const figures = result.outcome.figures.map((figure) => ({
      ...figure,
      ratio: ratioOf(figure),
      met: isMet(figure),
    }));
    return { ...head, figures, remarks: result.outcome.remarks };
  });
  return JSON.stringify({ machine: machine(), benches }, null, 2);
}
