import { AzuremlError, errorMessage } from '@azureml-ts/common';
import { limited } from '../azure/limited.ts';
import { followLog } from '../webservice/follow-logs.ts';
import type { FollowLogsOptions, GetLogsOptions } from '../webservice/webservice.ts';
import type { EndpointRecord } from './endpoint-record.ts';
import { mergeLines } from './merge-lines.ts';
import { checkOnlineName } from './online-api.ts';
import { checkContainer, readLogs } from './online-logs.ts';

const DEFAULT_NUM_LINES = 5_000;
const DEFAULT_FOLLOWED_LINES = 100;
const DEFAULT_INTERVAL_MS = 2_000;

/** Last lines of one deployment's log, or of all, each under a line with its name when there are several. */
export async function endpointLogs(record: EndpointRecord, options: GetLogsOptions): Promise<string> {
  const { numLines = DEFAULT_NUM_LINES, deploymentName, ...wait } = options;
  const container = checkContainer(options.container ?? 'inference-server');
  return limited(`Reading the logs of ${record.api.subject}`, wait, async (abortSignal) => {
    const names = await deploymentNames(record, deploymentName, abortSignal);
    const read = (name: string) =>
      readLogs({ ...sourceOf(record), deploymentName: name, container }, numLines, { abortSignal });
    if (names.length === 1) {
      return read(String(names[0]));
    }
    const logs = await Promise.allSettled(names.map(read));
    const failures = logs.filter((log) => log.status === 'rejected');
    if (failures.length === names.length) {
      throw failures[0]?.reason;
    }
    return logs
      .map((log, at) => {
        const text =
          log.status === 'fulfilled' ? log.value : `The log could not be read: ${errorMessage(log.reason)}\n`;
        return `==> ${names[at]} <==\n${text === '' || text.endsWith('\n') ? text : `${text}\n`}`;
      })
      .join('\n');
  });
}

/** Lines of one deployment's log as they come, or of all, each with the deployment's name when there are several. */
export async function* followEndpointLogs(record: EndpointRecord, options: FollowLogsOptions): AsyncGenerator<string> {
  const { intervalMs = DEFAULT_INTERVAL_MS, numLines = DEFAULT_FOLLOWED_LINES, deploymentName, abortSignal } = options;
  const container = checkContainer(options.container ?? 'inference-server');
  const ended = new AbortController();
  const signal = abortSignal === undefined ? ended.signal : AbortSignal.any([abortSignal, ended.signal]);
  if (signal.aborted) {
    return;
  }
  try {
    const names = await deploymentNames(record, deploymentName, signal);
    const streams = names.map((name) => ({
      prefix: names.length === 1 ? '' : `[${name}] `,
      lines: followLog({
        read: (lines, readSignal) =>
          readLogs({ ...sourceOf(record), deploymentName: name, container }, lines, { abortSignal: readSignal }),
        intervalMs,
        numLines,
        abortSignal: signal,
      }),
    }));
    yield* mergeLines(streams);
  } catch (error) {
    if (abortSignal?.aborted !== true) {
      throw error;
    }
  } finally {
    ended.abort();
  }
}

function sourceOf({ workspace, name }: EndpointRecord) {
  return { workspace, endpointName: name };
}

async function deploymentNames(
  record: EndpointRecord,
  deploymentName: string | undefined,
  abortSignal: AbortSignal,
): Promise<string[]> {
  if (deploymentName !== undefined) {
    return [checkOnlineName('deploymentName', deploymentName)];
  }
  const names = (await record.readDeployments({ abortSignal })).map(({ name }) => name);
  if (names.length === 0) {
    throw new AzuremlError(
      'DEPLOYMENT_NOT_FOUND',
      `There are no logs of ${record.api.subject}: it has no deployments yet. Deploy one first.`,
    );
  }
  return names;
}
