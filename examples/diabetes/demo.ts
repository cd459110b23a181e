import { Checks } from './demo/checks.ts';
import { HELP, readOptions } from './demo/options.ts';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Signal = keyof typeof EXIT_CODES;

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  if ('wrong' in options) {
    process.stderr.write(`${options.wrong}\n\n${HELP}`);
    return 2;
  }

  const stop = new AbortController();
  let stoppedBy: Signal | undefined;
  for (const signal of Object.keys(EXIT_CODES) as Signal[]) {
    process.on(signal, () => {
      if (stoppedBy === undefined) {
        stoppedBy = signal;
        process.stderr.write(`-- ${signal}: stopping everything\n`);
        stop.abort(new Error(`The demo was ended by ${signal}`));
      }
    });
  }
  // Whoever reads the output may go away (`| head`); what was started must be stopped all the same.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);

  const startedAt = Date.now();
  const checks = new Checks();
  // Loaded late: `--help` answers although the packages are not built yet.
  const { playScenario } = await import('./demo/scenario.ts');
  await playScenario({ example: import.meta.dirname, keep: options.keep, checks, abortSignal: stop.signal });
  if (stoppedBy !== undefined) {
    return EXIT_CODES[stoppedBy];
  }
  if (checks.failure !== undefined) {
    process.stderr.write(`demo failed: ${checks.failure}\n`);
    return 1;
  }
  process.stderr.write(`-- ${checks.held} checks held in ${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
