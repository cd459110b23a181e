import { type LogsStandIn, type LogsStandInOptions, startLogsStandIn } from '@azureml-ts/testing';

/** How the stand-in is reached. */
export function accessTo({ credential, endpoint, clientOptions }: LogsStandIn) {
  return { credential, endpoint, clientOptions };
}

/** Runs a test with a stand-in of its own. */
export async function withLogs<T>(options: LogsStandInOptions, work: (logs: LogsStandIn) => Promise<T>): Promise<T> {
  await using logs = await startLogsStandIn(options);
  return await work(logs);
}

/** All values of an iteration. */
export async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of source) {
    values.push(value);
  }
  return values;
}
