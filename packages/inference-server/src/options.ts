import { ValidationError } from '@azureml-ts/common';
import { type CheckedHttpOptions, checkHttpOptions, type HttpOptions } from './http/http-options.ts';
import { integerSetting } from './http/settings.ts';
import { scoringTimeout } from './score/time-limit.ts';
import type { Scoring } from './script/scoring.ts';

/** Port of the server unless set otherwise, as in the reference server. */
export const DEFAULT_PORT = 5001;

/** Options of {@link startServer}. */
export interface StartServerOptions extends HttpOptions {
  /**
   * Path of the scoring script: `.ts`, `.mts`, `.cts`, `.js`, `.mjs` or `.cjs`, with `run` and optionally `init` as named
   * exports or on its default export. A relative path starts at `AZUREML_SOURCE_DIRECTORY`, which itself starts at
   * `AML_APP_ROOT`, else at the current directory. Default: `AZUREML_ENTRY_SCRIPT`.
   */
  readonly entryScript?: string | undefined;
  /** The scoring function itself, instead of a script; also one made by `rawHttp` or `withSchema`. */
  readonly run?: Scoring['run'] | undefined;
  /** Called once before the port opens; only beside `run`. */
  readonly init?: Scoring['init'] | undefined;
  /** Port, 0 to 65535; 0 takes any free one. Default: `SERVER_PORT`, else 5001. */
  readonly port?: number | undefined;
  /** Address to listen on. Default `0.0.0.0`: all IPv4 addresses of the machine. */
  readonly host?: string | undefined;
  /**
   * Processes that share the port, 1 to 1,024, each with its own `init()`; only beside `entryScript`. Default 1. They are
   * workers of Node's cluster; one that fails is replaced. Once they fail again and again, `WORKERS_KEEP_FAILING` is thrown
   * as an uncaught exception, since nothing is left that serves. The command reads `WORKER_COUNT` too.
   */
  readonly workers?: number | undefined;
  /** Longest run of `run()` in milliseconds. Default: `SCORING_TIMEOUT_MS`, else 3,600,000. */
  readonly scoringTimeoutMs?: number | undefined;
  /** Gives up a start that is under way: the promise rejects with the signal's reason. Later it has no effect. */
  readonly abortSignal?: AbortSignal | undefined;
  /** Gets each line of the server's log, without line end and without secrets; workers write theirs to standard error. Default: standard error. */
  readonly onLogLine?: ((line: string) => void) | undefined;
}

/** Options after checking, defaults filled in. */
export interface CheckedOptions {
  readonly source: { readonly entryScript: string } | { readonly scoring: Scoring };
  readonly port: number;
  readonly host: string;
  readonly scoringTimeoutMs: number;
  readonly http: CheckedHttpOptions;
}

/**
 * Checks the options and fills in what the environment and the defaults give.
 *
 * @throws ValidationError `VALIDATION`
 */
export function checkOptions(options: StartServerOptions): CheckedOptions {
  if (typeof options !== 'object' || options === null) {
    throw new ValidationError({ path: 'options', expected: 'an object', received: options });
  }
  return {
    source: checkSource(options),
    port: portOf(options.port),
    host: options.host ?? '0.0.0.0',
    scoringTimeoutMs: scoringTimeout(options.scoringTimeoutMs),
    http: checkHttpOptions(options),
  };
}

/**
 * The port: the option, else `SERVER_PORT`, else the default.
 *
 * @throws ValidationError `VALIDATION`
 */
export function portOf(option: number | undefined): number {
  return integerSetting(['port', option], 'SERVER_PORT', {
    min: 0,
    max: 65_535,
    fallback: DEFAULT_PORT,
  });
}

function checkSource(options: StartServerOptions): CheckedOptions['source'] {
  const { run, init } = options;
  if (run !== undefined || init !== undefined) {
    if (options.entryScript !== undefined) {
      throw new ValidationError({
        path: 'run',
        expected: 'left out when entryScript is given',
        message: 'Both entryScript and functions are given. Give entryScript, or run with an optional init.',
      });
    }
    if (typeof run !== 'function') {
      throw new ValidationError({ path: 'run', expected: 'a function', received: run });
    }
    if (init !== undefined && typeof init !== 'function') {
      throw new ValidationError({ path: 'init', expected: 'a function', received: init });
    }
    return { scoring: init === undefined ? { run } : { run, init } };
  }
  const entryScript = options.entryScript ?? (process.env['AZUREML_ENTRY_SCRIPT'] || undefined);
  if (typeof entryScript !== 'string' || entryScript === '') {
    throw new ValidationError({
      path: 'entryScript',
      expected: 'the path of a scoring script',
      message: 'There is nothing to serve. Give entryScript (or AZUREML_ENTRY_SCRIPT), or a function run.',
    });
  }
  return { entryScript };
}
