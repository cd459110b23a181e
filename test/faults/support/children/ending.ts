// Collects rows in a thread or process, and ends in the way that it is told; see ending-task.ts.
import cluster from 'node:cluster';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import type { Ending, EndingMessage, EndingTask } from '../ending-task.ts';

const task = JSON.parse(process.argv[2] ?? '') as EndingTask;

function end(how: Ending): void {
  switch (how) {
    case 'process.exit(4)':
      process.exit(4);
      break;
    case 'own error handler':
      process.on('uncaughtException', () => process.exit(5));
      throw new Error('on purpose');
    case 'uncaught error':
      throw new Error('on purpose');
    case 'unhandled rejection':
      void Promise.reject(new Error('on purpose'));
      break;
    case 'own handler':
    case 'waits':
    case 'terminated':
      setInterval(() => undefined, 1_000);
      break;
    default:
      break;
  }
}

async function collect(): Promise<void> {
  const { plan, rows, how } = task;
  if (plan === undefined) {
    return;
  }
  // Not loaded without us.
  const { openPlan } = await import('../plan.ts');
  const collector = openPlan(plan);
  collector.giveEach(Array.from({ length: rows }, (_, index) => [index, 'a']));
  if (how === 'terminated') {
    await collector.flush({ until: 'journal' });
  }
}

/** What must be there before somebody sends a signal. */
function prepare(): void {
  if (task.how === 'own handler') {
    process.on('SIGTERM', () => setTimeout(() => process.exit(9), 1_000));
  }
}

const ready = (pid: number) => process.send?.({ ready: true, pid } satisfies EndingMessage);
/** The end may not come in a promise: there it would be another one. */
const endSoon = (how: Ending) => setImmediate(() => end(how));

if (task.where === 'worker thread' && isMainThread) {
  if (task.plan !== undefined && task.isKnown) {
    // As any program does whose main thread serves: signals reach only that one.
    await import('@azureml-ts/monitoring');
  }
  const thread = new Worker(import.meta.filename, { argv: process.argv.slice(2) });
  thread.once('message', () => {
    ready(process.pid);
    if (task.how === 'terminated') {
      void thread.terminate();
    }
    if (task.mainEnds !== undefined) {
      endSoon(task.mainEnds);
    }
  });
  thread.once('error', () => undefined);
  thread.once('exit', (code) => {
    process.exitCode = 20 + code;
  });
} else if (task.where === 'cluster worker' && cluster.isPrimary) {
  const worker = cluster.fork();
  worker.once('message', () => {
    ready(worker.process.pid ?? 0);
    if (task.how === 'natural') {
      // A worker has no end of its own before.
      worker.disconnect();
    }
    if (task.mainEnds !== undefined) {
      endSoon(task.mainEnds);
    }
  });
  worker.once('exit', (code, signal) => {
    process.exitCode = signal === null ? 20 + code : 40;
  });
} else {
  await collect();
  prepare();
  if (!isMainThread) {
    parentPort?.postMessage('ready');
  } else if (task.where === 'cluster worker') {
    process.send?.('ready');
  } else {
    ready(process.pid);
  }
  endSoon(task.how);
}
