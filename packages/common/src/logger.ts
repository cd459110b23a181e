import { harmlessLine } from './harmless.ts';
import { processSingleton } from './process-singleton.ts';
import { redactSecrets } from './redact.ts';

/** Weight of a log line, heaviest first. */
export type LogLevel = 'error' | 'warning' | 'info' | 'verbose';

/** Writes the log lines of one package. Lines go to standard error, with secrets taken out. */
export interface Logger {
  /** Something was lost or cannot go on. */
  error(message: string): void;
  /** Something the operator should change. */
  warning(message: string): void;
  /** What happened. */
  info(message: string): void;
  /** Every step, for those who look for a fault. */
  verbose(message: string): void;
}

const LEVELS: readonly LogLevel[] = ['error', 'warning', 'info', 'verbose'];

type LogSink = (line: string) => void;

/** Longest log line, in characters: what a caller sent must not fill the log. */
const MAX_LINE = 8_192;

const ignore = () => undefined;

/**
 * Writes a line to standard error; a reader that went away is no reason to end the process.
 *
 * @param line The line, without line end.
 */
export function writeToStandardError(line: string): void {
  const stream = process.stderr;
  // As Node's own console does it: the stream tells of a broken pipe by an event that would end the process.
  stream.once('error', ignore);
  try {
    stream.write(`${line}\n`, (error) => {
      if (error) {
        stream.once('error', ignore);
      }
    });
  } finally {
    stream.removeListener('error', ignore);
  }
}

const settings = processSingleton('logging', 1, () => ({
  sink: writeToStandardError as LogSink,
  level: undefined as LogLevel | undefined,
}));

/**
 * Sets what is logged by every azureml-ts package of the process.
 *
 * Default: `AZURE_LOG_LEVEL` (as for the Azure SDKs: `error`, `warning`, `info`, `verbose`), else `warning`.
 *
 * @param level The lightest level to write; `undefined` returns to the default.
 */
export function setLogLevel(level: LogLevel | undefined): void {
  settings.level = level;
}

/**
 * Sends the log lines of every azureml-ts package of the process somewhere else.
 *
 * @param sink Gets one line at a time, without line end; `undefined` returns to standard error.
 * @returns A function that restores the sink of before.
 */
export function setLogSink(sink: ((line: string) => void) | undefined): () => void {
  const before = settings.sink;
  settings.sink = sink ?? writeToStandardError;
  return () => {
    settings.sink = before;
  };
}

function isLogged(level: LogLevel): boolean {
  const named = process.env['AZURE_LOG_LEVEL']?.toLowerCase() as LogLevel | undefined;
  const limit = settings.level ?? (named !== undefined && LEVELS.includes(named) ? named : 'warning');
  return LEVELS.indexOf(level) <= LEVELS.indexOf(limit);
}

/**
 * Makes the logger of one package.
 *
 * @param namespace Name of the package without scope: lines start with `azureml-ts:<namespace>:<level>`.
 */
export function createLogger(namespace: string): Logger {
  const write = (level: LogLevel) => (message: string) => {
    if (isLogged(level)) {
      const text =
        message.length > MAX_LINE ? `${message.slice(0, MAX_LINE)}... (${message.length} characters)` : message;
      try {
        settings.sink(harmlessLine(redactSecrets(`azureml-ts:${namespace}:${level} ${text}`)));
      } catch {
        // A log that cannot be written must not disturb what is logged about.
      }
    }
  };
  return { error: write('error'), warning: write('warning'), info: write('info'), verbose: write('verbose') };
}
