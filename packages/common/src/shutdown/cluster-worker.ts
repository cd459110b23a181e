import type { Worker } from 'node:cluster';

/** This process as a worker of Node's cluster. The module is loaded by possible workers only: it has a price. */
function clusterWorker(): Worker | undefined {
  const module: unknown = process.send === undefined ? undefined : process.getBuiltinModule?.('node:cluster');
  return (module as { readonly worker?: Worker } | undefined)?.worker;
}

/** Whether this process is a worker of Node's cluster. */
export function isClusterWorker(): boolean {
  return clusterWorker() !== undefined;
}

/**
 * Takes the end of a worker that has lost its primary into our hands: Node would call `process.exit(0)` at once, also in
 * the middle of a shutdown that a Ctrl-C for both of them has started.
 *
 * To be called before Node's own listener of `disconnect`, which asks `exitedAfterDisconnect`.
 *
 * @returns Whether the caller now has to end the process with code 0, as Node would.
 */
export function takeOverLostWorker(): boolean {
  const worker = clusterWorker();
  if (worker === undefined || worker.exitedAfterDisconnect) {
    return false;
  }
  worker.exitedAfterDisconnect = true;
  return true;
}
