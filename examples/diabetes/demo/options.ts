import { parseArgs } from 'node:util';

/** What the command line asked for. */
export interface DemoOptions {
  /** Leave the services up after the checks, until Ctrl-C. */
  readonly keep: boolean;
}

export const HELP = `Usage: node demo.ts [--keep]

Starts a blob store and a telemetry endpoint on this machine, deploys score.ts, scores the 442 rows of the diabetes table
over HTTP and checks what came back, what was stored and what was traced. Needs no account; ends within a minute.

Options:
  --keep   leave the services up after the checks, until Ctrl-C, and print how to reach them
  --help   print this text

Results go to stdout, progress to stderr.
Exit code: 0 every check held, 1 one did not, 2 wrong options, 130 after Ctrl-C, 143 after SIGTERM.
`;

/**
 * Reads the command line.
 *
 * @returns The options, `'help'`, or what is wrong with the command line.
 */
export function readOptions(args: readonly string[]): DemoOptions | 'help' | { readonly wrong: string } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { keep: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    });
    return values.help ? 'help' : { keep: values.keep };
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : String(error) };
  }
}
