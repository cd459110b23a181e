import { serveProcess } from '../command/serve-process.ts';
import { outliveReaders } from '../command/std-streams.ts';
import { type FromWorker, isWorkerMessage, type ToWorker } from './messages.ts';

type Message<T extends ToWorker['type']> = Extract<ToWorker, { type: T }>;

/**
 * Serves as one worker of several: asks the primary what to serve, opens the port when told to, and ends when told to, on
 * a signal, or with its primary.
 *
 * @returns The exit code.
 */
export async function runWorker(): Promise<number> {
  outliveReaders();
  // For the primary alone: it replaces its workers. Without a listener it would end this process.
  process.on('SIGHUP', () => undefined);
  const begun = heard('azureml-ts:worker-start');
  const opened = heard('azureml-ts:worker-open');
  const retired = heard('azureml-ts:worker-retire');
  const stopped = heard('azureml-ts:worker-stop');
  say({ type: 'azureml-ts:worker-here' });
  const first = await Promise.race([begun, stopped]);
  if (first.type === 'azureml-ts:worker-stop') {
    return 0;
  }
  const { options, beatMs, watchParent } = first;
  if (beatMs > 0) {
    setInterval(() => say({ type: 'azureml-ts:worker-beat' }), beatMs).unref();
  }
  return serveProcess(options, {
    watchParent,
    onFailure: () => undefined,
    async beforeOpen() {
      say({ type: 'azureml-ts:worker-prepared' });
      await opened;
    },
    onStart(end) {
      void stopped.then(({ reason }) => end.ask(reason));
    },
    onServing(server, end) {
      void retired.then(() => server.drain()).then(() => end.ask('replaced by a new worker'));
    },
  });
}

/** Resolves with the first message of a kind. */
function heard<T extends ToWorker['type']>(type: T): Promise<Message<T>> {
  return new Promise((resolve) => {
    process.on('message', function onMessage(message: unknown) {
      if (isWorkerMessage(message) && message.type === type) {
        process.off('message', onMessage);
        resolve(message as Message<T>);
      }
    });
  });
}

function say(message: FromWorker): void {
  if (process.connected) {
    process.send?.(message, undefined, undefined, () => undefined);
  }
}
