import { inspect } from 'node:util';
import type { AzureStandIn } from '@azureml-ts/testing';
import { OnlineEndpoint } from '../../src/online/online-endpoint.ts';
import type { Workspace } from '../../src/workspace/workspace.ts';
import { type OpenStandInOptions, openStandIn } from '../support/stand-in.ts';

export type Json = Record<string, unknown>;

/** An endpoint `loans` on a stand-in. */
export interface Loans {
  readonly standIn: AzureStandIn;
  readonly workspace: Workspace;
  readonly service: OnlineEndpoint;
  /** Requests so far that are no reading, as `METHOD last/parts`. */
  writes(): string[];
  /** Bodies of the PUT requests so far, by the last part of the address. */
  puts(): Record<string, Json>;
}

export interface LoansOptions extends OpenStandInOptions {
  readonly endpoint?: Json;
  /** Deployments by name. Default: `blue`. */
  readonly deployments?: Record<string, Json>;
}

/** Starts a stand-in with the endpoint `loans`. After the test every exchange must be as the specification says. */
export async function openLoans(options: LoansOptions = {}): Promise<Loans> {
  const { endpoint = {}, deployments = { blue: {} }, ...others } = options;
  const { standIn, workspace } = await openStandIn(others);
  const [first = 'blue'] = Object.keys(deployments);
  const traffic = Object.keys(deployments).length === 0 ? {} : { [first]: 100 };
  const { properties = {}, ...rest } = endpoint;
  standIn.addEndpoint('loans', { ...rest, properties: { traffic, ...(properties as Json) } });
  for (const [name, resource] of Object.entries(deployments)) {
    standIn.addDeployment('loans', name, resource);
  }
  const service = await OnlineEndpoint.get(workspace, 'loans');
  standIn.clearExchanges();
  const sent = () => standIn.exchanges().filter(({ method, isFault }) => method !== 'GET' && !isFault);
  const lastPart = (url: string) => new URL(url).pathname.split('/').at(-1) ?? '';
  return {
    standIn,
    workspace,
    service,
    writes: () => sent().map(({ method, url }) => `${method} ${lastPart(url)}`),
    puts: () =>
      Object.fromEntries(
        sent().flatMap(({ method, url, body }) => (method === 'PUT' ? [[lastPart(url), body as Json]] : [])),
      ),
  };
}

/** Properties of a deployment of `loans`, as the stand-in has them now. */
export function propertiesOf(standIn: AzureStandIn, deploymentName: string): Json {
  return standIn.deployment('loans', deploymentName)?.resource['properties'] as Json;
}

/** A value as it is shown anywhere: printed, and as JSON. */
export function shownEverywhere(value: unknown): string {
  return `${inspect(value, { depth: 9 })}\n${JSON.stringify(value)}\n${value instanceof Error ? value.stack : ''}`;
}
