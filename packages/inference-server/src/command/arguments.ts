import { parseArgs } from 'node:util';
import { errorMessage, ValidationError } from '@azureml-ts/common';
import { DEFAULT_PORT, type StartServerOptions } from '../options.ts';

/** What the command line asks for. */
export type ServeArguments =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'serve'; readonly options: StartServerOptions };

/**
 * Reads the command line of the server.
 *
 * @param argv Arguments without the names of Node and of the script.
 * @throws ValidationError `VALIDATION` for an unknown or incomplete argument.
 */
export function parseArguments(argv: readonly string[]): ServeArguments {
  const values = parse(argv);
  if (values.help === true) {
    return { kind: 'help' };
  }
  if (values.version === true) {
    return { kind: 'version' };
  }
  const entryScript = values['entry-script'] ?? (process.env['AZUREML_ENTRY_SCRIPT'] || undefined);
  if (entryScript === undefined || entryScript === '') {
    throw usage('--entry-script', 'Give the scoring script: --entry-script FILE (or AZUREML_ENTRY_SCRIPT).');
  }
  return { kind: 'serve', options: { entryScript, host: values.host, port: parsePort(values.port) } };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        'entry-script': { type: 'string' },
        port: { type: 'string' },
        host: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw usage('arguments', errorMessage(error));
  }
}

function parsePort(text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
    throw usage('--port', `--port must be a number from 0 to 65535, but is "${text}".`);
  }
  return Number(text);
}

function usage(path: string, message: string): ValidationError {
  return new ValidationError({ path, expected: 'as in --help', message });
}

/** The help text. */
export function helpText(commandName: string): string {
  return `Usage: ${commandName} --entry-script FILE [--port N] [--host H]

Hosts the init() and run(rawData) of a scoring script over HTTP.

Options:
  --entry-script FILE  .ts, .mts, .cts, .js, .mjs or .cjs file; a relative path starts at
                       AZUREML_SOURCE_DIRECTORY, else here (default: AZUREML_ENTRY_SCRIPT)
  --port N             port, 0 for any free one (default: ${DEFAULT_PORT})
  --host H             address to listen on (default: 0.0.0.0)
  -h, --help           show this help
  --version            show the version

Environment: AZUREML_ENTRY_SCRIPT, AZUREML_SOURCE_DIRECTORY, SCORING_TIMEOUT_MS,
AML_APP_INSIGHTS_ENABLED, APPLICATIONINSIGHTS_CONNECTION_STRING.

Exit codes: 0 stopped by SIGTERM or SIGINT, running requests answered; 2 wrong arguments;
3 script missing or invalid, or init() failed; 5 port in use, shutdown not complete in
time, or any other failure.
`;
}
