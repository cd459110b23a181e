import { ValidationError } from '@azureml-ts/common';
import { DEFAULT_PORT, type StartServerOptions } from '../options.ts';
import { MAX_WORKERS } from '../workers/limits.ts';

/** What the flags of a command line say; what they leave out comes from the environment. */
export interface FlagValues {
  options: { -readonly [K in keyof StartServerOptions]: StartServerOptions[K] };
  /** Variables that the script and other parts of the server read. */
  environment: Record<string, string>;
  configFile?: string | undefined;
  workerTimeoutSeconds?: number | undefined;
  watchParent?: boolean | undefined;
}

/** One flag of the command. */
export interface Flag {
  /** Without the dashes. */
  readonly name: string;
  /** Stands for the value in the help; a flag without one is a switch, and has a form that begins with `no-`. */
  readonly value?: string | undefined;
  /** Lines of the help. */
  readonly help: readonly string[];
  /** Takes the value in; a switch gets `true` or `false`. */
  set(into: FlagValues, value: string): void;
}

/** Every flag, in the order of the help. */
export const FLAGS: readonly Flag[] = [
  {
    name: 'entry-script',
    value: 'FILE',
    help: [
      '.ts, .mts, .cts, .js, .mjs or .cjs file (AZUREML_ENTRY_SCRIPT); a',
      'relative path starts at AZUREML_SOURCE_DIRECTORY or AML_APP_ROOT',
    ],
    set: ({ options }, value) => {
      options.entryScript = value;
    },
  },
  {
    name: 'model-dir',
    value: 'FOLDER',
    help: ['folder of the model, as the script finds it in AZUREML_MODEL_DIR'],
    set: ({ environment }, value) => {
      environment['AZUREML_MODEL_DIR'] = value;
    },
  },
  {
    name: 'config-file',
    value: 'FILE',
    help: [
      'JSON object of settings by the names of their variables, for those',
      'that the environment does not set (AZUREML_CONFIG_FILE)',
    ],
    set: (into, value) => {
      into.configFile = value;
    },
  },
  {
    name: 'port',
    value: 'N',
    help: [`port, 0 for any free one (SERVER_PORT; default: ${DEFAULT_PORT})`],
    set: ({ options }, value) => {
      options.port = wholeNumber('port', value, 0, 65_535);
    },
  },
  {
    name: 'host',
    value: 'H',
    help: ['address to listen on (default: 0.0.0.0)'],
    set: ({ options }, value) => {
      options.host = value;
    },
  },
  {
    name: 'worker-count',
    value: 'N',
    help: ['processes that share the port (WORKER_COUNT; default: 1)'],
    set: ({ options }, value) => {
      options.workers = wholeNumber('worker-count', value, 1, MAX_WORKERS);
    },
  },
  {
    name: 'worker-timeout',
    value: 'SECONDS',
    help: [
      'longest standstill of a worker of several before it is replaced,',
      '0 for no limit (WORKER_TIMEOUT; default: 300)',
    ],
    set: (into, value) => {
      into.workerTimeoutSeconds = wholeNumber('worker-timeout', value, 0, 1_000_000);
    },
  },
  {
    name: 'parent-watch',
    help: [
      'end with the parent process even while the script loops for ever;',
      'takes a thread (default: on with an IPC channel, else off)',
    ],
    set: (into, value) => {
      into.watchParent = value === 'true';
    },
  },
  {
    name: 'scoring-timeout-ms',
    value: 'N',
    help: ['longest run() (SCORING_TIMEOUT_MS; default: 3600000)'],
    set: ({ options }, value) => {
      options.scoringTimeoutMs = wholeNumber('scoring-timeout-ms', value, 1, 2_147_483_647);
    },
  },
  {
    name: 'max-body-bytes',
    value: 'N',
    help: ['largest body of a request (SERVER_MAX_BODY_BYTES; default: 104857600)'],
    set: ({ options }, value) => {
      options.maxBodyBytes = wholeNumber('max-body-bytes', value, 1);
    },
  },
  {
    name: 'max-header-bytes',
    value: 'N',
    help: ['largest headers (SERVER_MAX_HEADER_BYTES; default: 16384)'],
    set: ({ options }, value) => {
      options.maxHeaderBytes = wholeNumber('max-header-bytes', value, 1_024, 1_048_576);
    },
  },
  {
    name: 'headers-timeout-ms',
    value: 'N',
    help: ['longest wait for headers (SERVER_HEADERS_TIMEOUT_MS; default: 20000)'],
    set: ({ options }, value) => {
      options.headersTimeoutMs = wholeNumber('headers-timeout-ms', value, 1, 2_147_483_647);
    },
  },
  {
    name: 'request-timeout-ms',
    value: 'N',
    help: ['longest wait for all of a request', '(SERVER_REQUEST_TIMEOUT_MS; default: 300000)'],
    set: ({ options }, value) => {
      options.requestTimeoutMs = wholeNumber('request-timeout-ms', value, 1, 2_147_483_647);
    },
  },
  {
    name: 'max-concurrent-requests',
    value: 'N',
    help: [
      'requests scored at the same time, in each worker; more get 503',
      '(SERVER_MAX_CONCURRENT_REQUESTS; default: no limit)',
    ],
    set: ({ options }, value) => {
      options.maxConcurrentRequests = wholeNumber('max-concurrent-requests', value, 1);
    },
  },
  {
    name: 'cors-origins',
    value: 'LIST',
    help: ['origins of pages that may call, comma between them (AML_CORS_ORIGINS)'],
    set: ({ options }, value) => {
      options.corsOrigins = value
        .split(',')
        .map((origin) => origin.trim())
        .filter((origin) => origin !== '');
    },
  },
  {
    name: 'path-prefix',
    value: 'PATH',
    help: ['path that may stand before every route (SERVICE_PATH_PREFIX)'],
    set: ({ options }, value) => {
      options.pathPrefix = value;
    },
  },
  {
    name: 'access-log',
    value: 'FORMAT',
    help: ['text, json or false (SERVER_ACCESS_LOG; default: text)'],
    set: ({ options }, value) => {
      options.accessLog = oneOf('access-log', value, ['text', 'json', 'false']) as 'text' | 'json' | false;
    },
  },
  {
    name: 'server-version',
    help: ['send x-ms-server-version', '(SERVER_VERSION_LOG_RESPONSE_ENABLED; default: on)'],
    set: ({ options }, value) => {
      options.sendServerVersion = value === 'true';
    },
  },
  {
    name: 'log-level',
    value: 'LEVEL',
    help: ['ERROR, WARNING, INFO or DEBUG (AZUREML_LOG_LEVEL; default: INFO)'],
    set: ({ environment }, value) => {
      environment['AZUREML_LOG_LEVEL'] = String(
        oneOf('log-level', value.toUpperCase(), ['ERROR', 'WARNING', 'INFO', 'DEBUG']),
      );
    },
  },
];

/** An error of the command line. */
export function usage(path: string, message: string): ValidationError {
  return new ValidationError({ path, expected: 'as in --help', message });
}

function wholeNumber(flag: string, text: string, min: number, max: number = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `from ${min} to ${max}`;
    throw usage(`--${flag}`, `--${flag} must be a number ${range}, but is "${text}".`);
  }
  return value;
}

function oneOf(flag: string, text: string, known: readonly string[]): string | false {
  if (!known.includes(text)) {
    throw usage(`--${flag}`, `--${flag} must be one of ${known.join(', ')}, but is "${text}".`);
  }
  return text === 'false' ? false : text;
}
