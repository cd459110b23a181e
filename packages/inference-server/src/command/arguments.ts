import { nearestName } from '@azureml-ts/common';
import { FLAGS, type Flag, type FlagValues, usage } from './flags.ts';

/** What the command line asks for. */
export type ServeArguments =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'container-files'; readonly json: string }
  | { readonly kind: 'serve'; readonly values: FlagValues };

/** Flags of the Python server whose names are others here. */
const RENAMED: Readonly<Record<string, string>> = {
  'access-control-allow-origins': 'cors-origins',
};

/** Flags of the Python server that have no like here, with what to do instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  'appinsights-instrumentation-key':
    'A key on the command line can be read by every user of the machine: set AML_APP_INSIGHTS_KEY and AML_APP_INSIGHTS_ENABLED=true instead.',
  'health-port': 'GET / and GET /ready on the port of the server tell of its health.',
};

/** Prints the files of a container in place of serving. */
const CONTAINER_FILES = 'container-files';

/**
 * Reads the command line of the server. Names may have `_` for `-`, as the flags of the Python server have.
 *
 * @param argv Arguments without the names of Node and of the script.
 * @throws ValidationError `VALIDATION` for an unknown, repeated or incomplete argument.
 */
export function parseArguments(argv: readonly string[]): ServeArguments {
  const values: FlagValues = { options: {}, environment: {} };
  const seen = new Set<string>();
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    if (argument === '-h' || argument === '--help') {
      return { kind: 'help' };
    }
    if (argument === '--version') {
      return { kind: 'version' };
    }
    const match = /^--([^=]+)(?:=([\s\S]*))?$/.exec(argument);
    if (match === null) {
      throw usage(
        'arguments',
        `Unexpected argument "${argument}". The scoring script is named by --entry-script FILE.`,
      );
    }
    const given = (match[1] ?? '').replaceAll('_', '-');
    if (given === CONTAINER_FILES) {
      return { kind: 'container-files', json: onlyValue(argv, match[2]) };
    }
    const { flag, isOff } = findFlag(Object.hasOwn(RENAMED, given) ? (RENAMED[given] ?? given) : given, match[1] ?? '');
    let value = match[2];
    if (flag.value === undefined) {
      if (value !== undefined) {
        throw usage(`--${flag.name}`, `--${flag.name} takes no value; --no-${flag.name} switches it off.`);
      }
      value = String(!isOff);
    } else if (value === undefined) {
      index += 1;
      value = argv[index];
    }
    if (value === undefined || value === '' || (match[2] === undefined && value.startsWith('--'))) {
      throw usage(`--${flag.name}`, `--${flag.name} needs a value: --${flag.name} ${flag.value}.`);
    }
    if (seen.has(flag.name)) {
      throw usage(`--${flag.name}`, `--${flag.name} is given twice. Leave one out.`);
    }
    seen.add(flag.name);
    flag.set(values, value);
  }
  return { kind: 'serve', values };
}

/** The value of a flag that goes with no other one. */
function onlyValue(argv: readonly string[], attached: string | undefined): string {
  const value = attached ?? argv[1];
  if (value === undefined || value === '') {
    throw usage(`--${CONTAINER_FILES}`, `--${CONTAINER_FILES} needs a value: --${CONTAINER_FILES} JSON.`);
  }
  if (argv.length !== (attached === undefined ? 2 : 1)) {
    throw usage(`--${CONTAINER_FILES}`, `--${CONTAINER_FILES} goes with no other argument.`);
  }
  return value;
}

function findFlag(name: string, given: string): { flag: Flag; isOff: boolean } {
  const plain = FLAGS.find((flag) => flag.name === name);
  if (plain !== undefined) {
    return { flag: plain, isOff: false };
  }
  const negated = FLAGS.find((flag) => flag.value === undefined && `no-${flag.name}` === name);
  if (negated !== undefined) {
    return { flag: negated, isOff: true };
  }
  const instead = Object.hasOwn(INSTEAD, name) ? INSTEAD[name] : undefined;
  const likely = nearestName(name, [...FLAGS.map((flag) => flag.name), CONTAINER_FILES, 'help', 'version']);
  const hint = instead ?? (likely === undefined ? '--help lists all.' : `Did you mean --${likely}?`);
  throw usage(`--${name}`, `There is no flag --${given}. ${hint}`);
}

/** The help text. */
export function helpText(commandName: string): string {
  const left = (flag: Flag) => (flag.value === undefined ? `--[no-]${flag.name}` : `--${flag.name} ${flag.value}`);
  const rows = [
    ...FLAGS.map((flag) => ({ left: left(flag), help: flag.help })),
    {
      left: `--${CONTAINER_FILES} JSON`,
      help: [
        'print the files of a container as JSON, texts by name, and end; JSON',
        'has the options of containerFiles(), { "entryScript": "score.ts" }',
      ],
    },
    { left: '-h, --help', help: ['show this help'] },
    { left: '--version', help: ['show the version'] },
  ];
  const width = Math.max(...rows.map((row) => row.left.length)) + 2;
  const lines = rows.flatMap(({ left: start, help }) =>
    help.map((text, index) => `  ${(index === 0 ? start : '').padEnd(width)}${text}`),
  );
  return `Usage: ${commandName} --entry-script FILE [--port N] [--worker-count N] [...]

Hosts the init() and run(rawData) of a scoring script over HTTP.

Options (the variable of the environment in parentheses; the flag wins):
${lines.join('\n')}

More variables: AML_APP_INSIGHTS_ENABLED, APPLICATIONINSIGHTS_CONNECTION_STRING, and those of
docs/environment-variables.md.

Signals: SIGTERM and SIGINT answer what runs and end the server, a second one ends it at once;
SIGHUP replaces several workers one after the other, without losing a request.

Exit codes:
  0  stopped by a signal or with its parent, running requests answered
  2  wrong arguments or settings
  3  script missing or invalid, or init() failed
  5  port in use, shutdown not complete in time, an error that nobody caught, or any other failure
  6  workers failed again and again
`;
}
