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

const settings = processSingleton('logging', 1, () => ({
  sink: ((line: string) => void process.stderr.write(`${line}\n`)) as LogSink,
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
  settings.sink = sink ?? ((line) => void process.stderr.write(`${line}\n`));
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
      settings.sink(redactSecrets(`azureml-ts:${namespace}:${level} ${message}`));
    }
  };
  return { error: write('error'), warning: write('warning'), info: write('info'), verbose: write('verbose') };
}
