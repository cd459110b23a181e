import { type AzureStandIn, startAzureStandIn } from '@azureml-ts/testing';
import { main } from '../../../src/index.ts';
import { ioFor, type RecordedIo } from '../../recorded-io.ts';

/** What a command did. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** A workspace with an online endpoint `loans` (deployment `blue`) and a classic service `old-loans`. */
export async function startLoans() {
  const standIn = await startAzureStandIn();
  standIn.addEndpoint('loans', { tags: { team: 'risk' }, properties: { traffic: { blue: 100 } } });
  standIn.addDeployment('loans', 'blue');
  standIn.addService('old-loans', { kvTags: { team: 'risk' } });
  return standIn;
}

/** Runs `azureml-ts service ...` in a workspace. */
export async function run(standIn: AzureStandIn, argv: readonly string[], io = ioFor(standIn)): Promise<Outcome> {
  const code = await main(['service', ...argv], io);
  return { code, out: io.out, error: io.error };
}

/** The same with JSON output, which is parsed. */
export async function runJson(standIn: AzureStandIn, argv: readonly string[], io: RecordedIo = ioFor(standIn)) {
  const { code, out, error } = await run(standIn, [...argv, '--output', 'json'], io);
  return { code, error, document: JSON.parse(out) };
}

/** Requests that changed something. */
export function writesOf(standIn: AzureStandIn): string[] {
  return standIn
    .exchanges()
    .filter(({ method, url }) => method !== 'GET' && !/listkeys|getLogs|\/token/i.test(url))
    .map(({ method, url }) => `${method} ${new URL(url).pathname.split('/').slice(-3).join('/')}`);
}
