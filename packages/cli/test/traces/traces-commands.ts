import type { AzureStandIn, LogsStandIn } from '@azureml-ts/testing';
import { main } from '../../src/index.ts';
import type { CommandIo } from '../../src/io.ts';
import { ioFor, RecordedIo } from '../recorded-io.ts';

type Access = NonNullable<CommandIo['access']>;

/** An io that signs in to the stand-in for logs, and knows no workspace. */
export function ioForLogs(logs: LogsStandIn, env: Record<string, string | undefined> = {}): RecordedIo {
  const io = new RecordedIo({ APPLICATIONINSIGHTS_RESOURCE_ID: logs.resourceId, ...env });
  io.access = { credential: logs.credential, clientOptions: logs.clientOptions } as Access;
  return io;
}

/** An io for the workspace of one stand-in and the logs of another. */
export function ioForBoth(azure: AzureStandIn, logs: LogsStandIn): RecordedIo {
  const io = ioFor(azure);
  const [inAzure] = azure.clientOptions.additionalPolicies;
  const [inLogs] = logs.clientOptions.additionalPolicies;
  const policy = {
    name: 'both',
    sendRequest: (request: { readonly url: string }, next: (request: unknown) => Promise<unknown>) =>
      (request.url.startsWith('https://api.loganalytics.') ? inLogs : inAzure)?.policy.sendRequest(request, next),
  };
  const clientOptions = { ...azure.clientOptions, additionalPolicies: [{ policy, position: 'perRetry' }] };
  const getToken = (scopes: string | string[]) =>
    (String(scopes).includes('loganalytics') ? logs : azure).credential.getToken(scopes);
  io.access = { credential: { getToken }, clientOptions } as unknown as Access;
  return io;
}

/** Runs `azureml-ts traces ...`. */
export async function run(io: RecordedIo, ...argv: readonly string[]) {
  const code = await main(['traces', ...argv], io);
  return { code, out: io.out, error: io.error };
}
