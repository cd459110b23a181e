import { isMainThread } from 'node:worker_threads';
import { isClusterWorker } from './cluster-worker.ts';
import { SIGNALS } from './signals.ts';

/** What is done at the events with which a process, or a worker thread, ends. */
export interface ProcessListeners {
  signal(signal: NodeJS.Signals): void;
  beforeExit(): void;
  exit(): void;
  /** Before an uncaught error gets to the process's own handlers. */
  uncaught(): void;
  /** A cluster worker has lost its primary. */
  disconnect(): void;
}

/** Starts to listen. Signals and `disconnect` reach the main thread only. */
export function listen(listeners: ProcessListeners): void {
  process.on('beforeExit', listeners.beforeExit);
  // First of all: a listener that throws, or calls process.exit() itself, keeps the later ones from being called.
  process.prependListener('exit', listeners.exit);
  process.on('uncaughtExceptionMonitor', listeners.uncaught);
  if (isMainThread) {
    for (const signal of SIGNALS) {
      process.prependListener(signal, listeners.signal);
    }
    if (isClusterWorker()) {
      process.prependListener('disconnect', listeners.disconnect);
    }
  }
}

/** Listens no more. */
export function unlisten(listeners: ProcessListeners): void {
  process.off('beforeExit', listeners.beforeExit);
  process.off('exit', listeners.exit);
  process.off('uncaughtExceptionMonitor', listeners.uncaught);
  for (const signal of SIGNALS) {
    process.off(signal, listeners.signal);
  }
  process.off('disconnect', listeners.disconnect);
}
