import { ValidationError } from '@azureml-ts/common';
import type { FollowLogsOptions, GetLogsOptions } from '../webservice/webservice.ts';
import { checkOptions } from './check-options.ts';
import { followLogFile } from './follow-log-file.ts';
import { checkNumLines, readLogTail } from './log-tail.ts';

const DEFAULT_NUM_LINES = 5_000;
const DEFAULT_FOLLOWED_LINES = 100;
const DEFAULT_INTERVAL_MS = 2_000;

/**
 * Reads the last lines of a service's log.
 *
 * @param logFile The log.
 * @param options As for `LocalWebservice.getLogs`.
 * @throws `UNSUPPORTED_SETTING`; {@link ValidationError} `VALIDATION`.
 */
export async function readServiceLog(logFile: string, options: GetLogsOptions): Promise<string> {
  checkOptions('getLogs', options);
  const { text, leftOut } = await readLogTail(logFile, options.numLines ?? DEFAULT_NUM_LINES);
  return leftOut === 0 ? text : `[${leftOut} bytes of the log before this are left out]\n${text}`;
}

/**
 * Follows a service's log.
 *
 * @param logFile The log.
 * @param options As for `LocalWebservice.followLogs`.
 * @param ended Aborted when the service is deleted.
 * @throws `UNSUPPORTED_SETTING`; {@link ValidationError} `VALIDATION`.
 */
export function followServiceLog(
  logFile: string,
  options: FollowLogsOptions,
  ended: AbortSignal,
): AsyncGenerator<string> {
  checkOptions('followLogs', options);
  const numLines = checkNumLines(options.numLines ?? DEFAULT_FOLLOWED_LINES);
  const { intervalMs = DEFAULT_INTERVAL_MS, abortSignal } = options;
  if (!(typeof intervalMs === 'number' && intervalMs >= 0)) {
    throw new ValidationError({
      path: 'intervalMs',
      expected: 'a number of milliseconds from 0',
      received: intervalMs,
    });
  }
  return followLogFile({ file: logFile, intervalMs, numLines, abortSignal, ended });
}
