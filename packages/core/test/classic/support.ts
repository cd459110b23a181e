import { setLogLevel, setLogSink } from '@azureml-ts/common';
import type { AzureExchange, AzureResource, AzureStandIn, ClassicServiceState } from '@azureml-ts/testing';
import { ClassicWebservice } from '../../src/classic/classic-webservice.ts';
import type { Workspace } from '../../src/workspace/workspace.ts';
import { openStandIn } from '../support/stand-in.ts';

export { rejection } from '../support/local-services.ts';

/** One service on a stand-in, read. */
export interface OpenService<T extends ClassicWebservice> {
  readonly azure: AzureStandIn;
  readonly workspace: Workspace;
  readonly state: ClassicServiceState;
  readonly service: T;
  /** Requests to the classic service since the service was read. */
  sent(): readonly AzureExchange[];
  /** The same as `METHOD path?query` below the workspace. */
  paths(): string[];
}

/** Starts a stand-in with one service and reads it. */
export async function openService<T extends ClassicWebservice>(resource: AzureResource = {}): Promise<OpenService<T>> {
  const { standIn: azure, workspace } = await openStandIn();
  const state = azure.addService('svc', resource);
  const service = (await ClassicWebservice.get(workspace, 'svc')) as T;
  azure.clearExchanges();
  const sent = () => azure.exchanges().filter(({ plane }) => plane === 'classic');
  return { azure, workspace, state, service, sent, paths: () => sent().map(pathOf) };
}

/** `METHOD path?query` below the workspace. */
export function pathOf({ method, url }: AzureExchange): string {
  const { pathname, searchParams } = new URL(url);
  const query = decodeURIComponent(searchParams.toString().replaceAll('+', ' '));
  return `${method} ${pathname.replace(/^.*\/workspaces\/[^/]+\//, '')}${query === '' ? '' : `?${query}`}`;
}

/** The patch that was sent last. */
export function lastPatch(azure: AzureStandIn): unknown {
  return azure.exchanges().findLast(({ method }) => method === 'PATCH')?.body;
}

/** Collects log lines while a test runs. */
export function collectLog(): string[] {
  const lines: string[] = [];
  setLogLevel('info');
  restore.push(
    setLogSink((line) => lines.push(line)),
    () => setLogLevel(undefined),
  );
  return lines;
}

const restore: (() => void)[] = [];
afterEach(() => {
  for (const undo of restore.splice(0)) {
    undo();
  }
});
