import { Webservice, Workspace, type WorkspaceIdentity } from '@azureml-ts/core';
import { answer } from '../support/child.ts';

/** What to list. */
export interface ListInput {
  readonly workspace: WorkspaceIdentity;
  /** How many services, at most. */
  readonly count: number;
  /** Whether they are all kept. */
  readonly isKept: boolean;
}

/** What it held. */
export interface ListOutput {
  readonly listed: number;
  /** Most of the heap and buffers after garbage collection, less those of before. */
  readonly heldBytes: number;
  /** Most memory of the process. */
  readonly peakBytes: number;
}

const PAGE = 20;

answer<ListInput, ListOutput>(async ({ workspace, count, isKept }) => {
  const ws = new Workspace(workspace);
  // Loads everything and lets it compile.
  await list(ws, Number.POSITIVE_INFINITY, () => undefined);
  const before = await held();
  let most = 0;
  const kept: Webservice[] = [];
  const listed = await list(ws, count, async (service, index) => {
    if (isKept) {
      kept.push(service);
    }
    if (index % PAGE === PAGE - 1) {
      most = Math.max(most, (await held()) - before);
    }
  });
  // What is kept is still there.
  most = Math.max(most, (await held()) - before, kept.length > listed ? 1 : 0);
  return { listed, heldBytes: most, peakBytes: process.resourceUsage().maxRSS * 1024 };
});

async function list(
  ws: Workspace,
  count: number,
  onService: (service: Webservice, index: number) => Promise<void> | void,
): Promise<number> {
  let listed = 0;
  for await (const service of Webservice.list(ws, { kind: 'OnlineEndpoint' })) {
    await onService(service, listed);
    listed += 1;
    if (listed === count) {
      break;
    }
  }
  return listed;
}

async function held(): Promise<number> {
  for (let turn = 0; turn < 4; turn += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
