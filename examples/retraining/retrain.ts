import { parseArgs } from 'node:util';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
const HELP = `Usage: node retrain.ts [--out DIR]

Deploys a model on this machine, scores patients over HTTP, and later, when their outcomes are known, joins what was
collected with them, writes a training set, trains a new model, and puts it into the service. Needs no account and no
Python; ends within a minute.

Options:
  --out DIR  keep the training set and both models there
  --help     print this text

Results go to stdout, progress to stderr. Exit code: 0 the new model is in service, 1 something did not hold, 2 wrong
options, 130 after Ctrl-C, 143 after SIGTERM.
`;

function readOptions(): { out: string | undefined } | 'help' | { wrong: string } {
  try {
    const { values } = parseArgs({ options: { out: { type: 'string' }, help: { type: 'boolean', default: false } } });
    return values.help ? 'help' : { out: values.out };
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : String(error) };
  }
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  if ('wrong' in options) {
    process.stderr.write(`${options.wrong}\n\n${HELP}`);
    return 2;
  }
  const stop = new AbortController();
  let stoppedBy: keyof typeof EXIT_CODES | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stoppedBy ??= signal;
      stop.abort(new Error(`The example was ended by ${signal}`));
    });
  }
  // Whoever reads the output may go away; what was started must be stopped all the same.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  try {
    const { retrain } = await import('./steps/scenario.ts');
    await retrain({ example: import.meta.dirname, out: options.out, abortSignal: stop.signal });
    return 0;
  } catch (error) {
    if (stoppedBy !== undefined) {
      return EXIT_CODES[stoppedBy];
    }
    process.stderr.write(`retraining failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

process.exitCode = await main();
