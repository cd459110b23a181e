import { isAzuremlError } from '@azureml-ts/common';

/** Exit codes of the command. */
export const EXIT = {
  /** Stopped by SIGTERM, SIGINT or the end of its parent, after every running request was answered. */
  ok: 0,
  /** Wrong arguments or settings. */
  usage: 2,
  /** The script is missing or invalid, or its `init()` failed, as in the reference server; also when it calls `process.exit(0)` before the server is ready. */
  script: 3,
  /** The port is in use, the shutdown was not complete in time, or anything else, an uncaught exception for example. */
  other: 5,
  /** Workers failed again and again. */
  workers: 6,
} as const;

const BY_CODE: Readonly<Record<string, number>> = {
  VALIDATION: EXIT.usage,
  ENTRY_SCRIPT_NOT_FOUND: EXIT.script,
  ENTRY_SCRIPT_INVALID: EXIT.script,
  INIT_FAILED: EXIT.script,
};

/** The exit code for a server that could not start. */
export function exitCodeOf(error: unknown): number {
  return isAzuremlError(error) ? exitCodeOfCode(error.code) : EXIT.other;
}

/** The exit code for the code of an error. */
export function exitCodeOfCode(code: string): number {
  return Object.hasOwn(BY_CODE, code) ? (BY_CODE[code] ?? EXIT.other) : EXIT.other;
}
