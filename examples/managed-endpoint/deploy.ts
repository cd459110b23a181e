import { join } from 'node:path';
import { parseArgs } from 'node:util';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
const HELP = `Usage: node deploy.ts [--dry-run] [--keep] [--config FILE]

Deploys the diabetes service to a managed online endpoint as deployment.yml says: plans, deploys, scores, shows the log,
switches Application Insights on, and deletes the endpoint again. The subscription in config.json says where: with zeros
only, to stand-ins on this machine; else to that workspace, signed in as the Azure CLI or the environment is.

Options:
  --dry-run      print what would be sent, as JSON, and change nothing
  --keep         leave the endpoint in the workspace
  --config FILE  another config.json
  --help         print this text

Results go to stdout, progress to stderr. Exit code: 0 all held, 1 something did not, 2 wrong options, 130 after Ctrl-C,
143 after SIGTERM.
`;

interface Options {
  readonly isDryRun: boolean;
  readonly isKept: boolean;
  readonly config: string;
}

function readOptions(): Options | 'help' | { wrong: string } {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({
      options: { 'dry-run': flag, keep: flag, config: { type: 'string' }, help: flag },
    });
    const config = values.config ?? join(import.meta.dirname, 'config.json');
    return values.help ? 'help' : { isDryRun: values['dry-run'], isKept: values.keep, config };
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
    // Loaded late: `--help` answers although the packages are not built yet.
    const { deployDiabetes } = await import('./steps/scenario.ts');
    await deployDiabetes({ ...options, example: import.meta.dirname, abortSignal: stop.signal });
    return 0;
  } catch (error) {
    if (stoppedBy !== undefined) {
      return EXIT_CODES[stoppedBy];
    }
    process.stderr.write(`deploying failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

process.exitCode = await main();
