/**
 * Measures, and prints our figures beside those of their peers in the same run.
 *
 * `npm run bench` runs all benches, `npm run bench -- collect encode` those; `--output json` prints for machines, and
 * `--write` puts the tables into docs/performance.md. Nothing fails when a target is missed, or when a bench cannot run:
 * it says why. The exit code is 0, or 2 when the arguments are wrong.
 */
import { BENCHES } from './registry.ts';
import { readArguments } from './support/arguments.ts';
import type { Bench } from './support/bench.ts';
import { machine } from './support/machine.ts';
import { writePage } from './support/page.ts';
import { jsonReport, type Result, textReport } from './support/report.ts';

async function runBench(bench: Bench): Promise<Result> {
  const started = performance.now();
  const progress = (line: string) => process.stderr.write(`${bench.name}: ${line}\n`);
  progress(bench.title.toLowerCase());
  const seconds = () => Math.round((performance.now() - started) / 1000);
  try {
    return { bench, outcome: await bench.run({ progress }), seconds: seconds() };
  } catch (error) {
    return { bench, failure: error instanceof Error ? error.message : String(error), seconds: seconds() };
  }
}

async function main(): Promise<number> {
  const asked = readArguments(
    process.argv.slice(2),
    BENCHES.map(({ name }) => name),
  );
  if ('fault' in asked) {
    console.error(asked.fault);
    return 2;
  }
  const results: Result[] = [];
  for (const bench of BENCHES.filter(({ name }) => asked.names.has(name))) {
    const result = await runBench(bench);
    results.push(result);
    if (asked.output === 'table') {
      console.log(textReport(result));
    }
  }
  if (asked.output === 'json') {
    console.log(jsonReport(results));
  } else {
    console.log(`Measured on ${machine()}. Numbers are of this machine; the ratios are what is claimed.`);
  }
  if (asked.write) {
    writePage(results);
  }
  return 0;
}

process.exit(await main());
